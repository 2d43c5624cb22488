#include "grpo/advantage.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/json.h"
#include "tests/base/expect_error.h"

namespace r1::grpo {
namespace {

using Table = std::vector<std::vector<double>>;

std::vector<std::vector<bool>> all_usable(const Table& rewards_PG) {
  std::vector<std::vector<bool>> usable_PG;
  for (const auto& group : rewards_PG) usable_PG.emplace_back(group.size(), true);
  return usable_PG;
}

Advantages compute(const Table& rewards_PG, const std::string& scale, int ddof = 1, double epsilon = 0) {
  AdvantageConfig config;
  config.scale_rewards = scale;
  config.std_ddof = ddof;
  config.epsilon = epsilon;
  return group_advantages(rewards_PG, all_usable(rewards_PG), config);
}

void expect_table(const Table& values, const Table& wanted) {
  ASSERT_EQ(values.size(), wanted.size());
  for (size_t p = 0; p < wanted.size(); ++p) {
    ASSERT_EQ(values[p].size(), wanted[p].size());
    for (size_t i = 0; i < wanted[p].size(); ++i) EXPECT_NEAR(values[p][i], wanted[p][i], 1e-14) << p << ", " << i;
  }
}

TEST(GroupAdvantage, CentresAndScalesByTheGroup) {
  // Group 1: mean 2, sum of squares 2, so std is 1 over 2 and sqrt(2/3) over 3.
  const double population = 1 / std::sqrt(2.0 / 3.0);
  expect_table(compute({{1, 2, 3}, {5, 9}}, "group").values_PG, {{-1, 0, 1}, {-2 / std::sqrt(8.0), 2 / std::sqrt(8.0)}});
  expect_table(compute({{1, 2, 3}}, "group", 0).values_PG, {{-population, 0, population}});
  expect_table(compute({{1, 2, 3}}, "group", 1, 1.0).values_PG, {{-0.5, 0, 0.5}});
}

TEST(GroupAdvantage, ScalesByTheBatchButCentresOnTheGroup) {
  // All rewards: 0, 2, 4, 6: mean 3, sum of squares 20.
  const double std = std::sqrt(20.0 / 3.0);
  const Advantages advantages = compute({{0, 2}, {4, 6}}, "batch");
  expect_table(advantages.values_PG, {{-1 / std, 1 / std}, {-1 / std, 1 / std}});
  EXPECT_DOUBLE_EQ(advantages.mean, 3);
  EXPECT_DOUBLE_EQ(advantages.std, std);
  EXPECT_DOUBLE_EQ(advantages.group_std[0], std::sqrt(2.0));
}

TEST(GroupAdvantage, NoneOnlyCentres) {
  expect_table(compute({{1, 0, 0.5}, {0.1, 0.3}}, "none").values_PG, {{0.5, -0.5, 0}, {-0.1, 0.1}});
}

TEST(GroupAdvantage, EqualRewardsGiveExactZeros) {
  for (const char* scale : {"group", "batch", "none"}) {
    // The rounded mean of three times 0.1 is not 0.1: only a test of equality gives zeros.
    const Advantages advantages = compute({{0.1, 0.1, 0.1}, {1, 0, 0}, {7}}, scale, 1, 1e-4);
    for (double value : advantages.values_PG[0]) EXPECT_EQ(value, 0);
    EXPECT_EQ(advantages.values_PG[2][0], 0);
    EXPECT_EQ(advantages.group_std[0], 0);
    EXPECT_EQ(advantages.zero_std_groups, 2);
    EXPECT_EQ(advantages.usable_groups, 3);
  }
}

TEST(GroupAdvantage, UnusableRowsLeaveTheStatistics) {
  const double nan = std::nan("");
  const Advantages advantages =
      group_advantages({{1, 100, 3, 2}, {nan, nan}, {4, nan}}, {{true, false, true, true}, {false, false}, {true, false}}, {});
  expect_table(advantages.values_PG, {{-1 / 1.0001, 0, 1 / 1.0001, 0}, {0, 0}, {0, 0}});
  EXPECT_DOUBLE_EQ(advantages.mean, 2.5);
  EXPECT_EQ(advantages.usable_groups, 2);
  EXPECT_EQ(advantages.zero_std_groups, 1);
}

TEST(GroupAdvantage, NoUsableRowAtAllGivesZeros) {
  for (const char* scale : {"group", "batch", "none"}) {
    AdvantageConfig config;
    config.scale_rewards = scale;
    const Advantages advantages = group_advantages({{1, 2}, {3}}, {{false, false}, {false}}, config);
    expect_table(advantages.values_PG, {{0, 0}, {0}});
    EXPECT_EQ(advantages.mean, 0);
    EXPECT_EQ(advantages.std, 0);
    EXPECT_EQ(advantages.usable_groups, 0);
    EXPECT_EQ(advantages.zero_std_groups, 0);
  }
  EXPECT_TRUE(group_advantages({}, {}, {}).values_PG.empty());
}

TEST(GroupAdvantage, PermutingAGroupPermutesItsAdvantages) {
  const Advantages one = compute({{1, 0.1, 0, 0.1}, {3, 1, 4, 1}}, "group", 1, 1e-4);
  const Advantages two = compute({{0.1, 0, 0.1, 1}, {3, 1, 4, 1}}, "group", 1, 1e-4);
  expect_table(two.values_PG,
               {{one.values_PG[0][1], one.values_PG[0][2], one.values_PG[0][3], one.values_PG[0][0]}, one.values_PG[1]});
}

TEST(GroupAdvantage, NonFiniteUsableRewardIsAnError) {
  for (double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    EXPECT_ERROR(DataError, compute({{1, 2}, {3, 4, bad}}, "none"), "completion 2 of group 1");
  }
}

TEST(GroupAdvantage, ShapesMustAgree) {
  EXPECT_ERROR(InternalError, group_advantages({{1, 2}}, {{true}}, {}), "differ in length");
  EXPECT_ERROR(InternalError, group_advantages({{1}}, {}, {}), "differ in groups");
}

TEST(AdvantageConfig, ReadsStrictly) {
  AdvantageConfig config;
  read_config(parse_json(R"({"scale_rewards": "none", "std_ddof": 0})", "t"), "t", config);
  EXPECT_EQ(config.scale_rewards, "none");
  EXPECT_EQ(config.std_ddof, 0);
  EXPECT_ERROR(ConfigError, read_config(parse_json(R"({"scale_rewards": "std"})", "t"), "t", config), "scale_rewards");
}

}  // namespace
}  // namespace r1::grpo
