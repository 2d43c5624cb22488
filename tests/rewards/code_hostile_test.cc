// The hostile programs of tests/data/code: what they try, and what may come of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/file.h"
#include "base/json.h"
#include "rewards/code/box.h"
#include "rewards/code/languages.h"
#include "tests/rewards/code_boxes.h"

namespace r1::rewards::code {
namespace {

const std::filesystem::path kFolder = std::filesystem::path(R1_TEST_DATA) / "code";

std::string unhex(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return bytes;
}

// A text, or {"generate": {"prefix", "repeat", "count", "suffix", "hex"}} for a long one.
std::string text_of(const Json& text) {
  if (text.is_string()) return text;
  const Json& how = text["generate"];
  const auto part = [&](const char* key) {
    const std::string written = how.value(key, "");
    return how.value("hex", false) ? unhex(written) : written;
  };
  std::string all = part("prefix");
  const std::string repeat = part("repeat");
  for (int64_t i = 0; i < how.value("count", 0); ++i) all += repeat;
  return all + part("suffix");
}

std::string source_of(const Json& row) {
  return row.contains("generate") ? text_of(row)
                                  : read_file(kFolder / "hostile" / row["file"].get<std::string>());
}

Json tests_of(const Json& row) {
  Json tests = row["tests"];
  if (tests.contains("cases"))
    for (Json& test : tests["cases"])
      for (const char* key : {"input", "output"})
        if (test.contains(key)) test[key] = text_of(test[key]);
  return tests;
}

// Everything outside that the boxes of a launcher could leave something in: groups, mounts,
// processes, files.
std::vector<std::string> traces(pid_t launcher) {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  const auto of_a_box = [&](const fs::path& path) {
    struct stat status {};
    const uint32_t first = first_user(launcher);
    return ::lstat(path.c_str(), &status) == 0 && status.st_uid >= first &&
           status.st_uid < first + kUsers;
  };
  for (const char* folder : {"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/proc"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (of_a_box(entry.path())) found.push_back(entry.path());
  }
  std::ifstream mounts("/proc/self/mounts");
  for (std::string line; std::getline(mounts, line);) found.push_back(line);
  std::ranges::sort(found);
  return found;
}

TEST(CodeHostileTest, EveryProgramHasItsVerdictAndLeavesNothing) {
  R1_NEEDS_BOXES();
  const char* only = std::getenv("R1_HOSTILE");  // a part of a name, to look at one of them
  const auto sandbox = test_sandbox(4);  // many only wait
  const std::string level = isolation_name(machine().isolation);
  run(*sandbox, "python", "print(1)",
      Json::parse(R"({"type":"stdin","cases":[{"input":"","output":"1"}]})"));
  const std::vector<std::string> before = traces(launcher_pid());
  std::vector<Json> rows;
  read_jsonl(kFolder / "hostile.jsonl", [&](const Json& row, int64_t) {
    if (!only || row["name"].get<std::string>().find(only) != std::string::npos)
      rows.push_back(row);
  });
  std::vector<std::future<Outcome>> outcomes;
  for (const Json& row : rows)
    outcomes.push_back(sandbox->run({row["language"], source_of(row), parse_suite(tests_of(row))}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const Outcome outcome = outcomes[i].get();
    const Json& allowed = rows[i]["expect"][level];
    EXPECT_NE(std::ranges::find(allowed, Json(verdict_name(outcome.verdict))), allowed.end())
        << rows[i]["id"] << " " << rows[i]["name"] << ": " << verdict_name(outcome.verdict) << " ("
        << outcome.detail << "), allowed " << dump_json(allowed) << "; " << outcome.cpu_ms
        << " ms of " << outcome.wall_ms;
  }
  // What has ended is taken away a moment later, by the system's first process.
  std::vector<std::string> left;
  for (int waited = 0; waited < 30; ++waited) {
    left.clear();
    std::ranges::set_difference(traces(launcher_pid()), before, std::back_inserter(left));
    if (left.empty()) break;
    ::usleep(100'000);
  }
  EXPECT_THAT(left, testing::IsEmpty());
}

TEST(CodeAgreementTest, SameVerdictsAsAPlainRunner) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  std::vector<Json> rows;
  read_jsonl(kFolder / "agreement.jsonl", [&](const Json& row, int64_t) { rows.push_back(row); });
  for (const Json& row : rows) {
    const Language& language = *find_language(row["language"].get<std::string>());
    const Extraction found = extract(row["completion"].get<std::string>(), language);
    const std::string wanted = row["verdict"];
    if (found.reason != ExtractReason::kFound) {
      EXPECT_EQ(wanted, "no_code") << row["id"];
      continue;
    }
    const Outcome outcome = run(*sandbox, language.name, found.source, row["tests"]);
    EXPECT_EQ(verdict_name(outcome.verdict), wanted) << row["id"] << ": " << outcome.detail;
    const bool counted = row["tests"].value("score", "all") == "fraction";
    EXPECT_TRUE(!counted || outcome.passed == row["passed"].get<int64_t>()) << row["id"];
  }
}

}  // namespace
}  // namespace r1::rewards::code
