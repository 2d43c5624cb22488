#include "recipes/code_problems.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "rewards/code_execution.h"
#include "tests/base/expect_error.h"
#include "tests/rewards/code_boxes.h"

namespace r1::recipes {
namespace {

using testing::EndsWith;
using testing::StartsWith;

RandomStream draws_of(uint64_t seed) { return RandomStream(seed, "data", Purpose::kData); }

std::set<std::string> prompts_of(const std::vector<CodeProblem>& problems) {
  std::set<std::string> prompts;
  for (const CodeProblem& problem : problems) prompts.insert(problem.prompt);
  return prompts;
}

const CodeProblem& find(const std::vector<CodeProblem>& problems, const std::string& prompt) {
  for (const CodeProblem& problem : problems)
    if (problem.prompt == prompt) return problem;
  throw DataError("no problem \"" + prompt + "\"");
}

TEST(CodeProblems, OneOfThemByHand) {
  const std::vector<CodeProblem> all = all_code_problems();
  const CodeProblem& problem = find(all, "f(n): n kept between 3 and 12\n");
  EXPECT_EQ(problem.family, "clamp");
  EXPECT_EQ(problem.right, "```python\ndef f(n):\n  return max(3, min(12, n))\n```");
  EXPECT_EQ(problem.tests,
            parse_json(R"({"type": "call", "entry": "f", "cases": [{"args": [0], "expected": 3},
                           {"args": [3], "expected": 3}, {"args": [5], "expected": 5},
                           {"args": [12], "expected": 12}, {"args": [16], "expected": 12}]})",
                       "test"));
  EXPECT_THAT(problem.wrong,
              testing::ElementsAre("```python\ndef f(n):\n  return max(4, min(12, n))\n```",
                                   "```python\ndef f(n):\n  return max(3, min(13, n))\n```",
                                   "```python\ndef f(n):\n  return min(3, max(12, n))\n```",
                                   "```python\ndef f(n:\n  return max(3, min(12, n))\n```",
                                   "def f(n):\n  return max(3, min(12, n))\n```",
                                   "```python\ndef f(n):\n  return max(3, min(12, n))\n"));
}

TEST(CodeProblems, AreDistinctAndMostlyCalls) {
  const std::vector<CodeProblem> all = all_code_problems();
  EXPECT_EQ(prompts_of(all).size(), all.size());
  std::map<std::string, int> families, kinds;
  for (const CodeProblem& problem : all) ++families[problem.family];
  for (const auto& [family, count] : families) {
    EXPECT_GE(count, 80) << family;
    EXPECT_LE(count, 150) << family;
  }
  for (const auto& [family, count] : families)
    for (const CodeProblem& problem : all)
      if (problem.family == family) {
        ++kinds[problem.tests["type"]];
        break;
      }
  EXPECT_EQ(kinds, (std::map<std::string, int>{{"call", 11}, {"stdin", 2}, {"assert", 2}}));
}

TEST(CodeProblems, PartsShareNoPrompt) {
  CodeProblemsConfig config;
  const CodeSplit split = make_code_problems(config, draws_of(1));
  EXPECT_EQ(split.test.size(), 300u);
  EXPECT_EQ(split.validation.size(), 100u);
  EXPECT_EQ(split.train.size() + 400, all_code_problems().size());
  std::set<std::string> all = prompts_of(split.train);
  all.merge(prompts_of(split.validation));
  all.merge(prompts_of(split.test));
  EXPECT_EQ(all.size(), all_code_problems().size());
  config.train_problems = 50;
  EXPECT_EQ(make_code_problems(config, draws_of(1)).train.size(), 50u);
}

TEST(CodeProblems, SeedDecides) {
  const CodeSplit one = make_code_problems({}, draws_of(1)),
                  again = make_code_problems({}, draws_of(1)),
                  two = make_code_problems({}, draws_of(2));
  EXPECT_EQ(one.test[0].prompt, again.test[0].prompt);
  EXPECT_EQ(prompts_of(one.test), prompts_of(again.test));
  EXPECT_NE(prompts_of(one.test), prompts_of(two.test));
}

TEST(CodeProblems, RefusesMoreThanThereAre) {
  CodeProblemsConfig config;
  config.train_problems = 100'000;
  EXPECT_ERROR(ConfigError, make_code_problems(config, draws_of(1)), "100000 training");
  config.train_problems = 0;
  config.test_problems = 100'000;
  EXPECT_ERROR(ConfigError, make_code_problems(config, draws_of(1)), "ask for fewer");
}

TEST(CodeProblems, RightShareOfTheCompletions) {
  const CodeProblem problem = all_code_problems()[0];
  std::map<std::string, int> counts;
  for (uint64_t row = 0; row < 10'000; ++row)
    ++counts[code_completion(problem, 0.4, draws_of(1), row)];
  EXPECT_NEAR(counts[problem.right], 4000, 200);  // 4 standard deviations
  const double each = 6000.0 / static_cast<double>(problem.wrong.size());
  for (const std::string& wrong : problem.wrong) EXPECT_NEAR(counts[wrong], each, 150) << wrong;
}

// The sandbox is the judge: all right completions pass, no wrong one does.
TEST(CodeProblems, TestsTellRightFromWrong) {
  using namespace rewards::code;
  R1_NEEDS_BOXES();
  const auto reward = rewards::make_code({{"sandbox", {{"cpu_s", 1}, {"memory_mb", 32}}}}, "test");
  // Of every family the first and one from the middle.
  std::map<std::string, std::vector<CodeProblem>> families;
  for (const CodeProblem& problem : all_code_problems())
    families[problem.family].push_back(problem);
  std::map<rewards::Reason, int> reasons;
  for (const auto& [family, problems] : families)
    for (const size_t i : {size_t{0}, problems.size() / 2}) {
      const CodeProblem& problem = problems[i];
      const Json row = {{"language", "python"}, {"tests", problem.tests}};
      rewards::RewardGroup group;
      group.reference = &row;
      group.completions.push_back({problem.prompt, problem.right});
      for (const std::string& wrong : problem.wrong)
        group.completions.push_back({problem.prompt, wrong});
      const auto scores = reward->score(group);
      EXPECT_EQ(scores[0].reason, rewards::Reason::kCorrect) << problem.right << scores[0].details;
      EXPECT_EQ(scores[0].value, 1);
      for (size_t w = 1; w < scores.size(); ++w) {
        ++reasons[scores[w].reason];
        EXPECT_NE(scores[w].reason, rewards::Reason::kCorrect)
            << problem.prompt << problem.wrong[w - 1];
        EXPECT_FALSE(rewards::is_rewarder_fault(scores[w].reason)) << scores[w].details;
        EXPECT_EQ(scores[w].value, 0);
      }
    }
  // One missing bracket and two missing fences each; the loops that never end.
  EXPECT_EQ(reasons[rewards::Reason::kCompileError], 15 * 2);
  EXPECT_EQ(reasons[rewards::Reason::kNoCode], 15 * 2 * 2);
  EXPECT_EQ(reasons[rewards::Reason::kTimeLimit], 2);
  EXPECT_EQ(reasons[rewards::Reason::kMemoryLimit], 2);
}

}  // namespace
}  // namespace r1::recipes
