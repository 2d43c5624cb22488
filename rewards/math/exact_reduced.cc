// exact.h without FLINT: own rationals, and intervals of doubles rounded outwards, which refute and
// never prove.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <new>
#include <utility>

#include "base/error.h"
#include "rewards/math/big_integer.h"
#include "rewards/math/exact.h"

namespace r1::rewards::math::engine {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kUlps =
    4;  // more than the error of glibc's functions (its manual: at most 2 in round to nearest)

struct Fraction {
  BigInteger above, below{1};

  void reduce() {
    BigInteger rest;
    if (below.sign() < 0) {
      above.negate();
      below.negate();
    }
    const BigInteger common = greatest_common_divisor(above, below);
    if (common.is_one()) return;
    above = above.divide(common, rest);
    below = below.divide(common, rest);
  }
};

// A Rational holds one pointer.
Fraction*& slot(void* raw) { return *static_cast<Fraction**>(raw); }
Fraction& f(Rational& value) { return *slot(value.raw()); }
const Fraction& f(const Rational& value) { return **static_cast<Fraction* const*>(value.raw()); }

double down(double x) {
  for (int k = 0; k < kUlps; ++k) x = std::nextafter(x, -kInfinity);
  return x;
}
double up(double x) {
  for (int k = 0; k < kUlps; ++k) x = std::nextafter(x, kInfinity);
  return x;
}

struct Interval {
  double low = 0, high = 0;

  bool contains_zero() const { return low <= 0 && high >= 0; }
  bool is_zero() const { return low == 0 && high == 0; }
  bool is_finite() const { return std::isfinite(low) && std::isfinite(high); }
};

Interval add(const Interval& a, const Interval& b) {
  if (a.is_zero()) return b;
  if (b.is_zero()) return a;
  return {down(a.low + b.low), up(a.high + b.high)};
}
Interval negative(const Interval& a) { return {-a.high, -a.low}; }
Interval multiply(const Interval& a, const Interval& b) {
  if (a.is_zero() || b.is_zero()) return {};
  const auto [low, high] =
      std::minmax({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
  return {down(low), up(high)};
}
Interval inverse(const Interval& a) { return {down(1 / a.high), up(1 / a.low)}; }

struct Complex {
  Interval real, imaginary;
};
Complex& z(unsigned char* storage) { return *reinterpret_cast<Complex*>(storage); }
const Complex& z(const unsigned char* storage) {
  return *reinterpret_cast<const Complex*>(storage);
}

// A rising function at both ends.
template <class Function>
Interval rising(const Interval& x, Function function) {
  return {down(function(x.low)), up(function(x.high))};
}

// The slope of sine and cosine is at most 1.
Interval sine(const Interval& x, double (*function)(double)) {
  const double middle = x.low / 2 + x.high / 2;
  const double radius = up(std::max(x.high - middle, middle - x.low));
  if (!(radius < 1)) return {-1, 1};
  const double value = function(middle);
  return {std::max(-1.0, down(value - radius)), std::min(1.0, up(value + radius))};
}

bool quotient(Interval& out, const Interval& above, const Interval& below) {
  if (below.contains_zero()) return false;
  out = multiply(above, inverse(below));
  return true;
}

Interval enclose(const Rational& value) {
  const Fraction& fraction = f(value);
  if (fraction.above.sign() == 0) return {};
  // 60 bits of the quotient, cut off.
  const int64_t shift = 60 - (fraction.above.bits() - fraction.below.bits());
  BigInteger rest;
  const BigInteger above = shift > 0 ? fraction.above.shifted_left(shift) : fraction.above;
  const BigInteger below = shift < 0 ? fraction.below.shifted_left(-shift) : fraction.below;
  const BigInteger bits = above.divide(below, rest);
  const auto scaled = std::ldexp(static_cast<double>(bits.to_int64()),
                                 static_cast<int>(std::clamp<int64_t>(-shift, -4000, 4000)));
  const bool exact =
      rest.sign() == 0 &&
      static_cast<int64_t>(static_cast<double>(bits.to_int64())) == bits.to_int64() &&
      std::isfinite(scaled) && scaled != 0;
  return exact ? Interval{scaled, scaled} : Interval{down(scaled), up(scaled)};
}

}  // namespace

// ---- Rational ----

Rational::Rational() { slot(words_) = new Fraction; }
Rational::Rational(int64_t value) { slot(words_) = new Fraction{BigInteger(value)}; }
Rational::Rational(int64_t numerator, int64_t denominator) {
  slot(words_) = new Fraction{BigInteger(numerator), BigInteger(denominator)};
  f(*this).reduce();
}
Rational::Rational(const Rational& other) { slot(words_) = new Fraction(f(other)); }
Rational::Rational(Rational&& other) noexcept {
  slot(words_) = new Fraction;
  std::swap(slot(words_), slot(other.words_));
}
Rational& Rational::operator=(const Rational& other) {
  f(*this) = f(other);
  return *this;
}
Rational& Rational::operator=(Rational&& other) noexcept {
  std::swap(slot(words_), slot(other.words_));
  return *this;
}
Rational::~Rational() { delete slot(words_); }

Rational Rational::from_digits(std::string_view digits, int base) {
  Rational result;
  f(result).above = BigInteger::from_digits(digits, base);
  return result;
}
Rational Rational::power_of_ten(int64_t exponent) {
  Rational result(10);
  result.raise(exponent);
  return result;
}
void Rational::add(const Rational& other) {
  Fraction& x = f(*this);
  const Fraction& y = f(other);
  x.above = x.above * y.below + y.above * x.below;
  x.below = x.below * y.below;
  x.reduce();
}
void Rational::subtract(const Rational& other) {
  Rational turned = other;
  turned.negate();
  add(turned);
}
void Rational::multiply(const Rational& other) {
  Fraction& x = f(*this);
  x.above = x.above * f(other).above;
  x.below = x.below * f(other).below;
  x.reduce();
}
void Rational::divide(const Rational& other) {
  const Fraction y = f(other);
  Fraction& x = f(*this);
  x.above = x.above * y.below;
  x.below = x.below * y.above;
  x.reduce();
}
void Rational::negate() { f(*this).above.negate(); }
void Rational::raise(int64_t exponent) {
  Fraction& x = f(*this);
  x.above = x.above.raised(std::abs(exponent));
  x.below = x.below.raised(std::abs(exponent));
  if (exponent < 0) {
    std::swap(x.above, x.below);
    x.reduce();
  }
}
bool Rational::take_root(int64_t n) {
  if (n % 2 == 0 && sign() < 0) return false;
  Fraction root = f(*this);
  const bool negative = root.above.sign() < 0;
  if (negative) root.above.negate();
  if (!root.above.take_root(n) || !root.below.take_root(n)) return false;
  if (negative) root.above.negate();
  f(*this) = std::move(root);
  return true;
}
void Rational::round_down() {
  Fraction& x = f(*this);
  BigInteger rest;
  x.above = x.above.divide(x.below, rest);
  if (rest.sign() < 0) x.above = x.above - BigInteger(1);
  x.below = BigInteger(1);
}
int Rational::sign() const { return f(*this).above.sign(); }
int Rational::compare(const Rational& other) const {
  return (f(*this).above * f(other).below).compare(f(other).above * f(*this).below);
}
bool Rational::is_integer() const { return f(*this).below.is_one(); }
bool Rational::has_finite_decimal() const {
  BigInteger left = f(*this).below, rest;
  for (const int64_t prime : {2, 5}) {
    for (;;) {
      const BigInteger next = left.divide(BigInteger(prime), rest);
      if (rest.sign() != 0) break;
      left = next;
    }
  }
  return left.is_one();
}
int64_t Rational::bits() const { return std::max(f(*this).above.bits(), f(*this).below.bits()); }
bool Rational::fits_int64() const { return is_integer() && f(*this).above.fits_int64(); }
int64_t Rational::to_int64() const { return f(*this).above.to_int64(); }
Rational Rational::numerator() const {
  Rational result;
  f(result).above = f(*this).above;
  return result;
}
Rational Rational::denominator() const {
  Rational result;
  f(result).above = f(*this).below;
  return result;
}
bool Rational::modulo(uint64_t p, uint64_t& result) const {
  __extension__ typedef unsigned __int128 Wide;
  const uint64_t above = f(*this).above.modulo(p), below = f(*this).below.modulo(p);
  if (below == 0) return false;
  result = above;
  if (below == 1) return true;
  uint64_t power = below;  // below^(p-2) is its inverse
  for (uint64_t exponent = p - 2; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = static_cast<uint64_t>(Wide{result} * power % p);
    power = static_cast<uint64_t>(Wide{power} * power % p);
  }
  return true;
}
std::string Rational::text() const {
  const std::string above = f(*this).above.text();
  return is_integer() ? above : above + "/" + f(*this).below.text();
}

Rational greatest_common_divisor(const Rational& a, const Rational& b) {
  Rational result;
  f(result).above = greatest_common_divisor(f(a).above, f(b).above);
  return result;
}
Rational factorial(int64_t n) {
  Rational result(1);
  for (int64_t k = 2; k <= n; ++k) f(result).above = f(result).above * BigInteger(k);
  return result;
}
Rational binomial(int64_t n, int64_t k) {
  BigInteger value(1), rest;
  for (int64_t i = 0; i < std::min(k, n - k); ++i)
    value = (value * BigInteger(n - i)).divide(BigInteger(i + 1), rest);
  Rational result;
  f(result).above = value;
  return result;
}

// ---- Ball ----

static_assert(sizeof(Complex) <= 96);
Ball::Ball() { new (storage_) Complex; }
Ball::Ball(const Ball& other) { new (storage_) Complex(z(other.storage_)); }
Ball& Ball::operator=(const Ball& other) {
  z(storage_) = z(other.storage_);
  return *this;
}
Ball::~Ball() = default;

void Ball::set(const Rational& value, int64_t) { z(storage_) = {enclose(value), {}}; }
void Ball::set(Constant constant, int64_t) {
  z(storage_) = {};
  const double value = constant == Constant::kPi ? 3.14159265358979323846 : 2.71828182845904523536;
  if (constant == Constant::kI) {
    z(storage_).imaginary = {1, 1};
  } else {
    z(storage_).real = {down(value), up(value)};
  }
}
void Ball::add(const Ball& other, int64_t) {
  Complex& x = z(storage_);
  x.real = engine::add(x.real, z(other.storage_).real);
  x.imaginary = engine::add(x.imaginary, z(other.storage_).imaginary);
}
void Ball::subtract(const Ball& other, int64_t precision) {
  Ball turned = other;
  turned.negate();
  add(turned, precision);
}
void Ball::multiply(const Ball& other, int64_t) {
  const Complex x = z(storage_), y = z(other.storage_);
  z(storage_).real = engine::add(engine::multiply(x.real, y.real),
                                 negative(engine::multiply(x.imaginary, y.imaginary)));
  z(storage_).imaginary =
      engine::add(engine::multiply(x.real, y.imaginary), engine::multiply(x.imaginary, y.real));
}
Status Ball::divide(const Ball& other, int64_t precision) {
  const Complex y = z(other.storage_);
  if (y.real.is_zero() && y.imaginary.is_zero()) return Status::kUndefined;
  if (other.contains_zero()) return Status::kUncertain;
  const Interval size =
      engine::add(engine::multiply(y.real, y.real), engine::multiply(y.imaginary, y.imaginary));
  if (!(size.low > 0)) return Status::kUncertain;
  Ball conjugate;
  z(conjugate.storage_) = {engine::multiply(y.real, inverse(size)),
                           engine::multiply(negative(y.imaginary), inverse(size))};
  multiply(conjugate, precision);
  return is_finite() ? Status::kOk : Status::kUncertain;
}
void Ball::negate() { z(storage_) = {negative(z(storage_).real), negative(z(storage_).imaginary)}; }

Status Ball::raise(const Rational& exponent, bool real, int64_t precision) {
  Complex& x = z(storage_);
  if (x.real.is_zero() && x.imaginary.is_zero())
    return exponent.sign() > 0 ? Status::kOk : Status::kUndefined;
  if (exponent.is_integer() && exponent.fits_int64() && std::abs(exponent.to_int64()) <= 4096) {
    Ball result;
    result.set(Rational(1), precision);
    for (int64_t k = 0; k < std::abs(exponent.to_int64()); ++k) result.multiply(*this, precision);
    if (exponent.sign() >= 0) {
      *this = result;
    } else {
      set(Rational(1), precision);
      return divide(result, precision);
    }
    return is_finite() ? Status::kOk : Status::kUncertain;
  }
  if (!is_real()) return Status::kUncertain;
  if (x.real.high < 0) {
    uint64_t odd = 0;
    exponent.denominator().modulo(2, odd);
    negate();
    const Status status = raise(exponent, real, precision);
    if (status != Status::kOk) return status;
    uint64_t odd_power = 0;
    exponent.numerator().modulo(2, odd_power);
    if (odd == 1 && real) {
      if (odd_power == 1) negate();
      return Status::kOk;
    }
    if (!(exponent == Rational(1, 2))) return Status::kUncertain;
    std::swap(x.real, x.imaginary);  // sqrt(-r) = i sqrt(r)
    return Status::kOk;
  }
  if (x.real.low < 0) return Status::kUncertain;
  const Interval power = enclose(exponent);
  if (!power.is_finite()) return Status::kUncertain;
  const auto [low, high] =
      std::minmax({std::pow(x.real.low, power.low), std::pow(x.real.low, power.high),
                   std::pow(x.real.high, power.low), std::pow(x.real.high, power.high)});
  x.real = {down(low), up(high)};
  return is_finite() ? Status::kOk : Status::kUncertain;
}

Status Ball::raise(const Ball& exponent, int64_t precision) {
  if (!is_real() || !exponent.is_real() || !(z(storage_).real.low > 0)) return Status::kUncertain;
  Status status = apply(Function::kLn, precision);
  if (status == Status::kOk) multiply(exponent, precision);
  return status == Status::kOk ? apply(Function::kExp, precision) : status;
}

Status Ball::apply(Function function, int64_t) {
  Complex& x = z(storage_);
  if (function == Function::kReal || function == Function::kImaginary) {
    x = {function == Function::kReal ? x.real : x.imaginary, {}};
    return Status::kOk;
  }
  if (function == Function::kConjugate) {
    x.imaginary = negative(x.imaginary);
    return Status::kOk;
  }
  if (!is_real()) return Status::kUncertain;
  Interval& r = x.real;
  const double half_pi = 1.57079632679489661923;
  const Interval s = sine(r, std::sin), c = sine(r, std::cos);
  bool fine = true;
  switch (function) {
    case Function::kSin:
      r = s;
      break;
    case Function::kCos:
      r = c;
      break;
    case Function::kTan:
      fine = quotient(r, s, c);
      break;
    case Function::kCot:
      fine = quotient(r, c, s);
      break;
    case Function::kSec:
      fine = quotient(r, {1, 1}, c);
      break;
    case Function::kCsc:
      fine = quotient(r, {1, 1}, s);
      break;
    case Function::kArcsin:
    case Function::kArccos:
      fine = r.low >= -1 && r.high <= 1;
      if (fine) r = rising(r, [](double v) { return std::asin(v); });
      if (fine && function == Function::kArccos)
        r = engine::add({down(half_pi), up(half_pi)}, negative(r));
      break;
    case Function::kArctan:
      r = rising(r, [](double v) { return std::atan(v); });
      break;
    case Function::kArccot:
      r = engine::add({down(half_pi), up(half_pi)},
                      negative(rising(r, [](double v) { return std::atan(v); })));
      break;
    case Function::kSinh:
      r = rising(r, [](double v) { return std::sinh(v); });
      break;
    case Function::kCosh: {
      const double far = std::max(std::abs(r.low), std::abs(r.high));
      const double near = r.contains_zero() ? 0 : std::min(std::abs(r.low), std::abs(r.high));
      r = {down(std::cosh(near)), up(std::cosh(far))};
      break;
    }
    case Function::kTanh:
      r = rising(r, [](double v) { return std::tanh(v); });
      break;
    case Function::kArsinh:
      r = rising(r, [](double v) { return std::asinh(v); });
      break;
    case Function::kArcosh:
      fine = r.low >= 1;
      if (fine) r = rising(r, [](double v) { return std::acosh(v); });
      break;
    case Function::kArtanh:
      fine = r.low > -1 && r.high < 1;
      if (fine) r = rising(r, [](double v) { return std::atanh(v); });
      break;
    case Function::kExp:
      r = rising(r, [](double v) { return std::exp(v); });
      break;
    case Function::kLn:
      if (r.is_zero()) return Status::kUndefined;
      fine = r.low > 0;
      if (fine) r = rising(r, [](double v) { return std::log(v); });
      break;
    default:
      return Status::kUnsupported;
  }
  return fine && is_finite() ? Status::kOk : Status::kUncertain;
}

void Ball::absolute(int64_t) {
  Complex& x = z(storage_);
  const auto size = [](const Interval& part) {
    const double far = std::max(std::abs(part.low), std::abs(part.high));
    return Interval{part.contains_zero() ? 0 : std::min(std::abs(part.low), std::abs(part.high)),
                    far};
  };
  const Interval real = size(x.real), imaginary = size(x.imaginary);
  if (x.imaginary.is_zero()) {
    x.real = real;
    return;
  }
  x.real = {std::max(0.0, down(std::hypot(real.low, imaginary.low))),
            up(std::hypot(real.high, imaginary.high))};
  x.imaginary = {};
}
void Ball::gamma(int64_t) {
  Complex& x = z(storage_);
  // Rising from 2 on; below, and where doubles end, nothing is known.
  if (!is_real() || x.real.low < 2 || x.real.high > 170) {
    x.real = {-kInfinity, kInfinity};
    return;
  }
  x.real = {down(std::tgamma(x.real.low) * (1 - 1e-13)),
            up(std::tgamma(x.real.high) * (1 + 1e-13))};
}

bool Ball::is_finite() const {
  return z(storage_).real.is_finite() && z(storage_).imaginary.is_finite();
}
bool Ball::contains_zero() const {
  return z(storage_).real.contains_zero() && z(storage_).imaginary.contains_zero();
}
bool Ball::overlaps(const Ball& other) const {
  const auto meet = [](const Interval& a, const Interval& b) {
    return a.low <= b.high && b.low <= a.high;
  };
  return meet(z(storage_).real, z(other.storage_).real) &&
         meet(z(storage_).imaginary, z(other.storage_).imaginary);
}
bool Ball::is_real() const { return z(storage_).imaginary.is_zero(); }
bool Ball::is_not_real() const { return !z(storage_).imaginary.contains_zero(); }
int Ball::sign() const { return z(storage_).real.low > 0 ? 1 : z(storage_).real.high < 0 ? -1 : 0; }
bool Ball::narrower_than(int64_t log2) const {
  const double limit = std::ldexp(2.0, static_cast<int>(std::max<int64_t>(log2, -1070)));
  const Complex& x = z(storage_);
  return x.real.high - x.real.low < limit && x.imaginary.high - x.imaginary.low < limit;
}
int64_t Ball::magnitude(bool low) const {
  Ball size = *this;
  size.absolute(53);
  const double value = low ? z(size.storage_).real.low : z(size.storage_).real.high;
  if (!(value > 0)) return -(int64_t{1} << 40);
  return std::isfinite(value) ? std::ilogb(value) + (low ? 0 : 1) : int64_t{1} << 40;
}
Status Ball::round_down(Rational& result) const {
  const Interval& r = z(storage_).real;
  if (!is_real() || !(std::abs(r.low) < 0x1p62) || !(std::abs(r.high) < 0x1p62))
    return Status::kUnsupported;
  if (std::floor(r.low) != std::floor(r.high)) return Status::kUncertain;
  result = Rational(static_cast<int64_t>(std::floor(r.low)));
  return Status::kOk;
}
int Ball::compare(const Rational& value) const {
  const Interval other = enclose(value);
  return z(storage_).real.low > other.high ? 1 : z(storage_).real.high < other.low ? -1 : 0;
}
std::string Ball::text() const {
  return std::to_string(z(storage_).real.low / 2 + z(storage_).real.high / 2);
}

// ---- What this level does not have: available() is false, so that nothing below is ever called
// ----

namespace {
[[noreturn]] void absent() {
  check_failed("available()", __FILE__, __LINE__, "the reduced level has no such numbers");
}
}  // namespace

struct RationalFunctions::Context {};
class RationalFunctions::Value {};
bool RationalFunctions::available() { return false; }
RationalFunctions::RationalFunctions(int) { absent(); }
RationalFunctions::~RationalFunctions() = default;
void RationalFunctions::Deleter::operator()(Value* value) const { delete value; }
RationalFunctions::Handle RationalFunctions::make() { absent(); }
void RationalFunctions::set(Value&, const Rational&) { absent(); }
void RationalFunctions::set_variable(Value&, int) { absent(); }
void RationalFunctions::add(Value&, const Value&) { absent(); }
void RationalFunctions::multiply(Value&, const Value&) { absent(); }
bool RationalFunctions::divide(Value&, const Value&) { absent(); }
void RationalFunctions::copy(Value&, const Value&) { absent(); }
bool RationalFunctions::is_zero(const Value&) { absent(); }
int64_t RationalFunctions::terms(const Value&) { absent(); }
int64_t RationalFunctions::bits(const Value&) { absent(); }
int64_t RationalFunctions::degree(const Value&) { absent(); }

struct ExactNumbers::Context {};
class ExactNumbers::Value {};
bool ExactNumbers::available() { return false; }
ExactNumbers::ExactNumbers() { absent(); }
ExactNumbers::~ExactNumbers() = default;
void ExactNumbers::Deleter::operator()(Value* value) const { delete value; }
ExactNumbers::Handle ExactNumbers::make() { absent(); }
void ExactNumbers::set(Value&, const Rational&) { absent(); }
void ExactNumbers::set(Value&, Constant) { absent(); }
void ExactNumbers::copy(Value&, const Value&) { absent(); }
void ExactNumbers::add(Value&, const Value&) { absent(); }
void ExactNumbers::multiply(Value&, const Value&) { absent(); }
Status ExactNumbers::divide(Value&, const Value&) { absent(); }
Status ExactNumbers::raise(Value&, const Rational&) { absent(); }
Status ExactNumbers::raise(Value&, const Value&) { absent(); }
Status ExactNumbers::root(Value&, int64_t) { absent(); }
Status ExactNumbers::apply(Value&, Function) { absent(); }
void ExactNumbers::negate(Value&) { absent(); }
void ExactNumbers::absolute(Value&) { absent(); }
bool ExactNumbers::is_rational(const Value&, Rational&) { absent(); }
ExactNumbers::Truth ExactNumbers::is_zero(const Value&) { absent(); }
ExactNumbers::Truth ExactNumbers::is_negative(const Value&) { absent(); }

std::string exact_level() { return "reduced"; }

}  // namespace r1::rewards::math::engine
