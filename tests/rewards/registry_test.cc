#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "rewards/reward.h"
#include "tests/base/expect_error.h"
#include "tests/rewards/cases.h"

namespace r1::rewards {
namespace {

class LengthReward : public Reward {
 public:
  std::vector<RewardScore> score(const RewardGroup& group) const override {
    std::vector<RewardScore> scores;
    for (const RewardInput& input : group.completions) {
      scores.push_back({static_cast<double>(input.completion.size()), Reason::kCorrect, {}});
    }
    return scores;
  }
};

TEST(Reason, NamesAreUniqueAndStable) {
  const std::string expected[] = {"correct",         "wrong",       "well_formed",      "no_answer",      "unclosed_answer",
                                  "many_answers",    "no_think",    "unclosed_think",   "many_thinks",    "bad_order",
                                  "text_outside",    "empty_block", "unparsable",       "wrong_numbers",  "division_by_zero",
                                  "budget_exceeded", "truncated",   "reference_broken", "rewarder_failed", "undecided",
                                  "undefined",       "no_code",     "compile_error",    "runtime_error",  "time_limit",
                                  "memory_limit",    "output_limit", "process_limit",   "file_limit",     "security_violation"};
  int index = 0;
  for (const std::string& name : expected) {
    EXPECT_EQ(reason_name(static_cast<Reason>(index)), name);
    EXPECT_EQ(is_rewarder_fault(static_cast<Reason>(index)), name == "reference_broken" || name == "rewarder_failed");
    ++index;
  }
  EXPECT_THROW(reason_name(static_cast<Reason>(index)), InternalError);
}

TEST(Registry, KnowsItsRewards) {
  const std::vector<std::string> known = names();
  EXPECT_TRUE(std::is_sorted(known.begin(), known.end()));
  for (const char* name : {"countdown", "format", "math"}) {
    EXPECT_NE(std::find(known.begin(), known.end(), name), known.end());
    EXPECT_NE(make(name, Json::object(), "test"), nullptr);
    EXPECT_FALSE(describe(name).empty());
  }
  EXPECT_EQ(describe("countdown")[0].name, "mode");
}

TEST(Registry, NamesTheNearestReward) {
  EXPECT_ERROR(ConfigError, make("contdown", Json::object(), "recipe.json: rewards"),
               "recipe.json: rewards: unknown reward 'contdown', known:");
  EXPECT_ERROR(ConfigError, make("contdown", Json::object(), ""), "did you mean 'countdown'?");
  EXPECT_ERROR(ConfigError, describe("formt"), "did you mean 'format'?");
}

TEST(Registry, TakesOneMore) {
  add("test_length", [](const Json&, const std::string&) { return std::make_unique<LengthReward>(); });
  const auto reward = make("test_length", Json::object(), "test");
  EXPECT_DOUBLE_EQ(score_one(*reward, "four", Json::object()).value, 4);
  EXPECT_TRUE(describe("test_length").empty());
  EXPECT_ERROR(ConfigError,
               add("test_length", [](const Json&, const std::string&) -> std::unique_ptr<Reward> { return nullptr; }),
               "is there already");
}

TEST(Registry, AFactoryMustMakeSomething) {
  add("test_nothing", [](const Json&, const std::string&) { return std::unique_ptr<Reward>(); });
  EXPECT_THROW(make("test_nothing", Json::object(), "test"), InternalError);
  EXPECT_THROW(add("", [](const Json&, const std::string&) { return std::unique_ptr<Reward>(); }), InternalError);
  EXPECT_THROW(add("test_no_factory", Factory()), InternalError);
}

}  // namespace
}  // namespace r1::rewards
