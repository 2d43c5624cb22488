// exact.h on FLINT, Arb and Calcium.
#include "rewards/math/exact.h"

#if __has_include(<flint/ca.h>)  // FLINT 3: one library
#include <flint/acb.h>
#include <flint/ca.h>
#include <flint/fmpq.h>
#include <flint/fmpz_mpoly.h>
#else
#include <acb.h>
#include <flint/fmpq.h>
#include <flint/fmpz_mpoly.h>

// Calcium 0.4's headers assign void* to other pointers, which is C and not C++: let the two
// allocators they call convert.
struct R1AnyPointer {
  void* address;
  template <class T>
  operator T*() const {
    return static_cast<T*>(address);
  }
};
#define flint_malloc(size) (R1AnyPointer{flint_malloc(size)})
#define flint_realloc(address, size) (R1AnyPointer{flint_realloc(address, size)})
#include <calcium/ca.h>
#undef flint_malloc
#undef flint_realloc
#endif

#include <flint/ulong_extras.h>

#include <algorithm>
#include <new>
#include <utility>
#include <vector>

namespace r1::rewards::math::engine {
namespace {

// FLINT keeps caches for each thread that used it; this frees them when the thread ends.
struct ThreadCaches {
  ~ThreadCaches() { flint_cleanup(); }
};
void touch_thread_caches() {
  static thread_local ThreadCaches caches;
  (void)&caches;
}

constexpr slong kMaxExactPrecision = 4096;
constexpr int64_t kMaxMagnitude = int64_t{1} << 40;

static_assert(sizeof(fmpq) == 16 && sizeof(acb_struct) == 96);
fmpq* q(Rational& value) { return static_cast<fmpq*>(value.raw()); }
const fmpq* q(const Rational& value) { return static_cast<const fmpq*>(value.raw()); }
acb_struct* z(unsigned char* storage) { return reinterpret_cast<acb_struct*>(storage); }
const acb_struct* z(const unsigned char* storage) {
  return reinterpret_cast<const acb_struct*>(storage);
}

struct Integer {
  Integer() { fmpz_init(value); }
  ~Integer() { fmpz_clear(value); }
  Integer(const Integer&) = delete;
  Integer& operator=(const Integer&) = delete;
  fmpz_t value;
};
struct Complex {
  Complex() { acb_init(value); }
  ~Complex() { acb_clear(value); }
  Complex(const Complex&) = delete;
  Complex& operator=(const Complex&) = delete;
  acb_t value;
};
struct Magnitude {
  Magnitude() { mag_init(value); }
  ~Magnitude() { mag_clear(value); }
  Magnitude(const Magnitude&) = delete;
  Magnitude& operator=(const Magnitude&) = delete;
  mag_t value;
};

}  // namespace

// ---- Rational ----

Rational::Rational() { fmpq_init(q(*this)); }
Rational::Rational(int64_t value) : Rational() { fmpz_set_si(fmpq_numref(q(*this)), value); }
Rational::Rational(int64_t numerator, int64_t denominator) : Rational() {
  fmpq_set_si(q(*this), numerator, static_cast<ulong>(denominator));
}
Rational::Rational(const Rational& other) : Rational() { fmpq_set(q(*this), q(other)); }
Rational::Rational(Rational&& other) noexcept : Rational() { fmpq_swap(q(*this), q(other)); }
Rational& Rational::operator=(const Rational& other) {
  fmpq_set(q(*this), q(other));
  return *this;
}
Rational& Rational::operator=(Rational&& other) noexcept {
  fmpq_swap(q(*this), q(other));
  return *this;
}
Rational::~Rational() { fmpq_clear(q(*this)); }

Rational Rational::from_digits(std::string_view digits, int base) {
  touch_thread_caches();
  Rational result;
  if (base == 10 && digits.size() <= 18) {
    int64_t value = 0;
    for (const char digit : digits) value = value * 10 + (digit - '0');
    fmpz_set_si(fmpq_numref(q(result)), value);
  } else {
    fmpz_set_str(fmpq_numref(q(result)), std::string(digits).c_str(), base);
  }
  return result;
}

Rational Rational::power_of_ten(int64_t exponent) {
  Rational result(10);
  result.raise(exponent);
  return result;
}

void Rational::add(const Rational& other) { fmpq_add(q(*this), q(*this), q(other)); }
void Rational::subtract(const Rational& other) { fmpq_sub(q(*this), q(*this), q(other)); }
void Rational::multiply(const Rational& other) { fmpq_mul(q(*this), q(*this), q(other)); }
void Rational::divide(const Rational& other) { fmpq_div(q(*this), q(*this), q(other)); }
void Rational::negate() { fmpq_neg(q(*this), q(*this)); }
void Rational::raise(int64_t exponent) { fmpq_pow_si(q(*this), q(*this), exponent); }

bool Rational::take_root(int64_t n) {
  if (n % 2 == 0 && sign() < 0) return false;
  Rational root;
  if (!fmpz_root(fmpq_numref(q(root)), fmpq_numref(q(*this)), n)) return false;
  if (!fmpz_root(fmpq_denref(q(root)), fmpq_denref(q(*this)), n)) return false;
  fmpq_swap(q(*this), q(root));
  return true;
}

void Rational::round_down() {
  Integer floor;
  fmpz_fdiv_q(floor.value, fmpq_numref(q(*this)), fmpq_denref(q(*this)));
  fmpq_set_fmpz(q(*this), floor.value);
}

int Rational::sign() const { return fmpq_sgn(q(*this)); }
int Rational::compare(const Rational& other) const {
  const int order = fmpq_cmp(q(*this), q(other));
  return (order > 0) - (order < 0);
}
bool Rational::is_integer() const { return fmpz_is_one(fmpq_denref(q(*this))); }

bool Rational::has_finite_decimal() const {
  Integer rest, factor;
  fmpz_set(rest.value, fmpq_denref(q(*this)));
  for (const ulong prime : {2, 5}) {
    fmpz_set_ui(factor.value, prime);
    fmpz_remove(rest.value, rest.value, factor.value);
  }
  return fmpz_is_one(rest.value);
}

int64_t Rational::bits() const {
  return static_cast<int64_t>(
      std::max(fmpz_bits(fmpq_numref(q(*this))), fmpz_bits(fmpq_denref(q(*this)))));
}
bool Rational::fits_int64() const { return is_integer() && fmpz_fits_si(fmpq_numref(q(*this))); }
int64_t Rational::to_int64() const { return fmpz_get_si(fmpq_numref(q(*this))); }

Rational Rational::numerator() const {
  Rational result;
  fmpz_set(fmpq_numref(::r1::rewards::math::engine::q(result)), fmpq_numref(q(*this)));
  return result;
}
Rational Rational::denominator() const {
  Rational result;
  fmpz_set(fmpq_numref(::r1::rewards::math::engine::q(result)), fmpq_denref(q(*this)));
  return result;
}

bool Rational::modulo(uint64_t p, uint64_t& result) const {
  const ulong numerator = fmpz_fdiv_ui(fmpq_numref(q(*this)), p);
  const ulong denominator = fmpz_fdiv_ui(fmpq_denref(q(*this)), p);
  if (denominator == 0) return false;
  result = denominator == 1 ? numerator : n_mulmod2(numerator, n_invmod(denominator, p), p);
  return true;
}

std::string Rational::text() const {
  char* raw_text = fmpq_get_str(nullptr, 10, q(*this));
  std::string result = raw_text;
  flint_free(raw_text);
  return result;
}

Rational greatest_common_divisor(const Rational& a, const Rational& b) {
  Rational result;
  fmpz_gcd(fmpq_numref(q(result)), fmpq_numref(q(a)), fmpq_numref(q(b)));
  return result;
}
Rational factorial(int64_t n) {
  Rational result;
  fmpz_fac_ui(fmpq_numref(q(result)), static_cast<ulong>(n));
  return result;
}
Rational binomial(int64_t n, int64_t k) {
  Rational result;
  fmpz_bin_uiui(fmpq_numref(q(result)), static_cast<ulong>(n), static_cast<ulong>(k));
  return result;
}

// ---- Ball ----

Ball::Ball() { acb_init(z(storage_)); }
Ball::Ball(const Ball& other) : Ball() { acb_set(z(storage_), z(other.storage_)); }
Ball& Ball::operator=(const Ball& other) {
  acb_set(z(storage_), z(other.storage_));
  return *this;
}
Ball::~Ball() { acb_clear(z(storage_)); }

void Ball::set(const Rational& value, int64_t precision) {
  touch_thread_caches();
  acb_set_fmpq(z(storage_), q(value), precision);
}
void Ball::set(Constant constant, int64_t precision) {
  touch_thread_caches();
  acb_zero(z(storage_));
  if (constant == Constant::kPi) arb_const_pi(acb_realref(z(storage_)), precision);
  if (constant == Constant::kE) arb_const_e(acb_realref(z(storage_)), precision);
  if (constant == Constant::kI) arb_one(acb_imagref(z(storage_)));
}
void Ball::add(const Ball& other, int64_t precision) {
  acb_add(z(storage_), z(storage_), z(other.storage_), precision);
}
void Ball::subtract(const Ball& other, int64_t precision) {
  acb_sub(z(storage_), z(storage_), z(other.storage_), precision);
}
void Ball::multiply(const Ball& other, int64_t precision) {
  acb_mul(z(storage_), z(storage_), z(other.storage_), precision);
}
Status Ball::divide(const Ball& other, int64_t precision) {
  if (acb_is_zero(z(other.storage_))) return Status::kUndefined;
  if (acb_contains_zero(z(other.storage_))) return Status::kUncertain;
  acb_div(z(storage_), z(storage_), z(other.storage_), precision);
  return is_finite() ? Status::kOk : Status::kUncertain;
}
void Ball::negate() { acb_neg(z(storage_), z(storage_)); }

Status Ball::raise(const Rational& exponent, bool real, int64_t precision) {
  acb_struct* x = z(storage_);
  if (acb_contains_zero(x) && exponent.sign() <= 0) {
    if (acb_is_zero(x)) return Status::kUndefined;
    if (exponent.sign() < 0) return Status::kUncertain;
  }
  if (exponent.is_integer()) {
    acb_pow_fmpz(x, x, fmpq_numref(q(exponent)), precision);
    return is_finite() ? Status::kOk : Status::kUncertain;
  }
  if (acb_is_zero(x)) return Status::kOk;
  if (!fmpz_fits_si(fmpq_denref(q(exponent)))) return Status::kTooLarge;
  const slong index = fmpz_get_si(fmpq_denref(q(exponent)));
  const bool negative = real && index % 2 == 1 && is_real() && sign() <= 0;
  if (negative && sign() == 0) return Status::kUncertain;
  if (negative) acb_neg(x, x);
  if (index <= 64) {
    acb_root_ui(x, x, static_cast<ulong>(index), precision);
    acb_pow_fmpz(x, x, fmpq_numref(q(exponent)), precision);
  } else {
    Complex power;
    acb_set_fmpq(power.value, q(exponent), precision);
    acb_pow(x, x, power.value, precision);
  }
  if (negative && !fmpz_is_even(fmpq_numref(q(exponent)))) acb_neg(x, x);
  return is_finite() ? Status::kOk : Status::kUncertain;
}

Status Ball::raise(const Ball& exponent, int64_t precision) {
  acb_struct* x = z(storage_);
  if (acb_contains_zero(x)) return Status::kUncertain;
  acb_pow(x, x, z(exponent.storage_), precision);
  return is_finite() ? Status::kOk : Status::kUncertain;
}

Status Ball::apply(Function function, int64_t precision) {
  acb_struct* x = z(storage_);
  switch (function) {
    case Function::kSin:
      acb_sin(x, x, precision);
      break;
    case Function::kCos:
      acb_cos(x, x, precision);
      break;
    case Function::kTan:
      acb_tan(x, x, precision);
      break;
    case Function::kCot:
      acb_cot(x, x, precision);
      break;
    case Function::kSec:
      acb_sec(x, x, precision);
      break;
    case Function::kCsc:
      acb_csc(x, x, precision);
      break;
    case Function::kArcsin:
      acb_asin(x, x, precision);
      break;
    case Function::kArccos:
      acb_acos(x, x, precision);
      break;
    case Function::kArctan:
      acb_atan(x, x, precision);
      break;
    case Function::kArccot: {
      Complex right_angle;
      acb_const_pi(right_angle.value, precision);
      acb_mul_2exp_si(right_angle.value, right_angle.value, -1);
      acb_atan(x, x, precision);
      acb_sub(x, right_angle.value, x, precision);
      break;
    }
    case Function::kSinh:
      acb_sinh(x, x, precision);
      break;
    case Function::kCosh:
      acb_cosh(x, x, precision);
      break;
    case Function::kTanh:
      acb_tanh(x, x, precision);
      break;
    case Function::kArsinh:
      acb_asinh(x, x, precision);
      break;
    case Function::kArcosh:
      acb_acosh(x, x, precision);
      break;
    case Function::kArtanh:
      acb_atanh(x, x, precision);
      break;
    case Function::kExp:
      acb_exp(x, x, precision);
      break;
    case Function::kLn:
      if (acb_is_zero(x)) return Status::kUndefined;
      acb_log(x, x, precision);
      break;
    case Function::kReal:
      arb_zero(acb_imagref(x));
      break;
    case Function::kImaginary:
      arb_set(acb_realref(x), acb_imagref(x));
      arb_zero(acb_imagref(x));
      break;
    case Function::kConjugate:
      acb_conj(x, x);
      break;
  }
  return is_finite() ? Status::kOk : Status::kUncertain;
}

void Ball::absolute(int64_t precision) {
  Complex size;
  acb_abs(acb_realref(size.value), z(storage_), precision);
  acb_swap(z(storage_), size.value);
}
void Ball::gamma(int64_t precision) { acb_gamma(z(storage_), z(storage_), precision); }

bool Ball::is_finite() const { return acb_is_finite(z(storage_)); }
bool Ball::contains_zero() const { return acb_contains_zero(z(storage_)); }
bool Ball::overlaps(const Ball& other) const {
  return acb_overlaps(z(storage_), z(other.storage_));
}
bool Ball::is_real() const { return acb_is_real(z(storage_)); }
bool Ball::is_not_real() const { return !arb_contains_zero(acb_imagref(z(storage_))); }
int Ball::sign() const {
  const arb_struct* real = acb_realref(z(storage_));
  return arb_is_positive(real) ? 1 : arb_is_negative(real) ? -1 : 0;
}
bool Ball::narrower_than(int64_t log2) const {
  return mag_cmp_2exp_si(arb_radref(acb_realref(z(storage_))), log2) < 0 &&
         mag_cmp_2exp_si(arb_radref(acb_imagref(z(storage_))), log2) < 0;
}

int64_t Ball::magnitude(bool low) const {
  Magnitude size;
  if (low) {
    acb_get_mag_lower(size.value, z(storage_));
  } else {
    acb_get_mag(size.value, z(storage_));
  }
  if (mag_is_zero(size.value)) return -kMaxMagnitude;
  if (mag_is_inf(size.value)) return kMaxMagnitude;
  if (!fmpz_fits_si(MAG_EXPREF(size.value))) {
    return fmpz_sgn(MAG_EXPREF(size.value)) * kMaxMagnitude;
  }
  return std::clamp<int64_t>(fmpz_get_si(MAG_EXPREF(size.value)), -kMaxMagnitude, kMaxMagnitude);
}

Status Ball::round_down(Rational& result) const {
  if (!is_real() || magnitude(false) > 2000) return Status::kUnsupported;
  Complex floor;
  arb_floor(acb_realref(floor.value), acb_realref(z(storage_)), 2100);
  Integer value;
  if (!arb_get_unique_fmpz(value.value, acb_realref(floor.value))) return Status::kUncertain;
  fmpq_set_fmpz(q(result), value.value);
  return Status::kOk;
}

int Ball::compare(const Rational& value) const {
  constexpr slong kPrecision = 8192;
  Complex scaled;
  arb_struct* difference = acb_realref(scaled.value);
  arb_mul_fmpz(difference, acb_realref(z(storage_)), fmpq_denref(q(value)), kPrecision);
  arb_sub_fmpz(difference, difference, fmpq_numref(q(value)), kPrecision);
  return arb_is_positive(difference) ? 1 : arb_is_negative(difference) ? -1 : 0;
}

std::string Ball::text() const {
  const auto part = [](const arb_struct* x) {
    char* raw_text = arb_get_str(x, 12, ARB_STR_NO_RADIUS);
    std::string result = raw_text;
    flint_free(raw_text);
    return result;
  };
  const std::string real = part(acb_realref(z(storage_)));
  return is_real() ? real : real + " + " + part(acb_imagref(z(storage_))) + " i";
}

// ---- RationalFunctions ----

struct RationalFunctions::Context {
  fmpz_mpoly_ctx_t polynomials;
};
class RationalFunctions::Value {
 public:
  fmpz_mpoly_t above, below;
};

RationalFunctions::RationalFunctions(int variables) : context_(std::make_unique<Context>()) {
  touch_thread_caches();
  fmpz_mpoly_ctx_init(context_->polynomials, std::max(variables, 1), ORD_DEGLEX);
}
RationalFunctions::~RationalFunctions() { fmpz_mpoly_ctx_clear(context_->polynomials); }
void RationalFunctions::Deleter::operator()(Value* value) const {
  fmpz_mpoly_clear(value->above, owner->context_->polynomials);
  fmpz_mpoly_clear(value->below, owner->context_->polynomials);
  delete value;
}
RationalFunctions::Handle RationalFunctions::make() {
  auto* value = new Value;
  fmpz_mpoly_init(value->above, context_->polynomials);
  fmpz_mpoly_init(value->below, context_->polynomials);
  fmpz_mpoly_one(value->below, context_->polynomials);
  return Handle(value, Deleter{this});
}
void RationalFunctions::set(Value& value, const Rational& number) {
  fmpz_mpoly_set_fmpz(value.above, fmpq_numref(q(number)), context_->polynomials);
  fmpz_mpoly_set_fmpz(value.below, fmpq_denref(q(number)), context_->polynomials);
}
void RationalFunctions::set_variable(Value& value, int index) {
  fmpz_mpoly_gen(value.above, index, context_->polynomials);
  fmpz_mpoly_one(value.below, context_->polynomials);
}
void RationalFunctions::add(Value& value, const Value& other) {
  fmpz_mpoly_ctx_struct* context = context_->polynomials;
  if (fmpz_mpoly_equal(value.below, other.below, context)) {
    fmpz_mpoly_add(value.above, value.above, other.above, context);
    return;
  }
  const Handle scaled = make();
  fmpz_mpoly_mul(scaled->above, other.above, value.below, context);
  fmpz_mpoly_mul(value.above, value.above, other.below, context);
  fmpz_mpoly_add(value.above, value.above, scaled->above, context);
  fmpz_mpoly_mul(value.below, value.below, other.below, context);
}
void RationalFunctions::multiply(Value& value, const Value& other) {
  fmpz_mpoly_mul(value.above, value.above, other.above, context_->polynomials);
  fmpz_mpoly_mul(value.below, value.below, other.below, context_->polynomials);
}
bool RationalFunctions::divide(Value& value, const Value& other) {
  if (fmpz_mpoly_is_zero(other.above, context_->polynomials)) return false;
  const Handle inverse = make();
  fmpz_mpoly_set(inverse->above, other.below, context_->polynomials);
  fmpz_mpoly_set(inverse->below, other.above, context_->polynomials);
  multiply(value, *inverse);
  return true;
}
void RationalFunctions::copy(Value& value, const Value& other) {
  fmpz_mpoly_set(value.above, other.above, context_->polynomials);
  fmpz_mpoly_set(value.below, other.below, context_->polynomials);
}
bool RationalFunctions::is_zero(const Value& value) {
  return fmpz_mpoly_is_zero(value.above, context_->polynomials);
}
int64_t RationalFunctions::terms(const Value& value) {
  return fmpz_mpoly_length(value.above, context_->polynomials) +
         fmpz_mpoly_length(value.below, context_->polynomials);
}
int64_t RationalFunctions::bits(const Value& value) {
  return std::max(std::abs(fmpz_mpoly_max_bits(value.above)),
                  std::abs(fmpz_mpoly_max_bits(value.below)));
}
int64_t RationalFunctions::degree(const Value& value) {
  slong largest = 0;
  for (const fmpz_mpoly_struct* part : {value.above, value.below}) {
    if (!fmpz_mpoly_total_degree_fits_si(part, context_->polynomials)) return INT64_MAX;
    largest = std::max(largest, fmpz_mpoly_total_degree_si(part, context_->polynomials));
  }
  return largest;
}
bool RationalFunctions::available() { return true; }

// ---- ExactNumbers ----

struct ExactNumbers::Context {
  ca_ctx_t numbers;
};
class ExactNumbers::Value {
 public:
  ca_t number;
};

namespace {

Status status_of(const ca_t number) {
  if (!CA_IS_SPECIAL(number)) return Status::kOk;
  return CA_IS_UNKNOWN(number) ? Status::kUnsupported : Status::kUndefined;
}

ExactNumbers::Truth truth_of(truth_t truth) {
  return truth == T_TRUE    ? ExactNumbers::Truth::kTrue
         : truth == T_FALSE ? ExactNumbers::Truth::kFalse
                            : ExactNumbers::Truth::kUnknown;
}

// A scratch number of one context.
class Scratch {
 public:
  explicit Scratch(ca_ctx_struct* context) : context_(context) { ca_init(value, context); }
  ~Scratch() { ca_clear(value, context_); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ca_t value;

 private:
  ca_ctx_struct* context_;
};

// (e^x + sign e^-x) / 2
void hyperbolic(ca_t x, int sign, ca_ctx_t context) {
  Scratch inverse(context);
  ca_exp(x, x, context);
  ca_inv(inverse.value, x, context);
  if (sign > 0) {
    ca_add(x, x, inverse.value, context);
  } else {
    ca_sub(x, x, inverse.value, context);
  }
  ca_div_ui(x, x, 2, context);
}

// log(x + sqrt(x^2 + offset)), the inverse of sinh (offset 1) and, for x >= 1, of cosh (-1)
void area_function(ca_t x, slong offset, ca_ctx_t context) {
  Scratch square(context);
  ca_mul(square.value, x, x, context);
  ca_add_si(square.value, square.value, offset, context);
  ca_sqrt(square.value, square.value, context);
  ca_add(x, x, square.value, context);
  ca_log(x, x, context);
}

// log((1 + x) / (1 - x)) / 2
void area_tangent(ca_t x, ca_ctx_t context) {
  Scratch below(context);
  ca_si_sub(below.value, 1, x, context);
  ca_add_ui(x, x, 1, context);
  ca_div(x, x, below.value, context);
  ca_log(x, x, context);
  ca_div_ui(x, x, 2, context);
}

}  // namespace

ExactNumbers::ExactNumbers() : context_(std::make_unique<Context>()) {
  touch_thread_caches();
  ca_ctx_init(context_->numbers);
  ca_ctx_set_option(context_->numbers, CA_OPT_QQBAR_DEG_LIMIT, 64);
  ca_ctx_set_option(context_->numbers, CA_OPT_PREC_LIMIT, kMaxExactPrecision);
}
ExactNumbers::~ExactNumbers() { ca_ctx_clear(context_->numbers); }
void ExactNumbers::Deleter::operator()(Value* value) const {
  ca_clear(value->number, owner->context_->numbers);
  delete value;
}
ExactNumbers::Handle ExactNumbers::make() {
  auto* value = new Value;
  ca_init(value->number, context_->numbers);
  return Handle(value, Deleter{this});
}
void ExactNumbers::set(Value& value, const Rational& number) {
  ca_set_fmpq(value.number, q(number), context_->numbers);
}
void ExactNumbers::set(Value& value, Constant constant) {
  ca_ctx_struct* context = context_->numbers;
  if (constant == Constant::kPi) ca_pi(value.number, context);
  if (constant == Constant::kI) ca_i(value.number, context);
  if (constant == Constant::kE) {
    ca_one(value.number, context);
    ca_exp(value.number, value.number, context);
  }
}
void ExactNumbers::copy(Value& value, const Value& other) {
  ca_set(value.number, other.number, context_->numbers);
}
void ExactNumbers::add(Value& value, const Value& other) {
  ca_add(value.number, value.number, other.number, context_->numbers);
}
void ExactNumbers::multiply(Value& value, const Value& other) {
  ca_mul(value.number, value.number, other.number, context_->numbers);
}
void ExactNumbers::negate(Value& value) { ca_neg(value.number, value.number, context_->numbers); }
void ExactNumbers::absolute(Value& value) { ca_abs(value.number, value.number, context_->numbers); }

Status ExactNumbers::divide(Value& value, const Value& other) {
  ca_div(value.number, value.number, other.number, context_->numbers);
  return status_of(value.number);
}
Status ExactNumbers::raise(Value& value, const Rational& exponent) {
  ca_pow_fmpq(value.number, value.number, q(exponent), context_->numbers);
  return status_of(value.number);
}
Status ExactNumbers::raise(Value& value, const Value& exponent) {
  ca_ctx_struct* context = context_->numbers;
  ca_log(value.number, value.number, context);
  ca_mul(value.number, value.number, exponent.number, context);
  ca_exp(value.number, value.number, context);
  return status_of(value.number);
}
Status ExactNumbers::root(Value& value, int64_t n) { return raise(value, Rational(1, n)); }

Status ExactNumbers::apply(Value& value, Function function) {
  ca_ctx_struct* context = context_->numbers;
  ca_struct* x = value.number;
  Scratch other(context);
  switch (function) {
    case Function::kSin:
      ca_sin_cos(x, nullptr, x, context);
      break;
    case Function::kCos:
      ca_sin_cos(nullptr, x, x, context);
      break;
    case Function::kTan:
      ca_tan(x, x, context);
      break;
    case Function::kCot:
      ca_cot(x, x, context);
      break;
    case Function::kSec:
      ca_sin_cos(nullptr, x, x, context);
      ca_inv(x, x, context);
      break;
    case Function::kCsc:
      ca_sin_cos(x, nullptr, x, context);
      ca_inv(x, x, context);
      break;
    case Function::kArcsin:
      ca_asin(x, x, context);
      break;
    case Function::kArccos:
      ca_acos(x, x, context);
      break;
    case Function::kArctan:
      ca_atan(x, x, context);
      break;
    case Function::kArccot:
      ca_atan(x, x, context);
      ca_pi(other.value, context);
      ca_div_ui(other.value, other.value, 2, context);
      ca_sub(x, other.value, x, context);
      break;
    case Function::kSinh:
      hyperbolic(x, -1, context);
      break;
    case Function::kCosh:
      hyperbolic(x, 1, context);
      break;
    case Function::kTanh:
      ca_set(other.value, x, context);
      hyperbolic(x, -1, context);
      hyperbolic(other.value, 1, context);
      ca_div(x, x, other.value, context);
      break;
    case Function::kArsinh:
      area_function(x, 1, context);
      break;
    case Function::kArcosh:
      area_function(x, -1, context);
      break;
    case Function::kArtanh:
      area_tangent(x, context);
      break;
    case Function::kExp:
      ca_exp(x, x, context);
      break;
    case Function::kLn:
      ca_log(x, x, context);
      break;
    case Function::kReal:
      ca_re(x, x, context);
      break;
    case Function::kImaginary:
      ca_im(x, x, context);
      break;
    case Function::kConjugate:
      ca_conj(x, x, context);
      break;
  }
  return status_of(x);
}

bool ExactNumbers::is_rational(const Value& value, Rational& result) {
  return ca_get_fmpq(q(result), value.number, context_->numbers);
}
ExactNumbers::Truth ExactNumbers::is_zero(const Value& value) {
  return truth_of(ca_check_is_zero(value.number, context_->numbers));
}
ExactNumbers::Truth ExactNumbers::is_negative(const Value& value) {
  return truth_of(ca_check_is_negative_real(value.number, context_->numbers));
}
bool ExactNumbers::available() { return true; }

std::string exact_level() { return "full"; }

}  // namespace r1::rewards::math::engine
