// The hostile programs, and programs whose verdicts a plain runner gave.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/file.h"
#include "base/json.h"
#include "rewards/code/hostile.h"
#include "rewards/code/languages.h"
#include "rewards/code/self_test.h"
#include "tests/rewards/code_boxes.h"

namespace r1::rewards::code {
namespace {

TEST(CodeHostileTest, EveryProgramHasItsVerdictAndLeavesNothing) {
  R1_NEEDS_BOXES();
  SelfTestConfig config;
  config.sandbox.workers = 4;                                            // many only wait
  if (const char* only = std::getenv("R1_HOSTILE")) config.only = only;  // to look at one of them
  const SelfTestResult result = run_self_test(config, [](const HostileResult& program) {
    EXPECT_TRUE(program.ok()) << program.name << ": " << testing::PrintToString(program.seen)
                              << ", allowed " << testing::PrintToString(program.allowed) << "; "
                              << program.detail;
  });
  EXPECT_FALSE(result.programs.empty());
  EXPECT_EQ(result.checks.size(), 7);
  for (const HostCheck& check : result.checks)
    EXPECT_TRUE(check.ok) << check.what << ": " << check.note;
}

TEST(CodeHostileTest, TheLibraryHoldsTheFiles) {
  const std::filesystem::path folder =
      std::filesystem::path(R1_SOURCE_DIR) / "rewards/code/hostile";
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    ++files;
    EXPECT_EQ(hostile_files().at(entry.path().filename()), read_file(entry.path())) << entry.path();
  }
  EXPECT_EQ(hostile_files().size(), files);
}

TEST(CodeAgreementTest, SameVerdictsAsAPlainRunner) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  std::vector<Json> rows;
  read_jsonl(std::filesystem::path(R1_TEST_DATA) / "code/agreement.jsonl",
             [&](const Json& row, int64_t) { rows.push_back(row); });
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
