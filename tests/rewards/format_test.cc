#include "rewards/format.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/base/expect_error.h"
#include "tests/rewards/cases.h"

namespace r1::rewards {
namespace {

TEST(Format, CaseFile) {
  const auto opened = make("format", Json::object(), "test");
  const auto own = make("format", {{"think_opened_by_prompt", false}}, "test");
  const int64_t rows = for_each_case("format.jsonl", [&](const Json& row, int64_t line) {
    SCOPED_TRACE("line " + std::to_string(line) + ": " + row.at("why").get<std::string>());
    const Reward& reward = row.at("think_opened_by_prompt").get<bool>() ? *opened : *own;
    const RewardScore score = score_one(reward, row.at("completion").get<std::string>(), row);
    EXPECT_DOUBLE_EQ(score.value, row.at("value").get<double>());
    EXPECT_STREQ(reason_name(score.reason), row.at("reason").get<std::string>().c_str());
    EXPECT_EQ(score.details.contains("position"), score.value == 0);
  });
  EXPECT_GE(rows, 40);
}

TEST(Format, NeedsNoReferenceFields) {
  const auto reward = make("format", Json::object(), "test");
  EXPECT_EQ(score_one(*reward, "a</think><answer>1</answer>", Json::object()).reason, Reason::kWellFormed);
}

TEST(Format, RefusesBadConfig) {
  EXPECT_ERROR(ConfigError, make("format", {{"think_opened", true}}, "test"), "think_opened_by_prompt");
  EXPECT_ERROR(ConfigError, make("format", {{"think_opened_by_prompt", 1}}, "test"), "test.think_opened_by_prompt");
}

}  // namespace
}  // namespace r1::rewards
