#include "rewards/rational.h"

#include <gtest/gtest.h>

#include <random>

namespace r1::rewards {
namespace {

constexpr int64_t kMax = INT64_MAX, kMin = INT64_MIN;

Rational fraction(int64_t a, int64_t b) { return *Rational::divide(Rational(a), Rational(b)); }

TEST(Rational, ReducesAndKeepsDenominatorPositive) {
  EXPECT_EQ(to_string(fraction(6, 4)), "3/2");
  EXPECT_EQ(to_string(fraction(6, -4)), "-3/2");
  EXPECT_EQ(to_string(fraction(-6, -4)), "3/2");
  EXPECT_EQ(to_string(fraction(0, -7)), "0");
  EXPECT_EQ(to_string(fraction(-8, 2)), "-4");
  EXPECT_EQ(fraction(2, 6), fraction(5, 15));
}

TEST(Rational, AddsSubtractsMultipliesDivides) {
  EXPECT_EQ(*Rational::add(fraction(1, 6), fraction(1, 10)), fraction(4, 15));
  EXPECT_EQ(*Rational::subtract(fraction(1, 6), fraction(1, 10)), fraction(1, 15));
  EXPECT_EQ(*Rational::multiply(fraction(-2, 3), fraction(9, 4)), fraction(-3, 2));
  EXPECT_EQ(*Rational::divide(fraction(-2, 3), fraction(-4, 9)), fraction(3, 2));
  EXPECT_TRUE(Rational::subtract(fraction(1, 3), fraction(2, 6))->is_zero());
}

TEST(Rational, RefusesZeroDivisor) {
  EXPECT_FALSE(Rational::divide(Rational(1), Rational(0)));
  EXPECT_FALSE(Rational::divide(Rational(0), Rational(0)));
}

TEST(Rational, TellsOverflow) {
  const Rational square = *Rational::multiply(Rational(kMax), Rational(kMax));
  EXPECT_EQ(to_string(square), "85070591730234615847396907784232501249");
  EXPECT_TRUE(Rational::add(square, square));  // 2 * (2^63-1)^2 < 2^127
  EXPECT_FALSE(Rational::multiply(square, Rational(4)));
  EXPECT_FALSE(Rational::multiply(square, square));
  const Rational lowest = *Rational::multiply(Rational(kMin), Rational(kMin));  // 2^126
  EXPECT_FALSE(Rational::add(lowest, lowest));
  const Rational negative = *Rational::multiply(Rational(kMin), *Rational::multiply(Rational(1), Rational(kMax)));
  EXPECT_FALSE(Rational::multiply(negative, Rational(4)));
  // -2^127 itself counts as out of range, because it has no negation.
  const Rational quarter = *Rational::multiply(Rational(kMin), Rational(int64_t{1} << 62));  // -2^125
  EXPECT_TRUE(Rational::multiply(quarter, Rational(2)));
  EXPECT_FALSE(Rational::multiply(quarter, Rational(4)));
}

TEST(Rational, HandlesLowestInt64) {
  EXPECT_EQ(to_string(Rational(kMin)), "-9223372036854775808");
  EXPECT_EQ(to_string(*Rational::divide(Rational(1), Rational(kMin))), "-1/9223372036854775808");
  EXPECT_EQ(to_string(*Rational::subtract(Rational(0), Rational(kMin))), "9223372036854775808");
}

// a/b op c/d against the school formulas on small numbers, compared by cross multiplication.
TEST(Rational, AgreesWithSchoolFormulas) {
  std::mt19937_64 random(1);
  const auto draw = [&] { return static_cast<int64_t>(random() % 2001) - 1000; };
  for (int round = 0; round < 20000; ++round) {
    const int64_t a = draw(), c = draw();
    int64_t b = draw(), d = draw();
    if (b == 0) b = 1;
    if (d == 0) d = 1;
    const auto same = [](const Rational& value, int64_t numerator, int64_t denominator) {
      return value.numerator() * denominator == value.denominator() * numerator;
    };
    EXPECT_TRUE(same(*Rational::add(fraction(a, b), fraction(c, d)), a * d + c * b, b * d));
    EXPECT_TRUE(same(*Rational::subtract(fraction(a, b), fraction(c, d)), a * d - c * b, b * d));
    EXPECT_TRUE(same(*Rational::multiply(fraction(a, b), fraction(c, d)), a * c, b * d));
    if (c != 0) {
      EXPECT_TRUE(same(*Rational::divide(fraction(a, b), fraction(c, d)), a * d, b * c));
    }
  }
}

}  // namespace
}  // namespace r1::rewards
