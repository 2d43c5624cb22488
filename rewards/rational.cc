#include "rewards/rational.h"

#include <algorithm>

namespace r1::rewards {
namespace {

__extension__ typedef unsigned __int128 UInt128;

UInt128 magnitude(Int128 value) {
  const UInt128 bits = static_cast<UInt128>(value);
  return value < 0 ? UInt128{0} - bits : bits;
}

// Greatest common divisor of the magnitudes; 1 when both are 0. Fits: no value here is -2^127.
Int128 gcd(Int128 a, Int128 b) {
  UInt128 x = magnitude(a), y = magnitude(b);
  while (y != 0) {
    const UInt128 rest = x % y;
    x = y;
    y = rest;
  }
  return x == 0 ? Int128{1} : static_cast<Int128>(x);
}

// -2^127 has no negation, so it counts as out of range.
bool is_lowest(Int128 value) { return value < 0 && magnitude(value) == UInt128{1} << 127; }

bool multiply_checked(Int128 a, Int128 b, Int128& result) {
  return !__builtin_mul_overflow(a, b, &result) && !is_lowest(result);
}

bool add_checked(Int128 a, Int128 b, Int128& result) { return !__builtin_add_overflow(a, b, &result) && !is_lowest(result); }

}  // namespace

std::optional<Rational> Rational::reduced(Int128 numerator, Int128 denominator) {
  const Int128 divisor = gcd(numerator, denominator);
  return Rational(numerator / divisor, denominator / divisor);
}

std::optional<Rational> Rational::add(const Rational& a, const Rational& b) {
  const Int128 shared = gcd(a.denominator_, b.denominator_);
  Int128 left, right, numerator, denominator;
  if (!multiply_checked(a.numerator_, b.denominator_ / shared, left) ||
      !multiply_checked(b.numerator_, a.denominator_ / shared, right) || !add_checked(left, right, numerator) ||
      !multiply_checked(a.denominator_, b.denominator_ / shared, denominator)) {
    return std::nullopt;
  }
  return reduced(numerator, denominator);
}

std::optional<Rational> Rational::subtract(const Rational& a, const Rational& b) {
  return add(a, Rational(-b.numerator_, b.denominator_));
}

std::optional<Rational> Rational::multiply(const Rational& a, const Rational& b) {
  const Int128 first = gcd(a.numerator_, b.denominator_);
  const Int128 second = gcd(b.numerator_, a.denominator_);
  Int128 numerator, denominator;
  if (!multiply_checked(a.numerator_ / first, b.numerator_ / second, numerator) ||
      !multiply_checked(a.denominator_ / second, b.denominator_ / first, denominator)) {
    return std::nullopt;
  }
  return Rational(numerator, denominator);
}

std::optional<Rational> Rational::divide(const Rational& a, const Rational& b) {
  if (b.is_zero()) return std::nullopt;
  const Int128 sign = b.numerator_ < 0 ? -1 : 1;
  return multiply(a, Rational(sign * b.denominator_, sign * b.numerator_));
}

std::string to_string(Int128 value) {
  UInt128 rest = magnitude(value);
  std::string text;
  do {
    text.push_back(static_cast<char>('0' + static_cast<int>(rest % 10)));
    rest /= 10;
  } while (rest != 0);
  if (value < 0) text.push_back('-');
  std::reverse(text.begin(), text.end());
  return text;
}

std::string to_string(const Rational& value) {
  std::string text = to_string(value.numerator());
  if (value.denominator() != 1) text += "/" + to_string(value.denominator());
  return text;
}

}  // namespace r1::rewards
