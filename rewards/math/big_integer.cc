#include "rewards/math/big_integer.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace r1::rewards::math::engine {

BigInteger::BigInteger(int64_t value) : negative_(value < 0) {
  uint64_t size = value < 0 ? ~static_cast<uint64_t>(value) + 1 : static_cast<uint64_t>(value);
  for (; size != 0; size >>= 32) limbs_.push_back(static_cast<uint32_t>(size));
}

BigInteger BigInteger::from_digits(std::string_view digits, int base) {
  BigInteger result;
  for (const char c : digits) {
    uint64_t carry =
        c <= '9' ? static_cast<uint64_t>(c - '0') : static_cast<uint64_t>((c | 0x20) - 'a' + 10);
    for (uint32_t& limb : result.limbs_) {
      carry += uint64_t{limb} * static_cast<uint64_t>(base);
      limb = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    if (carry != 0) result.limbs_.push_back(static_cast<uint32_t>(carry));
  }
  return result;
}

void BigInteger::trim() {
  while (!limbs_.empty() && limbs_.back() == 0) limbs_.pop_back();
  if (limbs_.empty()) negative_ = false;
}

int BigInteger::compare_sizes(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  for (size_t i = a.size(); i-- > 0;) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

int BigInteger::compare(const BigInteger& other) const {
  if (sign() != other.sign()) return sign() < other.sign() ? -1 : 1;
  const int sizes = compare_sizes(limbs_, other.limbs_);
  return negative_ ? -sizes : sizes;
}

int64_t BigInteger::bits() const {
  return limbs_.empty()
             ? 0
             : static_cast<int64_t>(limbs_.size() * 32) - std::countl_zero(limbs_.back());
}
bool BigInteger::fits_int64() const { return bits() <= 63; }

int64_t BigInteger::to_int64() const {
  uint64_t size = 0;
  for (size_t i = limbs_.size(); i-- > 0;) size = (size << 32) | limbs_[i];
  return negative_ ? -static_cast<int64_t>(size) : static_cast<int64_t>(size);
}

uint64_t BigInteger::modulo(uint64_t divisor) const {
  __extension__ typedef unsigned __int128 Wide;
  Wide rest = 0;
  for (size_t i = limbs_.size(); i-- > 0;) rest = ((rest << 32) | limbs_[i]) % divisor;
  const auto result = static_cast<uint64_t>(rest);
  return negative_ && result != 0 ? divisor - result : result;
}

uint32_t BigInteger::divide_small(uint32_t divisor) {
  uint64_t rest = 0;
  for (size_t i = limbs_.size(); i-- > 0;) {
    rest = (rest << 32) | limbs_[i];
    limbs_[i] = static_cast<uint32_t>(rest / divisor);
    rest %= divisor;
  }
  trim();
  return static_cast<uint32_t>(rest);
}

std::string BigInteger::text() const {
  if (limbs_.empty()) return "0";
  BigInteger rest = *this;
  std::string digits;
  while (!rest.limbs_.empty()) {
    uint32_t part = rest.divide_small(1'000'000'000);
    for (int k = 0; k < 9 && (part != 0 || !rest.limbs_.empty()); ++k, part /= 10)
      digits += static_cast<char>('0' + part % 10);
  }
  if (negative_) digits += '-';
  return {digits.rbegin(), digits.rend()};
}

std::vector<uint32_t> BigInteger::sum(const std::vector<uint32_t>& a,
                                      const std::vector<uint32_t>& b) {
  std::vector<uint32_t> result;
  uint64_t carry = 0;
  for (size_t i = 0; i < std::max(a.size(), b.size()) || carry != 0; ++i, carry >>= 32) {
    carry += (i < a.size() ? a[i] : 0);
    carry += (i < b.size() ? b[i] : 0);
    result.push_back(static_cast<uint32_t>(carry));
  }
  return result;
}

std::vector<uint32_t> BigInteger::difference(const std::vector<uint32_t>& a,
                                             const std::vector<uint32_t>& b) {
  std::vector<uint32_t> result = a;
  int64_t borrow = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    int64_t limb = int64_t{a[i]} - (i < b.size() ? int64_t{b[i]} : 0) - borrow;
    borrow = limb < 0;
    result[i] = static_cast<uint32_t>(limb + (borrow << 32));
  }
  return result;
}

BigInteger BigInteger::operator+(const BigInteger& other) const {
  BigInteger result;
  if (negative_ == other.negative_) {
    result.limbs_ = sum(limbs_, other.limbs_);
    result.negative_ = negative_;
  } else {
    const bool larger = compare_sizes(limbs_, other.limbs_) >= 0;
    result.limbs_ = larger ? difference(limbs_, other.limbs_) : difference(other.limbs_, limbs_);
    result.negative_ = larger ? negative_ : other.negative_;
  }
  result.trim();
  return result;
}

BigInteger BigInteger::operator-(const BigInteger& other) const {
  BigInteger turned = other;
  turned.negate();
  return *this + turned;
}

BigInteger BigInteger::operator*(const BigInteger& other) const {
  BigInteger result;
  result.limbs_.assign(limbs_.size() + other.limbs_.size(), 0);
  for (size_t i = 0; i < limbs_.size(); ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < other.limbs_.size() || carry != 0; ++j) {
      carry += result.limbs_[i + j] +
               (j < other.limbs_.size() ? uint64_t{limbs_[i]} * other.limbs_[j] : 0);
      result.limbs_[i + j] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
  }
  result.negative_ = negative_ != other.negative_;
  result.trim();
  return result;
}

// Knuth, The Art of Computer Programming 2, 4.3.1, algorithm D.
BigInteger BigInteger::divide(const BigInteger& other, BigInteger& remainder) const {
  BigInteger quotient;
  if (compare_sizes(limbs_, other.limbs_) < 0) {
    remainder = *this;
    return quotient;
  }
  if (other.limbs_.size() == 1) {
    quotient = *this;
    remainder = BigInteger(int64_t{quotient.divide_small(other.limbs_[0])});
  } else {
    const int shift = std::countl_zero(other.limbs_.back());
    std::vector<uint32_t> u = shifted_left(shift).limbs_;
    const std::vector<uint32_t> v = other.shifted_left(shift).limbs_;
    const size_t n = v.size();
    u.resize(std::max(u.size(), limbs_.size()) + 1, 0);
    const size_t m = u.size() - n - 1;
    quotient.limbs_.assign(m + 1, 0);
    for (size_t j = m + 1; j-- > 0;) {
      const uint64_t top = (uint64_t{u[j + n]} << 32) | u[j + n - 1];
      uint64_t guess = top / v[n - 1], rest = top % v[n - 1];
      while (guess >> 32 != 0 || guess * v[n - 2] > ((rest << 32) | u[j + n - 2])) {
        --guess;
        rest += v[n - 1];
        if (rest >> 32 != 0) break;
      }
      int64_t borrow = 0;
      uint64_t carry = 0;
      for (size_t i = 0; i <= n; ++i) {
        carry += i < n ? guess * v[i] : 0;
        const int64_t limb =
            int64_t{u[i + j]} - static_cast<int64_t>(static_cast<uint32_t>(carry)) - borrow;
        carry >>= 32;
        borrow = limb < 0;
        u[i + j] = static_cast<uint32_t>(limb + (borrow << 32));
      }
      if (borrow != 0) {
        --guess;
        uint64_t back = 0;
        for (size_t i = 0; i <= n; ++i, back >>= 32) {
          back += uint64_t{u[i + j]} + (i < n ? v[i] : 0);
          u[i + j] = static_cast<uint32_t>(back);
        }
      }
      quotient.limbs_[j] = static_cast<uint32_t>(guess);
    }
    remainder.limbs_.assign(u.begin(), u.begin() + static_cast<std::ptrdiff_t>(n));
    if (shift != 0) {
      for (size_t i = 0; i < n; ++i) {
        remainder.limbs_[i] = (remainder.limbs_[i] >> shift) |
                              (i + 1 < n ? remainder.limbs_[i + 1] << (32 - shift) : 0);
      }
    }
  }
  remainder.negative_ = negative_;
  remainder.trim();
  quotient.negative_ = negative_ != other.negative_;
  quotient.trim();
  return quotient;
}

BigInteger BigInteger::shifted_left(int64_t count) const {
  BigInteger result;
  if (limbs_.empty()) return result;
  const auto whole = static_cast<size_t>(count / 32);
  const int part = static_cast<int>(count % 32);
  result.limbs_.assign(whole, 0);
  uint32_t carry = 0;
  for (const uint32_t limb : limbs_) {
    result.limbs_.push_back(part == 0 ? limb : (limb << part) | carry);
    carry = part == 0 ? 0 : limb >> (32 - part);
  }
  if (carry != 0) result.limbs_.push_back(carry);
  result.negative_ = negative_;
  return result;
}

BigInteger BigInteger::raised(int64_t exponent) const {
  BigInteger result(1), square = *this;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = result * square;
    if (exponent > 1) square = square * square;
  }
  return result;
}

// Bisection between 0 and 2^(bits/n + 1).
bool BigInteger::take_root(int64_t n) {
  if (n > bits() + 1) return limbs_.empty() || is_one();
  BigInteger low, high = BigInteger(1).shifted_left(bits() / n + 1);
  for (int64_t step = 0; step <= bits() / n + 2; ++step) {
    BigInteger middle = low + high;
    middle.divide_small(2);
    const int order = middle.raised(n).compare(*this);
    if (order == 0) {
      *this = middle;
      return true;
    }
    (order < 0 ? low : high) = middle;
  }
  return false;
}

BigInteger greatest_common_divisor(BigInteger a, BigInteger b) {
  BigInteger remainder;
  while (b.sign() != 0) {
    a.divide(b, remainder);
    a = std::exchange(b, remainder);
  }
  if (a.sign() < 0) a.negate();
  return a;
}

}  // namespace r1::rewards::math::engine
