#include "rewards/code/results.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>

#include "base/error.h"
#include "rewards/excerpt.h"

namespace r1::rewards::code {
namespace {

bool contains_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::ranges::any_of(
      words, [&](std::string_view word) { return text.find(word) != std::string_view::npos; });
}

// What driver.py's judge says of one assertion: [index, null or what it raised]; nothing when the
// line is none of its own.
std::optional<std::pair<size_t, std::string>> read_assertion(std::string_view line, size_t count) {
  try {
    const Json told = parse_json(line, "result");
    if (!told.is_array() || told.size() != 2 || !told[0].is_number_unsigned()) return std::nullopt;
    if (told[0].get<size_t>() >= count) return std::nullopt;
    return std::pair(told[0].get<size_t>(), told[1].is_null() ? "" : told[1].get<std::string>());
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::string make_nonce() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw ConfigError("sandbox: no random bytes");
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::string detail_of(std::string_view text) { return excerpt(text, 253); }

std::string_view last_line(std::string_view text) {
  const size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string_view::npos) return {};
  text = text.substr(0, end + 1);
  const size_t begin = text.rfind('\n');
  return begin == std::string_view::npos ? text : text.substr(begin + 1);
}

std::optional<Verdict> limit_named_in(std::string_view complaint) {
  if (contains_any(complaint, {"MemoryError", "bad_alloc", "Cannot allocate memory"}))
    return Verdict::kMemoryLimit;
  if (contains_any(complaint, {"can't start new thread", "Resource temporarily unavailable",
                               "BlockingIOError: [Errno 11]"}))
    return Verdict::kProcessLimit;
  if (contains_any(complaint, {"[Errno 28]", "[Errno 27]", "[Errno 24]", "[Errno 122]",
                               "No space left on device", "File too large", "Too many open files"}))
    return Verdict::kFileLimit;
  return std::nullopt;
}

TestResult judge_call(TestResult ran, std::string_view results, const std::string& nonce,
                      const Json& expected, double tolerance) {
  ran.verdict = Verdict::kWrongAnswer;
  if (!results.starts_with(nonce) || std::ranges::count(results, '\n') != 1) {
    ran.detail = "the program ended before the function returned";
    return ran;
  }
  try {
    const Json value = parse_json(results.substr(nonce.size()), "result", {.max_depth = 220});
    ran.detail = detail_of(compare_value(value, expected, tolerance));
    if (ran.detail.empty()) ran.verdict = Verdict::kAccepted;
  } catch (const DataError& error) {
    ran.detail = detail_of(error.what());
  }
  return ran;
}

std::vector<TestResult> judge_assertions(const TestResult& whole, std::string_view results,
                                         const std::string& nonce, size_t count) {
  TestResult unreached = whole;
  if (whole.verdict == Verdict::kAccepted) {
    unreached.verdict = Verdict::kWrongAnswer;
    unreached.detail = "not reached";
  }
  std::vector<TestResult> tests(count, unreached);
  for (size_t at = 0; at < results.size();) {
    const size_t end = std::min(results.find('\n', at), results.size());
    const std::string_view line = results.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(nonce)) continue;
    const auto told = read_assertion(line.substr(nonce.size()), count);
    if (!told) continue;
    TestResult& one = tests[told->first];
    one.detail = told->second;
    one.verdict = one.detail.empty()                         ? Verdict::kAccepted
                  : one.detail.starts_with("AssertionError") ? Verdict::kWrongAnswer
                                                             : Verdict::kRuntimeError;
    if (one.verdict != Verdict::kAccepted && whole.verdict != Verdict::kAccepted)
      one.verdict = whole.verdict;
  }
  return tests;
}

TestResult judge_checked(TestResult ran, const TestResult& checker, std::string_view said) {
  if (checker.verdict == Verdict::kAccepted) return ran;
  const bool refused = checker.verdict == Verdict::kRuntimeError &&
                       checker.detail.starts_with("exit code 1") &&
                       checker.detail.find("Error") == std::string::npos;
  ran.verdict = refused ? Verdict::kWrongAnswer : Verdict::kInternalError;
  ran.detail = !refused       ? detail_of("the checker failed: " + checker.detail)
               : said.empty() ? "refused by the checker"
                              : detail_of(said);
  return ran;
}

void conclude(Outcome& outcome, const Suite& suite) {
  outcome.total = suite.total();
  outcome.verdict = Verdict::kAccepted;
  for (size_t i = 0; i < outcome.tests.size(); ++i) {
    const TestResult& one = outcome.tests[i];
    outcome.cpu_ms += one.cpu_ms;
    outcome.wall_ms += one.wall_ms;
    outcome.peak_kb = std::max(outcome.peak_kb, one.peak_kb);
    outcome.passed += one.verdict == Verdict::kAccepted;
    const bool first = one.verdict != Verdict::kAccepted && outcome.first_failure < 0;
    const bool lost = one.verdict == Verdict::kInternalError && outcome.verdict != one.verdict;
    if (first) outcome.first_failure = static_cast<int64_t>(i);
    if (!first && !lost) continue;
    outcome.verdict = one.verdict;
    outcome.detail = one.detail;
  }
  if (outcome.verdict == Verdict::kAccepted)
    outcome.score = 1;
  else if (outcome.verdict != Verdict::kInternalError && suite.score != ScoreMode::kAll)
    outcome.score =
        static_cast<double>(suite.score == ScoreMode::kFraction ? outcome.passed
                                                                : outcome.first_failure) /
        static_cast<double>(outcome.total);
}

}  // namespace r1::rewards::code
