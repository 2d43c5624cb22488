#include "rewards/tinyzero.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "rewards/python_arithmetic.h"
#include "tests/rewards/cases.h"

namespace r1::rewards {
namespace {

// Expected values come from Python itself: tools/tinyzero_countdown_cases.py.
TEST(TinyZero, SameAsThePublishedRule) {
  const auto reward = make("countdown", {{"mode", "tinyzero_compat"}}, "test");
  const int64_t rows = for_each_case("tinyzero.jsonl", [&](const Json& row, int64_t line) {
    SCOPED_TRACE("line " + std::to_string(line) + ": " + row.at("why").get<std::string>());
    const RewardScore score = score_one(*reward, row.at("completion").get<std::string>(), row);
    EXPECT_DOUBLE_EQ(score.value, row.at("value").get<double>());
    EXPECT_EQ(score.reason == Reason::kCorrect, score.value == 1.0);
    EXPECT_EQ(score.reason == Reason::kNoAnswer, score.value == 0.0);
  });
  EXPECT_GE(rows, 30);
}

TEST(TinyZero, StrictRefusesTheHoles) {
  const auto reward = make("countdown", Json::object(), "test");
  for_each_case("tinyzero.jsonl", [&](const Json& row, int64_t line) {
    const std::string why = row.at("why").get<std::string>();
    if (!why.starts_with("hole")) return;
    SCOPED_TRACE("line " + std::to_string(line) + ": " + why);
    const RewardScore score = score_one(*reward, row.at("completion").get<std::string>(), row);
    EXPECT_EQ(score.reason, Reason::kUnparsable);
    EXPECT_DOUBLE_EQ(score.value, 0.1);
  });
}

TEST(TinyZero, GivesReasons) {
  const std::vector<int64_t> nums = {0, 3, 7};
  const auto reason = [&](const std::string& answer) {
    return judge_tinyzero("<answer>" + answer + "</answer>", nums, 10).reason;
  };
  EXPECT_EQ(reason("3+7+0"), Reason::kCorrect);
  EXPECT_EQ(reason("3*7+0"), Reason::kWrong);
  EXPECT_EQ(reason("3+7"), Reason::kWrongNumbers);
  EXPECT_EQ(reason("3+7/0"), Reason::kDivisionByZero);
  EXPECT_EQ(reason("3+7+0a"), Reason::kUnparsable);
  EXPECT_EQ(judge_tinyzero("3+7+0", nums, 10).reason, Reason::kNoAnswer);
  EXPECT_EQ(judge_tinyzero("<answer> 3+7+0 </answer>", nums, 10).answer, "3+7+0");
}

TEST(TinyZero, BoundsWherePythonHasNone) {
  const auto value = [](const std::string& text) { return evaluate_python(text); };
  EXPECT_EQ(value("9**9**9").reason, Reason::kBudgetExceeded);
  EXPECT_EQ(value("2**127").reason, Reason::kBudgetExceeded);
  EXPECT_EQ(to_string(value("2**126").value.integer), "85070591730234615865843651857942052864");
  EXPECT_EQ(to_string(value("(-2)**127").value.integer), "-170141183460469231731687303715884105728");
  EXPECT_EQ(value("(-2)**127//-1").reason, Reason::kBudgetExceeded);
  EXPECT_EQ(value("-(-2)**127").reason, Reason::kBudgetExceeded);
  EXPECT_EQ(to_string(value("1**99999999999999999999999999").value.integer), "1");
  EXPECT_EQ(to_string(value("(-1)**99999999999999999999999999").value.integer), "-1");
  EXPECT_EQ(value(std::string(100'000, '-') + "5").reason, Reason::kBudgetExceeded);
  EXPECT_EQ(value(std::string(60'000, '-') + "5").reason, Reason::kBudgetExceeded);
  EXPECT_EQ(value(std::string(60'000, '(')).reason, Reason::kUnparsable);
  std::string tower = "1";
  for (int i = 0; i < 10'000; ++i) tower += "**1";
  EXPECT_EQ(value(tower).reason, Reason::kBudgetExceeded);
  EXPECT_EQ(value("(-8)**.5").reason, Reason::kBudgetExceeded);
}

// Results that Python 3.11 prints for the same text.
TEST(TinyZero, EvaluatesLikePython) {
  const auto real = [](const std::string& text) {
    const PythonResult result = evaluate_python(text);
    EXPECT_EQ(result.reason, Reason::kWellFormed) << text << ": " << result.problem;
    EXPECT_TRUE(result.value.is_float) << text;
    return result.value.real;
  };
  EXPECT_EQ(real("7/2"), 3.5);
  EXPECT_EQ(real("2**-1"), 0.5);
  EXPECT_EQ(real("1//.1"), 9.0);
  EXPECT_EQ(real("-7.5//2"), -4.0);
  EXPECT_EQ(real("7.5//-2"), -4.0);
  EXPECT_EQ(real("6.0//3"), 2.0);
  EXPECT_TRUE(std::signbit(real("-0.0")));
  EXPECT_TRUE(std::signbit(real("0.0//-3")));
  EXPECT_EQ(real("0." + std::string(400, '0') + "1"), 0.0);
  EXPECT_TRUE(std::isinf(real(std::string(400, '9') + ".0")));
  EXPECT_TRUE(std::isnan(real(std::string(400, '9') + ".0*0")));
  EXPECT_EQ(evaluate_python("99.0**999").reason, Reason::kBudgetExceeded);
  EXPECT_EQ(evaluate_python("0.0**-1").reason, Reason::kDivisionByZero);
  EXPECT_EQ(evaluate_python("1/0+").reason, Reason::kUnparsable);
}

}  // namespace
}  // namespace r1::rewards
