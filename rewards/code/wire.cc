#include "rewards/code/wire.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace r1::rewards::code {
namespace {

bool send_all(int fd, const void* data, size_t size) {
  const char* at = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t count = ::send(fd, at, size, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    at += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

bool receive_all(int fd, void* data, size_t size) {
  char* at = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t count = ::recv(fd, at, size, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    at += count;
    size -= static_cast<size_t>(count);
  }
  return true;
}

Json to_json(const TestResult& test) {
  return {static_cast<int>(test.verdict),
          test.cpu_ms,
          test.wall_ms,
          test.peak_kb,
          test.output_bytes,
          test.detail};
}

TestResult test_from(const Json& json) {
  return {static_cast<Verdict>(json[0].get<int>()), json[1], json[2], json[3], json[4], json[5]};
}

}  // namespace

bool send_message(int fd, const Json& message) {
  const std::vector<uint8_t> bytes = Json::to_cbor(message);
  const uint64_t size = bytes.size();
  return send_all(fd, &size, sizeof size) && send_all(fd, bytes.data(), bytes.size());
}

std::optional<Json> receive_message(int fd) {
  uint64_t size = 0;
  if (!receive_all(fd, &size, sizeof size)) return std::nullopt;
  std::vector<uint8_t> bytes(size);
  if (!receive_all(fd, bytes.data(), size)) return std::nullopt;
  return Json::from_cbor(bytes);
}

Json to_json(const Submission& submission) {
  return {{"language", submission.language},
          {"source", submission.source},
          {"suite", to_json(submission.suite)}};
}

Submission submission_from(const Json& json) {
  return {json["language"], json["source"], parse_suite(json["suite"])};
}

Json to_json(const Outcome& outcome) {
  Json tests = Json::array();
  for (const TestResult& test : outcome.tests) tests.push_back(to_json(test));
  return {{"verdict", static_cast<int>(outcome.verdict)},
          {"passed", outcome.passed},
          {"total", outcome.total},
          {"first_failure", outcome.first_failure},
          {"score", outcome.score},
          {"cpu_ms", outcome.cpu_ms},
          {"wall_ms", outcome.wall_ms},
          {"peak_kb", outcome.peak_kb},
          {"detail", outcome.detail},
          {"tests", std::move(tests)}};
}

Outcome outcome_from(const Json& json) {
  Outcome outcome;
  outcome.verdict = static_cast<Verdict>(json["verdict"].get<int>());
  outcome.passed = json["passed"];
  outcome.total = json["total"];
  outcome.first_failure = json["first_failure"];
  outcome.score = json["score"];
  outcome.cpu_ms = json["cpu_ms"];
  outcome.wall_ms = json["wall_ms"];
  outcome.peak_kb = json["peak_kb"];
  outcome.detail = json["detail"];
  for (const Json& test : json["tests"]) outcome.tests.push_back(test_from(test));
  return outcome;
}

}  // namespace r1::rewards::code
