// Integers of any size, schoolbook arithmetic: the reduced level's numbers (exact_reduced.cc),
// where FLINT is missing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace r1::rewards::math::engine {

class BigInteger {
 public:
  BigInteger() = default;
  explicit BigInteger(int64_t value);
  static BigInteger from_digits(std::string_view digits, int base);  // unsigned; base 2 to 36

  int sign() const { return limbs_.empty() ? 0 : negative_ ? -1 : 1; }
  void negate() { negative_ = !negative_ && !limbs_.empty(); }
  int compare(const BigInteger& other) const;
  int64_t bits() const;
  bool is_one() const { return !negative_ && limbs_.size() == 1 && limbs_[0] == 1; }
  bool is_even() const { return limbs_.empty() || limbs_[0] % 2 == 0; }
  bool fits_int64() const;
  int64_t to_int64() const;                 // only if it fits
  uint64_t modulo(uint64_t divisor) const;  // in [0, divisor), divisor < 2^62
  std::string text() const;

  BigInteger operator+(const BigInteger& other) const;
  BigInteger operator-(const BigInteger& other) const;
  BigInteger operator*(const BigInteger& other) const;
  // Rounded towards zero; the remainder has the sign of the dividend. other is not zero.
  BigInteger divide(const BigInteger& other, BigInteger& remainder) const;
  BigInteger shifted_left(int64_t count) const;
  BigInteger raised(int64_t exponent) const;  // exponent >= 0
  bool take_root(int64_t n);  // of a number >= 0; false and unchanged if there is no exact one

 private:
  void trim();
  static int compare_sizes(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b);
  static std::vector<uint32_t> sum(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b);
  static std::vector<uint32_t> difference(const std::vector<uint32_t>& a,
                                          const std::vector<uint32_t>& b);  // a >= b
  uint32_t divide_small(uint32_t divisor);  // in place; the remainder

  std::vector<uint32_t> limbs_;  // lowest first, without leading zeros
  bool negative_ = false;
};

BigInteger greatest_common_divisor(BigInteger a, BigInteger b);  // >= 0

}  // namespace r1::rewards::math::engine
