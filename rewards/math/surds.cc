// SurdField: sums of rational multiples of sqrt(d) pi^m e^n.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <utility>

#include "rewards/math/fields.h"

namespace r1::rewards::math::engine {
namespace {

using Key = SurdField::Key;
using Value = SurdField::Value;

constexpr size_t kMaxTerms = 64;
constexpr int64_t kMaxRadicand = 1'000'000'000;
constexpr int kMaxExponent = 64;

void accumulate(Value& sum, const Key& key, const Rational& coefficient) {
  auto [entry, fresh] = sum.try_emplace(key, coefficient);
  if (!fresh) entry->second.add(coefficient);
  if (entry->second.sign() == 0) sum.erase(entry);
}

Value rational_value(const Rational& value) {
  Value result;
  if (value.sign() != 0) result.emplace(Key{}, value);
  return result;
}

// The rational number that x is, if it is one.
std::optional<Rational> as_rational(const Value& x) {
  if (x.empty()) return Rational(0);
  if (x.size() == 1 && x.begin()->first == Key{}) return x.begin()->second;
  return std::nullopt;
}

// n = square^2 * rest with a square-free rest; false when that is too hard to tell.
bool split_square(int64_t n, int64_t& square, int64_t& rest) {
  square = 1;
  rest = 1;
  for (int64_t p = 2; p <= 1000 && p * p <= n; ++p) {
    int power = 0;
    for (; n % p == 0; n /= p) ++power;
    for (int k = 0; k < power / 2; ++k) square *= p;
    if (power % 2 == 1) rest *= p;
  }
  // What is left has prime factors above 1000 only: two at most below 10^9.
  if (n > kMaxRadicand) return false;
  const Rational left(n);
  Rational root = left;
  if (root.take_root(2)) {
    square *= root.to_int64();
  } else {
    rest *= n;
  }
  return rest <= kMaxRadicand;
}

// sqrt of a rational as coefficient times sqrt(radicand).
bool square_root(const Rational& x, Rational& coefficient, int64_t& radicand) {
  Rational product = x.numerator();
  product.multiply(x.denominator());
  if (!product.fits_int64() || product.to_int64() == INT64_MIN) return false;
  const int64_t n = product.to_int64();
  int64_t square = 1, rest = 1;
  if (!split_square(std::abs(n), square, rest)) return false;
  coefficient = Rational(square);
  coefficient.divide(x.denominator());
  radicand = n < 0 ? -rest : rest;
  return true;
}

// Some prime (or -1) that divides a radicand of x; 1 when all are 1.
int64_t generator(const Value& x) {
  for (const auto& [key, coefficient] : x) {
    if (key.radicand < 0) return -1;
    int64_t n = key.radicand;
    for (int64_t p = 2; p * p <= n; ++p) {
      if (n % p == 0) return p;
    }
    if (n > 1) return n;
  }
  return 1;
}

// cos(k pi / 60) for k in 0..30 where it is a sum of square roots.
std::optional<Value> cosine_of(int64_t k) {
  const auto surds = [](int64_t a, int64_t da, int64_t b, int64_t db, int64_t below) {
    Value value;
    if (a != 0) value.emplace(Key{da, 0, 0}, Rational(a, below));
    if (b != 0) value.emplace(Key{db, 0, 0}, Rational(b, below));
    return value;
  };
  switch (k) {
    case 0:
      return surds(1, 1, 0, 1, 1);
    case 5:
      return surds(1, 6, 1, 2, 4);
    case 10:
      return surds(1, 3, 0, 1, 2);
    case 12:
      return surds(1, 1, 1, 5, 4);
    case 15:
      return surds(1, 2, 0, 1, 2);
    case 20:
      return surds(1, 1, 0, 1, 2);
    case 24:
      return surds(-1, 1, 1, 5, 4);
    case 25:
      return surds(1, 6, -1, 2, 4);
    case 30:
      return Value{};
    default:
      return std::nullopt;
  }
}

// cos of k pi / 60 for any k.
std::optional<Value> cosine_of_any(int64_t k) {
  k = ((k % 120) + 120) % 120;
  if (k > 60) k = 120 - k;
  const bool negative = k > 30;
  std::optional<Value> value = cosine_of(negative ? 60 - k : k);
  if (value && negative) {
    for (auto& [key, coefficient] : *value) coefficient.negate();
  }
  return value;
}

}  // namespace

Status SurdField::set(Value& out, const Rational& value) {
  if (value.bits() > 4'096) return Status::kTooLarge;
  out = rational_value(value);
  return Status::kOk;
}
Status SurdField::set(Value& out, Constant constant) {
  out.clear();
  out.emplace(
      Key{constant == Constant::kI ? -1 : 1, constant == Constant::kPi, constant == Constant::kE},
      Rational(1));
  return Status::kOk;
}

Status SurdField::add(Value& x, const Value& y) {
  if (!budget_.spend(1 + static_cast<int64_t>(y.size()))) return Status::kTooLarge;
  for (const auto& [key, coefficient] : y) accumulate(x, key, coefficient);
  return x.size() <= kMaxTerms ? Status::kOk : Status::kTooLarge;
}

Status SurdField::multiply(Value& x, const Value& y) {
  if (!budget_.spend(1 + static_cast<int64_t>(x.size() * y.size()))) return Status::kTooLarge;
  Value product;
  for (const auto& [a, ca] : x) {
    for (const auto& [b, cb] : y) {
      const int64_t common = std::gcd(a.radicand, b.radicand);
      const int64_t left = std::abs(a.radicand) / common, right = std::abs(b.radicand) / common;
      if (left > kMaxRadicand / right) return Status::kTooLarge;
      const bool both_imaginary = a.radicand < 0 && b.radicand < 0;
      const bool one_imaginary = (a.radicand < 0) != (b.radicand < 0);
      Rational coefficient = ca;
      coefficient.multiply(cb);
      coefficient.multiply(Rational(both_imaginary ? -common : common));
      if (coefficient.bits() > 8'192) return Status::kTooLarge;
      const Key key{one_imaginary ? -left * right : left * right, a.pi + b.pi, a.e + b.e};
      if (std::abs(key.pi) > kMaxExponent || std::abs(key.e) > kMaxExponent)
        return Status::kTooLarge;
      accumulate(product, key, coefficient);
    }
  }
  x = std::move(product);
  return x.size() <= kMaxTerms ? Status::kOk : Status::kTooLarge;
}

// 1/x = conjugate / (x conjugate), where the product has lost one square root.
Status SurdField::invert(Value& x) {
  if (x.empty()) return Status::kUndefined;
  Value numerator = rational_value(Rational(1));
  for (int round = 0; round < 16; ++round) {
    const int64_t p = generator(x);
    if (x.size() == 1) {
      const auto [key, coefficient] = *x.begin();
      // 1 / (c sqrt(d) pi^m) = sqrt(d) / (c d) pi^-m
      Rational inverse(1);
      inverse.divide(coefficient);
      inverse.divide(Rational(key.radicand));
      Value one;
      one.emplace(Key{key.radicand, -key.pi, -key.e}, inverse);
      x = std::move(one);
      return multiply(x, numerator);
    }
    if (p == 1) return Status::kUnsupported;  // a sum of powers of pi
    Value conjugate;
    for (const auto& [key, coefficient] : x) {
      Rational flipped = coefficient;
      if (p == -1 ? key.radicand < 0 : key.radicand % p == 0) flipped.negate();
      conjugate.emplace(key, flipped);
    }
    Status status = multiply(numerator, conjugate);
    if (status == Status::kOk) status = multiply(x, conjugate);
    if (status != Status::kOk) return status;
    if (x.empty()) return Status::kUncertain;
  }
  return Status::kTooLarge;
}

Status SurdField::divide(Value& x, const Value& y) {
  Value inverse = y;
  const Status status = invert(inverse);
  return status == Status::kOk ? multiply(x, inverse) : status;
}

Status SurdField::negate(Value& x) {
  for (auto& [key, coefficient] : x) coefficient.negate();
  return Status::kOk;
}

Status SurdField::raise(Value& x, const Rational& exponent) {
  if (x.empty()) return exponent.sign() > 0 ? Status::kOk : Status::kUndefined;
  const Rational index = exponent.denominator(), power = exponent.numerator();
  if (!index.fits_int64() || !power.fits_int64() || std::abs(power.to_int64()) > kMaxExponent)
    return Status::kTooLarge;
  Value base = x;
  if (power.sign() < 0) {
    if (const Status status = invert(base); status != Status::kOk) return status;
  }
  Value result = rational_value(Rational(1));
  for (int64_t k = 0; k < std::abs(power.to_int64()); ++k) {
    if (const Status status = multiply(result, base); status != Status::kOk) return status;
  }
  x = std::move(result);
  if (index.to_int64() == 1) return Status::kOk;
  // (x^p)^(1/q) is x^(p/q) for positive x only.
  const std::optional<Rational> value = as_rational(base);
  if (std::abs(power.to_int64()) != 1 && !(value && value->sign() > 0)) return Status::kUnsupported;
  return root(x, index.to_int64());
}

Status SurdField::root(Value& x, int64_t n) {
  if (n == 1 || x.empty()) return Status::kOk;
  std::optional<Rational> value = as_rational(x);
  if (!value) return n == 2 ? nested_root(x) : Status::kUnsupported;
  if (value->take_root(n)) {
    x = rational_value(*value);
    return Status::kOk;
  }
  if (n % 2 != 0 || n > 16) return Status::kUnsupported;
  if (n > 2 && value->sign() < 0) return Status::kUnsupported;
  if (n > 2 && !value->take_root(n / 2)) return Status::kUnsupported;  // 4th root of 4 is sqrt(2)
  Rational coefficient;
  int64_t radicand = 1;
  if (!square_root(*value, coefficient, radicand)) return Status::kUnsupported;
  x.clear();
  x.emplace(Key{radicand, 0, 0}, coefficient);
  return Status::kOk;
}

// sqrt(a + b sqrt(d)) = sqrt((a + r) / 2) +- sqrt((a - r) / 2) with r^2 = a^2 - b^2 d, if r is
// rational and 0 <= r <= a.
Status SurdField::nested_root(Value& x) {
  if (x.size() != 2 || !x.contains(Key{})) return Status::kUnsupported;
  const Rational a = x.at(Key{});
  const auto other =
      std::find_if(x.begin(), x.end(), [](const auto& term) { return term.first != Key{}; });
  const auto [key, b] = *other;
  if (key.radicand < 2 || key.pi != 0 || key.e != 0 || a.sign() <= 0) return Status::kUnsupported;
  Rational r = a, bd = b;
  r.multiply(a);
  bd.multiply(b);
  bd.multiply(Rational(key.radicand));
  r.subtract(bd);
  if (r.sign() < 0 || !r.take_root(2)) return Status::kUnsupported;
  Rational high = a, low = a;
  high.add(r);
  low.subtract(r);
  high.multiply(Rational(1, 2));
  low.multiply(Rational(1, 2));
  Value sum = rational_value(high), rest = rational_value(low);
  if (const Status status = root(sum, 2); status != Status::kOk) return status;
  if (const Status status = root(rest, 2); status != Status::kOk) return status;
  if (b.sign() < 0) negate(rest);
  x = std::move(sum);
  return add(x, rest);
}

Status SurdField::apply(Value& x, Function function) {
  switch (function) {
    case Function::kSin:
    case Function::kCos:
    case Function::kTan:
    case Function::kCot:
    case Function::kSec:
    case Function::kCsc:
      return trigonometric(x, function);
    case Function::kArcsin:
    case Function::kArccos:
    case Function::kArctan:
    case Function::kArccot:
      return inverse(x, function);
    case Function::kExp:
      return exponential(x);
    case Function::kLn: {
      if (x.empty()) return Status::kUndefined;
      if (x.size() != 1) return Status::kUnsupported;
      const auto [key, coefficient] = *x.begin();
      if (key.radicand != 1 || key.pi != 0 || !(coefficient == Rational(1)))
        return Status::kUnsupported;
      x = rational_value(Rational(key.e));
      return Status::kOk;
    }
    case Function::kReal:
    case Function::kImaginary:
    case Function::kConjugate:
      return parts(x, function);
    default:
      return Status::kUnsupported;
  }
}

// e^r for a small integer r, and e^(i k pi / 60).
Status SurdField::exponential(Value& x) {
  if (x.empty()) {
    x = rational_value(Rational(1));
    return Status::kOk;
  }
  if (x.size() != 1) return Status::kUnsupported;
  const auto [key, coefficient] = *x.begin();
  if (key == Key{} && coefficient.fits_int64() &&
      std::abs(coefficient.to_int64()) <= kMaxExponent) {
    x.clear();
    x.emplace(Key{1, 0, static_cast<int>(coefficient.to_int64())}, Rational(1));
    return Status::kOk;
  }
  if (key != Key{-1, 1, 0}) return Status::kUnsupported;
  Value angle;
  angle.emplace(Key{1, 1, 0}, coefficient);
  Value sine = angle, imaginary;
  Status status = trigonometric(sine, Function::kSin);
  if (status == Status::kOk) status = trigonometric(angle, Function::kCos);
  if (status == Status::kOk) status = set(imaginary, Constant::kI);
  if (status == Status::kOk) status = multiply(imaginary, sine);
  if (status != Status::kOk) return status;
  x = std::move(angle);
  return add(x, imaginary);
}

Status SurdField::trigonometric(Value& x, Function function) {
  int64_t k = 0;  // the angle in pi / 60
  if (!x.empty()) {
    if (x.size() != 1 || x.begin()->first != Key{1, 1, 0}) return Status::kUnsupported;
    Rational turns = x.begin()->second;
    turns.multiply(Rational(60));
    uint64_t reduced = 0;
    if (!turns.is_integer()) return Status::kUnsupported;
    turns.modulo(120, reduced);
    k = static_cast<int64_t>(reduced);
  }
  const std::optional<Value> cosine = cosine_of_any(k), sine = cosine_of_any(30 - k);
  const bool needs_cosine = function != Function::kSin && function != Function::kCsc;
  const bool needs_sine = function != Function::kCos && function != Function::kSec;
  if ((needs_cosine && !cosine) || (needs_sine && !sine)) return Status::kUnsupported;
  const Value one = rational_value(Rational(1));
  switch (function) {
    case Function::kSin:
      x = *sine;
      return Status::kOk;
    case Function::kCos:
      x = *cosine;
      return Status::kOk;
    case Function::kTan:
      x = *sine;
      return divide(x, *cosine);
    case Function::kCot:
      x = *cosine;
      return divide(x, *sine);
    case Function::kSec:
      x = one;
      return divide(x, *cosine);
    default:
      x = one;
      return divide(x, *sine);
  }
}

// The angle in the principal range whose function is x, among the multiples of pi/60 that
// trigonometric() knows.
Status SurdField::inverse(Value& x, Function function) {
  for (const auto& [key, coefficient] : x) {
    if (key.radicand < 0 || key.pi != 0 || key.e != 0) return Status::kUnsupported;
  }
  const bool from_sine = function == Function::kArcsin || function == Function::kArccos;
  for (const int64_t k : {0, 5, 6, 10, 12, 15, 18, 20, 24, 25, 30}) {
    for (const int64_t angle : {k, -k}) {
      Value tried;
      if (angle != 0) tried.emplace(Key{1, 1, 0}, Rational(angle, 60));
      if (trigonometric(tried, from_sine ? Function::kSin : Function::kTan) != Status::kOk ||
          tried != x)
        continue;
      const bool complement = function == Function::kArccos || function == Function::kArccot;
      const int64_t found = complement ? 30 - angle : angle;
      x.clear();
      if (found != 0) x.emplace(Key{1, 1, 0}, Rational(found, 60));
      return Status::kOk;
    }
  }
  return Status::kUnsupported;
}

Status SurdField::parts(Value& x, Function function) {
  Value result;
  for (const auto& [key, coefficient] : x) {
    const bool imaginary = key.radicand < 0;
    Rational kept = coefficient;
    Key place = key;
    if (function == Function::kReal && imaginary) continue;
    if (function == Function::kImaginary) {
      if (!imaginary) continue;
      place.radicand = -key.radicand;
    }
    if (function == Function::kConjugate && imaginary) kept.negate();
    result.emplace(place, kept);
  }
  x = std::move(result);
  return Status::kOk;
}

Status SurdField::absolute(Value& x) {
  if (x.empty()) return Status::kOk;
  if (x.size() == 1) {
    auto [key, coefficient] = *x.begin();
    if (coefficient.sign() < 0) coefficient.negate();
    x.clear();
    x.emplace(Key{std::abs(key.radicand), key.pi, key.e}, coefficient);
    return Status::kOk;
  }
  const bool complex_rational = x.size() == 2 && x.contains(Key{}) && x.contains(Key{-1, 0, 0});
  if (!complex_rational) return Status::kUnsupported;
  Rational a = x.at(Key{}), b = x.at(Key{-1, 0, 0});
  a.multiply(a);
  b.multiply(b);
  a.add(b);
  x = rational_value(a);
  return root(x, 2);
}

Status SurdField::round_down(Value& x) {
  std::optional<Rational> value = as_rational(x);
  if (!value) return Status::kUnsupported;
  value->round_down();
  x = rational_value(*value);
  return Status::kOk;
}
Status SurdField::factorial(Value& x) {
  const std::optional<Rational> value = as_rational(x);
  if (!value || !value->is_integer()) return Status::kUnsupported;
  if (value->sign() < 0) return Status::kUndefined;
  if (!value->fits_int64() || value->to_int64() > 300) return Status::kTooLarge;
  x = rational_value(engine::factorial(value->to_int64()));
  return Status::kOk;
}

}  // namespace r1::rewards::math::engine
