#include "rewards/math/fields.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "rewards/math/evaluate.h"

namespace r1::rewards::math::engine {
namespace {

constexpr uint64_t kPrime = (uint64_t{1} << 61) - 31;
constexpr int64_t kMaxTermProduct = 40'000;
constexpr int64_t kMaxCoefficientBits = 8'192;
constexpr int64_t kMaxFactorial = 5'000;
constexpr int64_t kMaxDegree =
    36;  // of a number that Calcium is asked about: some ten milliseconds
__extension__ typedef unsigned __int128 Wide;

uint64_t multiply_modulo(uint64_t x, uint64_t y) {
  return static_cast<uint64_t>(Wide{x} * y % kPrime);
}

uint64_t raise_modulo(uint64_t base, uint64_t exponent) {
  uint64_t result = 1;
  for (; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = multiply_modulo(result, base);
    base = multiply_modulo(base, base);
  }
  return result;
}

// FNV-1a, then the finisher of MurmurHash3.
uint64_t mix(std::string_view text, uint64_t seed) {
  uint64_t hash = 14695981039346656037ULL ^ seed;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccdULL;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return hash ^ (hash >> 33);
}

Rational named_value(std::string_view name, const std::vector<Rational>& values) {
  Rational result = values[0];
  if (name == "min" || name == "max") {
    for (const Rational& value : values) {
      if (name == "min" ? value.compare(result) < 0 : value.compare(result) > 0) result = value;
    }
    return result;
  }
  for (size_t i = 1; i < values.size(); ++i) {
    const Rational common = greatest_common_divisor(result, values[i]);
    if (name == "gcd") {
      result = common;
    } else if (common.sign() == 0) {
      result = Rational(0);
    } else {
      result.multiply(values[i]);
      result.divide(common);
    }
  }
  if (result.sign() < 0) result.negate();
  return result;
}

Status evaluate_named(const Node& node, const Bindings& bindings, Budget& budget,
                      Rational& result) {
  const bool whole = node.text == "gcd" || node.text == "lcm";
  const bool remainder = node.text == "mod" && node.children.size() == 2;
  if (!whole && !remainder && node.text != "min" && node.text != "max" && node.text != "sgn")
    return Status::kUnsupported;
  std::vector<Rational> values(node.children.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const Status status = evaluate_rational(*node.children[i], bindings, budget, values[i]);
    if (status != Status::kOk) return status;
    if (whole && !values[i].is_integer()) return Status::kUndefined;
    if (!budget.spend(values[i].bits() / 64 + 1) ||
        (i > 0 && values[i].bits() * static_cast<int64_t>(i) > kBitLimit)) {
      return Status::kTooLarge;
    }
  }
  if (remainder) {
    if (values[1].sign() == 0) return Status::kUndefined;
    if (values[0].bits() + values[1].bits() > kBitLimit) return Status::kTooLarge;
    Rational quotient = values[0];
    quotient.divide(values[1]);
    quotient.round_down();
    quotient.multiply(values[1]);
    result = values[0];
    result.subtract(quotient);
    return Status::kOk;
  }
  result = node.text == "sgn" ? Rational(values[0].sign()) : named_value(node.text, values);
  return Status::kOk;
}

Status evaluate_binomial(const Node& node, const Bindings& bindings, Budget& budget,
                         Rational& result) {
  Rational n, k;
  Status status = evaluate_rational(*node.children[0], bindings, budget, n);
  if (status == Status::kOk) status = evaluate_rational(*node.children[1], bindings, budget, k);
  if (status != Status::kOk) return status;
  if (!n.fits_int64() || !k.fits_int64()) return Status::kUnsupported;
  const int64_t top = n.to_int64();
  int64_t below = k.to_int64();
  if (top < 0) return Status::kUnsupported;
  if (below < 0 || below > top) {
    result = Rational(0);
    return Status::kOk;
  }
  below = std::min(below, top - below);
  if (top > 10'000 && below > 64) return Status::kTooLarge;
  if (!budget.spend(below + 1)) return Status::kTooLarge;
  if (top <= 10'000) {
    result = binomial(top, below);
    return Status::kOk;
  }
  result = Rational(1);
  for (int64_t i = 0; i < below; ++i) {
    result.multiply(Rational(top - i));
    result.divide(Rational(i + 1));
  }
  return Status::kOk;
}

Status evaluate_double_factorial(const Node& node, const Bindings& bindings, Budget& budget,
                                 Rational& result) {
  Rational n;
  const Status status = evaluate_rational(*node.children[0], bindings, budget, n);
  if (status != Status::kOk) return status;
  if (!n.is_integer() || n.sign() < 0) return Status::kUndefined;
  if (!n.fits_int64() || n.to_int64() > kMaxFactorial) return Status::kTooLarge;
  result = Rational(1);
  for (int64_t k = n.to_int64(); k > 1; k -= 2) {
    if (!budget.spend(1 + result.bits() / 256)) return Status::kTooLarge;
    result.multiply(Rational(k));
  }
  return Status::kOk;
}

}  // namespace

Status evaluate_rational(const Node& node, const Bindings& bindings, Budget& budget,
                         Rational& result) {
  switch (node.kind) {
    case Kind::kNumber:
      result = *node.number;
      return budget.spend(1) ? Status::kOk : Status::kTooLarge;
    case Kind::kNamed:
      return evaluate_named(node, bindings, budget, result);
    case Kind::kBinomial:
      return evaluate_binomial(node, bindings, budget, result);
    case Kind::kDoubleFactorial:
      return evaluate_double_factorial(node, bindings, budget, result);
    default:
      break;
  }
  RationalField field(budget);
  return Evaluator<RationalField>(field, budget, bindings, false)(node, result);
}

// ---- RationalField ----

Status RationalField::spend(const Value& x, const Value& y) {
  const int64_t bits = x.bits() + y.bits();
  return bits <= kBitLimit && budget_.spend(1 + bits / 128) ? Status::kOk : Status::kTooLarge;
}
Status RationalField::set(Value& out, const Rational& value) {
  out = value;
  return Status::kOk;
}
Status RationalField::add(Value& x, const Value& y) {
  if (const Status status = spend(x, y); status != Status::kOk) return status;
  x.add(y);
  return Status::kOk;
}
Status RationalField::multiply(Value& x, const Value& y) {
  if (const Status status = spend(x, y); status != Status::kOk) return status;
  x.multiply(y);
  return Status::kOk;
}
Status RationalField::divide(Value& x, const Value& y) {
  if (y.sign() == 0) return Status::kUndefined;
  if (const Status status = spend(x, y); status != Status::kOk) return status;
  x.divide(y);
  return Status::kOk;
}
Status RationalField::negate(Value& x) {
  x.negate();
  return Status::kOk;
}

Status RationalField::raise(Value& x, const Rational& exponent) {
  if (x.sign() == 0) return exponent.sign() > 0 ? Status::kOk : Status::kUndefined;
  if (x == Rational(1)) return Status::kOk;
  if (!exponent.is_integer()) {
    const Rational index = exponent.denominator();
    if (!index.fits_int64() || !x.take_root(index.to_int64())) return Status::kUnsupported;
    return raise(x, exponent.numerator());
  }
  if (x == Rational(-1)) {
    uint64_t parity = 0;
    exponent.modulo(2, parity);
    if (parity == 0) x = Rational(1);
    return Status::kOk;
  }
  if (!exponent.fits_int64()) return Status::kTooLarge;
  const int64_t n = exponent.to_int64();
  // Every number but 0, 1 and -1 has at least one bit that every factor doubles.
  if (n > kBitLimit || n < -kBitLimit || std::abs(n) * x.bits() > kBitLimit)
    return Status::kTooLarge;
  if (!budget_.spend(1 + std::abs(n) * x.bits() / 64)) return Status::kTooLarge;
  x.raise(n);
  return Status::kOk;
}

Status RationalField::root(Value& x, int64_t n) { return raise(x, Rational(1, n)); }

Status RationalField::apply(Value& x, Function function) {
  switch (function) {
    case Function::kReal:
    case Function::kConjugate:
      return Status::kOk;
    case Function::kImaginary:
      x = Rational(0);
      return Status::kOk;
    case Function::kLn:
      return x.sign() == 0 ? Status::kUndefined : Status::kUnsupported;
    default:
      return Status::kUnsupported;
  }
}
Status RationalField::absolute(Value& x) {
  if (x.sign() < 0) x.negate();
  return Status::kOk;
}
Status RationalField::round_down(Value& x) {
  x.round_down();
  return Status::kOk;
}
Status RationalField::factorial(Value& x) {
  if (!x.is_integer()) return Status::kUnsupported;
  if (x.sign() < 0) return Status::kUndefined;
  if (!x.fits_int64() || x.to_int64() > kMaxFactorial) return Status::kTooLarge;
  if (!budget_.spend(1 + x.to_int64())) return Status::kTooLarge;
  x = engine::factorial(x.to_int64());
  return Status::kOk;
}

// ---- ModularField ----

Status ModularField::set(Value& out, const Rational& value) {
  return value.modulo(kPrime, out) ? Status::kOk : Status::kUnsupported;
}
Status ModularField::set(Value& out, Constant constant) {
  if (constant == Constant::kI) return Status::kUnsupported;
  met_constant_ = true;
  out = mix(constant == Constant::kPi ? "\\pi" : "\\e", seed_) % kPrime;
  return Status::kOk;
}
Status ModularField::set_symbol(Value& out, std::string_view name) {
  out = mix(name, seed_) % kPrime;
  return Status::kOk;
}
Status ModularField::add(Value& x, Value y) {
  x = (x + y) % kPrime;
  return Status::kOk;
}
Status ModularField::multiply(Value& x, Value y) {
  x = multiply_modulo(x, y);
  return Status::kOk;
}
Status ModularField::divide(Value& x, Value y) {
  if (y == 0) return Status::kUndefined;
  budget_.spend(4);
  x = multiply_modulo(x, raise_modulo(y, kPrime - 2));
  return Status::kOk;
}
Status ModularField::negate(Value& x) {
  x = x == 0 ? 0 : kPrime - x;
  return Status::kOk;
}
Status ModularField::raise(Value& x, const Rational& exponent) {
  if (!exponent.is_integer()) return Status::kUnsupported;
  if (x == 0) return exponent.sign() > 0 ? Status::kOk : Status::kUndefined;
  budget_.spend(4);
  uint64_t reduced = 0;
  exponent.modulo(kPrime - 1, reduced);  // an integer: never false
  x = raise_modulo(x, reduced);
  return Status::kOk;
}

// ---- PolynomialField ----

Status PolynomialField::spend(const Value& x, const Value& y) {
  const int64_t product = functions_.terms(*x) * functions_.terms(*y);
  const int64_t bits = functions_.bits(*x) + functions_.bits(*y);
  if (product > kMaxTermProduct || bits > kMaxCoefficientBits) return Status::kTooLarge;
  if (functions_.degree(*x) + functions_.degree(*y) > 1'000'000) return Status::kTooLarge;
  return budget_.spend(1 + product * (1 + bits / 256) / 4) ? Status::kOk : Status::kTooLarge;
}
Status PolynomialField::set(Value& out, const Rational& value) {
  functions_.set(*out, value);
  return Status::kOk;
}
Status PolynomialField::set(Value& out, Constant constant) {
  if (constant == Constant::kI) return Status::kUnsupported;
  return set_symbol(out, constant == Constant::kPi ? "\\pi" : "\\e");
}
Status PolynomialField::set_symbol(Value& out, std::string_view name) {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return Status::kUnsupported;
  functions_.set_variable(*out, static_cast<int>(found - names_.begin()));
  return Status::kOk;
}
Status PolynomialField::add(Value& x, const Value& y) {
  const Status status = spend(x, y);
  if (status == Status::kOk) functions_.add(*x, *y);
  return status;
}
Status PolynomialField::multiply(Value& x, const Value& y) {
  const Status status = spend(x, y);
  if (status == Status::kOk) functions_.multiply(*x, *y);
  return status;
}
Status PolynomialField::divide(Value& x, const Value& y) {
  const Status status = spend(x, y);
  if (status != Status::kOk) return status;
  return functions_.divide(*x, *y) ? Status::kOk : Status::kUndefined;
}
Status PolynomialField::negate(Value& x) {
  Value minus_one = functions_.make();
  functions_.set(*minus_one, Rational(-1));
  return multiply(x, minus_one);
}
Status PolynomialField::raise(Value& x, const Rational& exponent) {
  if (!exponent.is_integer()) return Status::kUnsupported;
  if (functions_.is_zero(*x)) return exponent.sign() > 0 ? Status::kOk : Status::kUndefined;
  if (!exponent.fits_int64() || std::abs(exponent.to_int64()) > 1000) return Status::kTooLarge;
  Value result = functions_.make();
  functions_.set(*result, Rational(1));
  const int64_t n = exponent.to_int64();
  for (int64_t k = 0; k < std::abs(n); ++k) {
    const Status status = n > 0 ? multiply(result, x) : divide(result, x);
    if (status != Status::kOk) return status;
  }
  x = std::move(result);
  return Status::kOk;
}

// ---- BallField ----

Status BallField::finish(const Value& x, Status status) {
  if (status != Status::kOk) return status;
  if (!budget_.spend(4 + precision_ / 64)) return Status::kTooLarge;
  if (!x.is_finite()) return Status::kUncertain;
  if (!x.contains_zero()) {
    spread_ = std::max({spread_, std::abs(x.magnitude(false)), std::abs(x.magnitude(true))});
  }
  return Status::kOk;
}
Status BallField::set(Value& out, const Rational& value) {
  out.set(value, precision_);
  return finish(out, Status::kOk);
}
Status BallField::set(Value& out, Constant constant) {
  out.set(constant, precision_);
  return finish(out, Status::kOk);
}
Status BallField::add(Value& x, const Value& y) {
  x.add(y, precision_);
  return finish(x, Status::kOk);
}
Status BallField::multiply(Value& x, const Value& y) {
  x.multiply(y, precision_);
  return finish(x, Status::kOk);
}
Status BallField::divide(Value& x, const Value& y) { return finish(x, x.divide(y, precision_)); }
Status BallField::negate(Value& x) {
  x.negate();
  return Status::kOk;
}
Status BallField::raise(Value& x, const Rational& exponent) {
  if (real_ && !exponent.is_integer() && x.is_real()) {
    uint64_t parity = 0;
    exponent.denominator().modulo(2, parity);
    if (parity == 0 && x.sign() < 0) return Status::kUndefined;
  }
  if (!budget_.spend(8 + precision_ / 16)) return Status::kTooLarge;
  return finish(x, x.raise(exponent, real_, precision_));
}
Status BallField::raise(Value& x, const Value& exponent) {
  if (real_ && x.is_real() && x.sign() < 0) return Status::kUndefined;
  if (!budget_.spend(16 + precision_ / 8)) return Status::kTooLarge;
  return finish(x, x.raise(exponent, precision_));
}
Status BallField::apply(Value& x, Function function) {
  if (!budget_.spend(16 + precision_ / 8)) return Status::kTooLarge;
  const bool was_real = x.is_real();
  if (real_ && was_real && function == Function::kLn && x.sign() < 0) return Status::kUndefined;
  const Status status = finish(x, x.apply(function, precision_));
  if (status == Status::kOk && real_ && was_real && x.is_not_real()) return Status::kUndefined;
  return status;
}
Status BallField::absolute(Value& x) {
  x.absolute(precision_);
  return finish(x, Status::kOk);
}
Status BallField::round_down(Value& x) {
  Rational whole;
  const Status status = x.round_down(whole);
  if (status != Status::kOk) return status;
  x.set(whole, precision_);
  return Status::kOk;
}
Status BallField::factorial(Value& x) {
  if (!budget_.spend(64 + precision_)) return Status::kTooLarge;
  if (x.magnitude(false) > 40) return Status::kTooLarge;
  Ball one;
  one.set(Rational(1), precision_);
  x.add(one, precision_);
  x.gamma(precision_);
  return finish(x, Status::kOk);
}

// ---- ExactField ----

Status ExactField::spend(int64_t degree) {
  if (degree > kMaxDegree) return Status::kTooLarge;
  degree_ *= degree;
  if (degree_ > kMaxDegree) return Status::kTooLarge;
  return budget_.spend(degree == 1 ? 50 : 1000) ? Status::kOk : Status::kTooLarge;
}
Status ExactField::set(Value& out, const Rational& value) {
  if (value.bits() > 2'000) return Status::kTooLarge;
  numbers_.set(*out, value);
  return Status::kOk;
}
Status ExactField::set(Value& out, Constant constant) {
  numbers_.set(*out, constant);
  return Status::kOk;
}
Status ExactField::add(Value& x, const Value& y) {
  const Status status = spend(1);
  if (status == Status::kOk) numbers_.add(*x, *y);
  return status;
}
Status ExactField::multiply(Value& x, const Value& y) {
  const Status status = spend(1);
  if (status == Status::kOk) numbers_.multiply(*x, *y);
  return status;
}
Status ExactField::divide(Value& x, const Value& y) {
  const Status status = spend(1);
  if (status != Status::kOk) return status;
  switch (numbers_.is_zero(*y)) {
    case ExactNumbers::Truth::kTrue:
      return Status::kUndefined;
    case ExactNumbers::Truth::kUnknown:
      return Status::kUncertain;
    case ExactNumbers::Truth::kFalse:
      break;
  }
  return numbers_.divide(*x, *y);
}
Status ExactField::negate(Value& x) {
  numbers_.negate(*x);
  return Status::kOk;
}
Status ExactField::raise(Value& x, const Rational& exponent) {
  const Rational index = exponent.denominator(), power = exponent.numerator();
  if (!index.fits_int64() || index.to_int64() > 64 || !power.fits_int64() ||
      std::abs(power.to_int64()) > 200) {
    return Status::kTooLarge;
  }
  if (Rational value; numbers_.is_rational(*x, value)) {
    if (value.bits() * std::abs(power.to_int64()) > 2'000) return Status::kTooLarge;
    if (value.sign() == 0) return exponent.sign() > 0 ? Status::kOk : Status::kUndefined;
  } else if (std::abs(power.to_int64()) > 16) {
    return Status::kTooLarge;
  }
  const int64_t n = index.to_int64();
  if (const Status status = spend(n); status != Status::kOk) return status;
  if (n % 2 == 0 || n == 1 || !real_) return numbers_.raise(*x, exponent);
  const ExactNumbers::Truth negative = numbers_.is_negative(*x);
  if (negative == ExactNumbers::Truth::kUnknown) return Status::kUncertain;
  if (negative == ExactNumbers::Truth::kFalse) return numbers_.raise(*x, exponent);
  numbers_.negate(*x);
  const Status status = numbers_.raise(*x, exponent);
  if (status == Status::kOk && power.to_int64() % 2 != 0) numbers_.negate(*x);
  return status;
}
Status ExactField::raise(Value& x, const Value& exponent) {
  const Status status = spend(2);
  return status == Status::kOk ? numbers_.raise(*x, *exponent) : status;
}
Status ExactField::root(Value& x, int64_t n) { return raise(x, Rational(1, n)); }
Status ExactField::apply(Value& x, Function function) {
  const bool trigonometric = function <= Function::kArccot;
  if (function <= Function::kCsc) {
    // A root of unity of high order would be a number of high degree.
    Value turns = numbers_.make(), pi = numbers_.make();
    numbers_.copy(*turns, *x);
    numbers_.set(*pi, Constant::kPi);
    Rational quotient;
    const bool rational =
        numbers_.divide(*turns, *pi) == Status::kOk && numbers_.is_rational(*turns, quotient);
    if (rational && quotient.denominator().compare(Rational(12)) > 0) return Status::kTooLarge;
  }
  const Status status = spend(trigonometric ? 8 : 2);
  return status == Status::kOk ? numbers_.apply(*x, function) : status;
}
Status ExactField::absolute(Value& x) {
  const Status status = spend(2);
  if (status == Status::kOk) numbers_.absolute(*x);
  return status;
}

}  // namespace r1::rewards::math::engine
