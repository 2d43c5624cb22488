// What the case files cannot say: rules, positions, extraction, policies, bounds, the reward.
#include <gtest/gtest.h>

#include <string>

#include "base/philox.h"
#include "rewards/math/big_integer.h"
#include "rewards/math/exact.h"
#include "rewards/math/math.h"
#include "rewards/math/parser.h"
#include "rewards/math_answer.h"
#include "tests/base/expect_error.h"
#include "tests/rewards/cases.h"

namespace r1::rewards::math {
namespace {

bool equal(const std::string& gold, const std::string& prediction, const Policy& policy = {}) {
  return compare(gold, prediction, policy).verdict == Verdict::kEqual;
}

Policy policy_of(const Json& json) {
  Policy policy;
  read_config(json, "test", policy);
  return policy;
}

TEST(MathRules, NameWhatDecided) {
  const struct {
    const char *gold, *prediction, *rule;
  } rows[] = {{"x+1", "x + 1", "same_text"},
              {"0.5", "\\frac12", "rational"},
              {"\\frac13", "0.333333", "rounding"},
              {"\\sqrt2", "\\sqrt3", "balls_apart"},
              {"\\sqrt6", "\\sqrt2\\sqrt3", "square_roots"},
              {"x^2-1", "(x-1)(x+1)", "rational_function"},
              {"\\sin 2x", "2\\sin x\\cos x", "points"},
              {"(0,1)", "[0,1)", "interval_set"},
              {"1,2", "2,1", "list"},
              {"(1,2)", "(1,\\frac42)", "tuple"},
              {"x+y=1", "2x+2y=2", "equation"},
              {"\\text{yes}", "true", "words"},
              {"5\\text{ cm}", "0.05\\text{ m}", "unit_conversion"},
              {"25\\%", "25", "percent_sign_left_out"}};
  for (const auto& row : rows) {
    EXPECT_EQ(compare(row.gold, row.prediction).rule, row.rule)
        << row.gold << " and " << row.prediction;
  }
}

TEST(MathRules, ProofsByCalciumNeedTheFullLevel) {
  if (level() != "full") GTEST_SKIP() << "built without FLINT, Arb and Calcium";
  EXPECT_EQ(compare("\\ln 8", "3\\ln 2").rule, "exact_numbers");
  EXPECT_EQ(compare("1", "\\sqrt[3]{2+\\sqrt5}-\\sqrt[3]{\\sqrt5-2}").verdict, Verdict::kEqual);
}

TEST(MathRules, VerdictsThatAreNeitherEqualNorNot) {
  EXPECT_EQ(compare("5/0", "5/0").verdict, Verdict::kReferenceBroken);
  EXPECT_EQ(compare("7", "5/0").verdict, Verdict::kUndefined);
  EXPECT_EQ(compare("7", "7+0(1/(x-x))").verdict, Verdict::kUndefined);
  EXPECT_EQ(compare("\\frac{1}{", "7").verdict, Verdict::kReferenceBroken);
  EXPECT_EQ(compare("7", "\\frac{1}{").verdict, Verdict::kPredictionUnparsable);
  EXPECT_EQ(compare("7", "9^{9^{9^9}}").verdict, Verdict::kBudgetExceeded);
  EXPECT_EQ(compare("9^{9^{9^9}}", "7").verdict, Verdict::kReferenceBroken);
  // A difference of 10^-1500 is below what 4,096 bits with their margin can tell from none.
  EXPECT_EQ(compare("\\pi", "\\pi+10^{-1500}").verdict, Verdict::kUndecided);
  EXPECT_EQ(compare("\\sin x", "\\sin x+10^{-100}").verdict, Verdict::kNotEqual);
}

TEST(MathRules, StepsAreCountedAndRepeat) {
  const Judgement once = compare("\\sqrt[3]{2}+x", "x+2^{1/3}");
  EXPECT_GT(once.steps, 0);
  for (int k = 0; k < 3; ++k) EXPECT_EQ(compare("\\sqrt[3]{2}+x", "x+2^{1/3}").steps, once.steps);
}

TEST(MathParser, SaysWhereItFailed) {
  const struct {
    const char* text;
    uint32_t position;
  } rows[] = {{"1+", 2},     {"(1,2", 4}, {"\\frac{1}{2", 10}, {"2 3", 2},
              {"1 \xff", 2}, {"|x", 2},   {"x+*y", 2}};
  for (const auto& row : rows) {
    engine::Tree tree;
    const engine::Parsed parsed = engine::parse(row.text, tree);
    EXPECT_EQ(parsed.root, nullptr) << row.text;
    EXPECT_EQ(parsed.failure.position, row.position) << row.text << ": " << parsed.failure.problem;
  }
}

TEST(MathParser, DepthOfSixtyFour) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '(') + "7" + std::string(depth, ')');
  };
  EXPECT_TRUE(equal("7", nested(60)));
  EXPECT_EQ(compare("7", nested(70)).verdict, Verdict::kBudgetExceeded);
}

TEST(MathExtract, ReasonsAndPlaces) {
  const struct {
    const char* completion;
    ExtractReason reason;
    const char *source, *answer;
  } rows[] = {
      {"so \\boxed{5}", ExtractReason::kFound, "box", "5"},
      {"so \\fbox{\\frac{1}{2}}.", ExtractReason::kFound, "box", "\\frac{1}{2}"},
      {"\\boxed{\\boxed{4}}", ExtractReason::kFound, "box", "\\boxed{4}"},
      {"\\boxed 5 is it", ExtractReason::kFound, "box", "5"},
      {"\\boxed{1}, \\boxed{2} and \\boxed{3}", ExtractReason::kFound, "box", "1, 2, 3"},
      {"\\boxed{1}. No: \\boxed{2}", ExtractReason::kFound, "box", "2"},
      {"\\boxed{1}\n\n\\boxed{1}", ExtractReason::kFound, "box", "1"},
      {"x = -\\boxed{5}", ExtractReason::kFound, "box", "-5"},
      {"\\boxed{28}\\%", ExtractReason::kFound, "box", "28\\%"},
      {"<think>\\boxed{3}</think>\\boxed{4}", ExtractReason::kFound, "box", "4"},
      {"<think>x</think><answer> 4 </answer> bye", ExtractReason::kFound, "bare", "4"},
      {"<answer>so \\boxed{4}</answer>", ExtractReason::kFound, "box", "4"},
      {"The answer is 42.", ExtractReason::kFound, "phrase", "42"},
      {"The final answer is $\\frac12$. I hope it is correct.", ExtractReason::kFound, "phrase",
       "\\frac12"},
      {"steps\n#### 1,234", ExtractReason::kFound, "phrase", "1,234"},
      {"So we get $x=3$ and stop", ExtractReason::kFound, "formula", "x=3"},
      {"\\frac{3}{4}", ExtractReason::kFound, "bare", "\\frac{3}{4}"},
      {"", ExtractReason::kNoAnswer, "", ""},
      {"\\boxed{}", ExtractReason::kNoAnswer, "", ""},
      {"\\boxed{5", ExtractReason::kUnclosedBox, "", ""},
      {"\\boxed{4} then \\boxed{5", ExtractReason::kUnclosedBox, "", ""},
      {"<think>still \\boxed{5}", ExtractReason::kThinkNeverClosed, "", ""},
      {"<answer>5", ExtractReason::kNoAnswer, "", ""},
  };
  for (const auto& row : rows) {
    const Extraction found = extract(row.completion);
    EXPECT_EQ(std::string(extract_reason_name(found.reason)), extract_reason_name(row.reason))
        << row.completion;
    EXPECT_EQ(found.source, row.source) << row.completion;
    EXPECT_EQ(found.answer, row.answer) << row.completion;
  }
  EXPECT_EQ(extract("ab \\boxed{5}").begin, 10u);
  EXPECT_EQ(extract("\\boxed{" + std::string(5000, '1') + "}").reason, ExtractReason::kTooLong);
}

TEST(MathExtract, Policies) {
  EXPECT_EQ(extract("\\boxed{1} \\boxed{2}", policy_of({{"several_boxes", "refuse"}})).reason,
            ExtractReason::kSeveralBoxes);
  EXPECT_EQ(extract("The answer is 5", policy_of({{"accept_unboxed", false}})).reason,
            ExtractReason::kNoAnswer);
  EXPECT_EQ(extract("\\boxed{5}", policy_of({{"think_opened_by_prompt", true}})).reason,
            ExtractReason::kThinkNeverClosed);
  EXPECT_EQ(extract("hm</think>\\boxed{5}", policy_of({{"think_opened_by_prompt", true}})).answer,
            "5");
}

TEST(MathPolicy, Percent) {
  EXPECT_TRUE(equal("25\\%", "0.25"));
  EXPECT_TRUE(equal("25\\%", "25"));
  EXPECT_FALSE(equal("25", "25\\%"));
  EXPECT_FALSE(equal("25\\%", "25", policy_of({{"percent", "strict"}})));
  EXPECT_TRUE(equal("25", "25\\%", policy_of({{"percent", "figure"}})));
  EXPECT_FALSE(equal("25\\%", "0.25", policy_of({{"percent", "figure"}})));
}

TEST(MathPolicy, Units) {
  EXPECT_TRUE(equal("5\\text{ cm}", "5"));
  EXPECT_FALSE(equal("5\\text{ cm}", "5", policy_of({{"units", "required"}})));
  EXPECT_FALSE(equal("5\\text{ cm}", "0.05\\text{ m}", policy_of({{"units", "same"}})));
  EXPECT_TRUE(equal("5\\text{ cm}", "5\\text{ m}", policy_of({{"units", "ignore"}})));
  EXPECT_TRUE(equal("90\\text{ km/h}", "25\\text{ m/s}"));
  EXPECT_TRUE(equal("1\\text{ mile}", "5280\\text{ feet}"));
}

TEST(MathPolicy, AnglesBaseAndLists) {
  EXPECT_TRUE(equal("45^\\circ", "\\frac{\\pi}{4}"));
  EXPECT_FALSE(equal("45^\\circ", "\\frac{\\pi}{4}", policy_of({{"angles", "unit"}})));
  EXPECT_FALSE(equal("204_5", "54"));
  EXPECT_TRUE(equal("204_5", "54", policy_of({{"base", "value"}})));
  EXPECT_TRUE(equal("204_5", "204", policy_of({{"base", "drop"}})));
  EXPECT_TRUE(equal("1,2,3", "3,2,1"));
  EXPECT_FALSE(equal("1,2,3", "3,2,1", policy_of({{"lists", "ordered"}})));
}

TEST(MathPolicy, RoundingEchoAndAssignments) {
  EXPECT_TRUE(equal("\\pi", "3.14159"));
  EXPECT_TRUE(equal("\\pi", "3.14", policy_of({{"rounding_digits", 3}})));
  EXPECT_FALSE(equal("\\pi", "3.14159", policy_of({{"rounding_digits", 0}})));
  EXPECT_FALSE(equal("\\pi", "3.14158"));
  EXPECT_FALSE(equal("x>2 \\text{ or } x<-2", "|x|>2"));
  EXPECT_TRUE(equal("x>2 \\text{ or } x<-2", "|x|>2", policy_of({{"refuse_echo", false}})));
  EXPECT_TRUE(equal("5", "x=5"));
  EXPECT_FALSE(equal("5", "x=5", policy_of({{"unwrap_assignments", false}})));
}

TEST(MathExplain, ShowsBothTreesAndTheRule) {
  const std::string text = explain("\\frac12", "x+");
  for (const char* part : {"reference: \\frac12\ndivide", "number 1", "not a formula", "at byte 2",
                           "verdict: prediction_unparsable", "rule: parse", "steps:", "level:"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
}

std::string random_digits(const RandomStream& stream, uint32_t index) {
  std::string digits;
  const uint32_t length = 1 + stream.below(60, index, 0);
  for (uint32_t k = 1; k <= length; ++k)
    digits += static_cast<char>('0' + stream.below(10, index, k));
  return digits;
}

// The reduced level's integers against the full level's rationals; at the reduced level both are
// the same arithmetic.
TEST(MathBigInteger, AgreesWithTheLibrary) {
  using engine::BigInteger;
  using engine::Rational;
  const RandomStream stream(7, "big_integer", Purpose::kSample);
  for (uint32_t k = 0; k < 400; ++k) {
    const std::string a = random_digits(stream, 2 * k), b = "1" + random_digits(stream, 2 * k + 1);
    const BigInteger x = BigInteger::from_digits(a, 10), y = BigInteger::from_digits(b, 10);
    const Rational p = Rational::from_digits(a, 10), q = Rational::from_digits(b, 10);
    Rational sum = p, difference = p, product = p, quotient = p;
    sum.add(q);
    difference.subtract(q);
    product.multiply(q);
    quotient.divide(q);
    quotient.round_down();
    BigInteger rest;
    EXPECT_EQ((x + y).text(), sum.text());
    EXPECT_EQ((x - y).text(), difference.text());
    EXPECT_EQ((x * y).text(), product.text());
    const BigInteger whole = x.divide(y, rest);
    EXPECT_EQ(whole.text(), quotient.text()) << a << " / " << b;
    EXPECT_EQ((whole * y + rest).text(), x.text());
    EXPECT_EQ(engine::greatest_common_divisor(x * y, y).text(), y.text());
    BigInteger cube = y * y * y;
    EXPECT_TRUE(cube.take_root(3));
    EXPECT_EQ(cube.text(), y.text());
  }
}

TEST(MathReward, ValuesAndReasons) {
  using rewards::Reason;
  const auto reward =
      rewards::make_math(Json{{"correct", 2}, {"wrong", 0.5}, {"none", 0.25}}, "test");
  const struct {
    const char* completion;
    Json reference;
    double value;
    Reason reason;
  } rows[] = {
      {"so \\boxed{\\frac12}", {{"answer", "0.5"}}, 2, Reason::kCorrect},
      {"so \\boxed{\\frac12}", {{"gold", 0.5}}, 2, Reason::kCorrect},
      {"so \\boxed{3}", {{"answer", "0.5"}}, 0.5, Reason::kWrong},
      {"so \\boxed{5/0}", {{"answer", "0.5"}}, 0.5, Reason::kUndefined},
      {"so \\boxed{1+}", {{"answer", "0.5"}}, 0.5, Reason::kUnparsable},
      {"so \\boxed{9^{9^{9^9}}}", {{"answer", "0.5"}}, 0.5, Reason::kBudgetExceeded},
      {"so \\boxed{\\pi+10^{-1500}}", {{"answer", "\\pi"}}, 0.5, Reason::kUndecided},
      {"", {{"answer", "0.5"}}, 0.25, Reason::kNoAnswer},
      {"\\boxed{5", {{"answer", "0.5"}}, 0.25, Reason::kUnclosedAnswer},
      {"<think>5", {{"answer", "0.5"}}, 0.25, Reason::kUnclosedThink},
      {"\\boxed{5}", {{"answer", "5/0"}}, 0, Reason::kReferenceBroken},
      {"\\boxed{5}", {{"answer", Json::array()}}, 0, Reason::kReferenceBroken},
      {"\\boxed{5}", Json::object(), 0, Reason::kReferenceBroken},
  };
  for (const auto& row : rows) {
    const rewards::RewardScore score = rewards::score_one(*reward, row.completion, row.reference);
    EXPECT_EQ(score.reason, row.reason) << row.completion;
    EXPECT_EQ(score.value, row.value) << row.completion;
  }
  EXPECT_ERROR(ConfigError, rewards::make_math(Json{{"wrong", 2}}, "test"),
               "none <= wrong <= correct");
  EXPECT_ERROR(ConfigError, rewards::make_math(Json{{"policy", {{"percent", "maybe"}}}}, "test"),
               "percent");
}

}  // namespace
}  // namespace r1::rewards::math
