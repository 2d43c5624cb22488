#include "rewards/expression.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/rewards/cases.h"

namespace r1::rewards {
namespace {

std::string value_of(const std::string& text) {
  const Expression result = parse_expression(text);
  return result.reason == Reason::kWellFormed ? to_string(result.value) : reason_name(result.reason);
}

std::string repeat(const std::string& piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += piece;
  return text;
}

TEST(Expression, FollowsPrecedenceAndAssociativity) {
  EXPECT_EQ(value_of("2+3*4"), "14");
  EXPECT_EQ(value_of("(2+3)*4"), "20");
  EXPECT_EQ(value_of("10-4-3"), "3");
  EXPECT_EQ(value_of("10-(4-3)"), "9");
  EXPECT_EQ(value_of("48/4/2"), "6");
  EXPECT_EQ(value_of("48/(4/2)"), "24");
  EXPECT_EQ(value_of("2*3/4*5"), "15/2");
  EXPECT_EQ(value_of("1-2*3+4/5"), "-21/5");
  EXPECT_EQ(value_of("0"), "0");
}

TEST(Expression, ListsNumbersAsWritten) {
  const Expression result = parse_expression("(12-3)*0+12/7");
  EXPECT_TRUE(result.complete);
  EXPECT_EQ(result.numbers, (std::vector<int64_t>{12, 3, 0, 12, 7}));
  EXPECT_EQ(result.problem, "");
}

TEST(Expression, StaysCompleteWithoutValue) {
  const Expression zero = parse_expression("1/(2-2)+5");
  EXPECT_EQ(zero.reason, Reason::kDivisionByZero);
  EXPECT_EQ(zero.position, 1u);
  EXPECT_TRUE(zero.complete);
  EXPECT_EQ(zero.numbers, (std::vector<int64_t>{1, 2, 2, 5}));

  const std::string big = "999999999999999999";
  const Expression large = parse_expression(big + "*" + big + "*" + big + "+1");
  EXPECT_EQ(large.reason, Reason::kBudgetExceeded);
  EXPECT_EQ(large.position, 37u);
  EXPECT_TRUE(large.complete);
  EXPECT_EQ(large.numbers.size(), 4u);
}

TEST(Expression, SyntaxErrorBehindDivisionByZeroWins) {
  const Expression result = parse_expression("1/0+");
  EXPECT_EQ(result.reason, Reason::kUnparsable);
  EXPECT_EQ(result.position, 4u);
  EXPECT_FALSE(result.complete);
}

struct Refused {
  const char* text;
  size_t position;
  const char* problem;
};

TEST(Expression, SaysWhereAndWhy) {
  const Refused cases[] = {
      {"", 0, "ends where a number or '(' is needed"},
      {"  ", 2, "ends where a number or '(' is needed"},
      {"3+", 2, "ends where a number or '(' is needed"},
      {"-3", 0, "a sign in front of a number or '(' is not allowed"},
      {"3*(-4)", 3, "a sign in front of a number or '(' is not allowed"},
      {"2**3", 1, "'**' is not allowed"},
      {"7//2", 1, "'//' is not allowed"},
      {"1.5", 1, "'.' is not allowed"},
      {"1 2", 2, "an operator is needed before '2'"},
      {"2(3)", 1, "an operator is needed before '('"},
      {"(2)3", 3, "an operator is needed before '3'"},
      {"1+2)", 3, "')' without '('"},
      {"4*(1+2", 2, "'(' is never closed"},
      {"(1 2)", 3, "an operator is needed before '2'"},
      {"()", 1, "a number or '(' is needed, not ')'"},
      {"1+x", 2, "a number or '(' is needed, not 'x'"},
      {"1+2=3", 3, "'=' is not allowed"},
      {"1+\xef\xbc\x92", 2, "a number or '(' is needed, not byte 0xef"},
      {"1+2\xff", 3, "byte 0xff is not allowed"},
      {"12+007", 3, "leading zeros are not allowed"},
  };
  for (const Refused& expected : cases) {
    SCOPED_TRACE(expected.text);
    const Expression result = parse_expression(expected.text);
    EXPECT_EQ(result.reason, Reason::kUnparsable);
    EXPECT_EQ(result.position, expected.position);
    EXPECT_EQ(result.problem, expected.problem);
    EXPECT_FALSE(result.complete);
  }
}

TEST(Expression, TreatsNulAsCharacter) {
  const std::string text("1+2\0", 4);
  const Expression result = parse_expression(text);
  EXPECT_EQ(result.reason, Reason::kUnparsable);
  EXPECT_EQ(result.position, 3u);
  EXPECT_EQ(result.problem, "byte 0x00 is not allowed");
  EXPECT_EQ(parse_expression(std::string("1+\0", 3)).reason, Reason::kUnparsable);
}

TEST(Expression, HoldsItsLimits) {
  EXPECT_EQ(value_of(repeat("(", 64) + "7" + repeat(")", 64)), "7");
  EXPECT_EQ(value_of(repeat("(", 65) + "7" + repeat(")", 65)), "budget_exceeded");
  EXPECT_EQ(value_of(repeat("(7)-", 63) + "(7)"), "-434");  // depth counts open brackets, not all
  EXPECT_EQ(value_of(repeat("1+", 63) + "1"), "64");
  EXPECT_EQ(value_of(repeat("1+", 64) + "1"), "budget_exceeded");
  EXPECT_EQ(value_of("999999999999999999"), "999999999999999999");
  EXPECT_EQ(value_of("1000000000000000000"), "budget_exceeded");
  EXPECT_EQ(value_of("1+" + repeat(" ", 4093) + "2"), "3");
  EXPECT_EQ(value_of("1+" + repeat(" ", 4094) + "2"), "budget_exceeded");
  EXPECT_EQ(parse_expression(repeat("9", 10'000'000)).position, 4096u);
  const ExpressionLimits tight = {8, 1, 2, 2};
  EXPECT_EQ(parse_expression("(10)+99", tight).reason, Reason::kWellFormed);
  EXPECT_EQ(parse_expression("((1))", tight).reason, Reason::kBudgetExceeded);
  EXPECT_EQ(parse_expression("1+2+3", tight).reason, Reason::kBudgetExceeded);
  EXPECT_EQ(parse_expression("100", tight).reason, Reason::kBudgetExceeded);
}

// 1/2 + 1/3 + ... with primes grows the denominator to the product of them: exact, then told, never rounded.
TEST(Expression, ExactUpToTheLast128Bits) {
  EXPECT_EQ(value_of("1/2+1/3+1/5+1/7+1/11+1/13+1/17+1/19+1/23+1/29"), "9920878441/6469693230");
  std::string sum = "1/101";
  for (const char* prime : {"103", "107", "109", "113", "127", "131", "137", "139", "149", "151",
                            "157", "163", "167", "173", "179", "181", "191", "193", "197", "199"}) {
    sum += "+1/" + std::string(prime);
  }
  EXPECT_EQ(value_of(sum), "budget_exceeded");  // the product needs 150 bits
}

}  // namespace
}  // namespace r1::rewards
