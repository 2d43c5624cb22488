// Exact fractions on checked 128-bit integers: an operation that does not fit says so, it never rounds or wraps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace r1::rewards {

__extension__ typedef __int128 Int128;

// Decimal digits with a leading '-' when negative.
std::string to_string(Int128 value);

// A fraction in lowest terms with a positive denominator, so equal values have equal members.
class Rational {
 public:
  Rational() = default;
  explicit Rational(int64_t value) : numerator_(value) {}

  Int128 numerator() const { return numerator_; }
  Int128 denominator() const { return denominator_; }
  bool is_zero() const { return numerator_ == 0; }
  friend bool operator==(const Rational& a, const Rational& b) = default;

  // Each returns nullopt when numerator or denominator leaves the 128-bit range, also where the reduced result would fit
  // again. divide() also for a zero divisor: ask is_zero() first to tell the two apart.
  static std::optional<Rational> add(const Rational& a, const Rational& b);
  static std::optional<Rational> subtract(const Rational& a, const Rational& b);
  static std::optional<Rational> multiply(const Rational& a, const Rational& b);
  static std::optional<Rational> divide(const Rational& a, const Rational& b);

 private:
  Rational(Int128 numerator, Int128 denominator) : numerator_(numerator), denominator_(denominator) {}
  static std::optional<Rational> reduced(Int128 numerator, Int128 denominator);

  Int128 numerator_ = 0;
  Int128 denominator_ = 1;
};

// "22", "-3", "7/2".
std::string to_string(const Rational& value);

}  // namespace r1::rewards
