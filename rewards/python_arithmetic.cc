#include "rewards/python_arithmetic.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "rewards/ascii.h"

namespace r1::rewards {
namespace {

constexpr size_t kMaxBytes = size_t{64} << 10;
constexpr int kMaxBrackets = 200;  // CPython's MAXLEVEL
constexpr int kMaxPowers = 200;
constexpr int kMaxSigns = 2000;  // CPython gives up a little below 3000, depending on its stack

enum class Operator { kAdd, kSubtract, kMultiply, kDivide, kFloorDivide, kPower };

struct Failure {
  Reason reason;
  const char* problem;
};
constexpr Failure kZeroDivision = {Reason::kDivisionByZero, "divides by zero"};
constexpr Failure kTooLarge = {Reason::kBudgetExceeded, "needs more than 128 bits"};

// A number, or why there is none.
struct Outcome {
  PythonNumber value;
  std::optional<Failure> failure;
};

Outcome integer(Int128 value) { return {{false, value, 0}, std::nullopt}; }
Outcome real(double value) { return {{true, 0, value}, std::nullopt}; }
Outcome failed(Failure failure) { return {{}, failure}; }

Outcome floor_divide(Int128 a, Int128 b) {
  if (b == -1) {  // the one quotient that may not fit
    Int128 negated;
    return __builtin_sub_overflow(Int128{0}, a, &negated) ? failed(kTooLarge) : integer(negated);
  }
  const Int128 quotient = a / b, rest = a % b;
  return integer(rest != 0 && (rest < 0) != (b < 0) ? quotient - 1 : quotient);
}

// The steps of CPython's float floor division, which are not floor(a / b).
double floor_divide(double a, double b) {
  const double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0 && (b < 0) != (rest < 0)) quotient -= 1;
  if (quotient == 0) return std::copysign(0.0, a / b);
  const double floored = std::floor(quotient);
  return quotient - floored > 0.5 ? floored + 1 : floored;
}

Outcome power(double a, double b) {
  if (a == 0 && b < 0) return failed(kZeroDivision);
  if (a < 0 && std::isfinite(a) && std::isfinite(b) && b != std::floor(b)) {
    return failed({Reason::kBudgetExceeded, "is a complex number in Python"});
  }
  const double value = std::pow(a, b);
  if (std::isinf(value) && std::isfinite(a) && std::isfinite(b)) {
    return failed({Reason::kBudgetExceeded, "is larger than a float can be"});
  }
  return real(value);
}

Outcome power(Int128 a, Int128 b) {
  if (b < 0) return power(static_cast<double>(a), static_cast<double>(b));
  if (b == 0 || a == 1) return integer(1);
  if (a == 0) return integer(0);
  if (a == -1) return integer(b % 2 == 0 ? 1 : -1);
  Int128 value = 1;
  for (Int128 i = 0; i < b; ++i) {  // at most 127 rounds: |a| >= 2
    if (__builtin_mul_overflow(value, a, &value)) return failed(kTooLarge);
  }
  return integer(value);
}

Outcome apply_integers(Operator op, Int128 a, Int128 b) {
  Int128 value = 0;
  switch (op) {
    case Operator::kAdd:
      return __builtin_add_overflow(a, b, &value) ? failed(kTooLarge) : integer(value);
    case Operator::kSubtract:
      return __builtin_sub_overflow(a, b, &value) ? failed(kTooLarge) : integer(value);
    case Operator::kMultiply:
      return __builtin_mul_overflow(a, b, &value) ? failed(kTooLarge) : integer(value);
    case Operator::kDivide:
      return b == 0 ? failed(kZeroDivision) : real(static_cast<double>(a) / static_cast<double>(b));
    case Operator::kFloorDivide:
      return b == 0 ? failed(kZeroDivision) : floor_divide(a, b);
    case Operator::kPower:
      return power(a, b);
  }
  return failed(kTooLarge);
}

Outcome apply(Operator op, const PythonNumber& left, const PythonNumber& right) {
  if (!left.is_float && !right.is_float) return apply_integers(op, left.integer, right.integer);
  const double a = to_double(left), b = to_double(right);
  switch (op) {
    case Operator::kAdd:
      return real(a + b);
    case Operator::kSubtract:
      return real(a - b);
    case Operator::kMultiply:
      return real(a * b);
    case Operator::kDivide:
      return b == 0 ? failed(kZeroDivision) : real(a / b);
    case Operator::kFloorDivide:
      return b == 0 ? failed(kZeroDivision) : real(floor_divide(a, b));
    case Operator::kPower:
      return power(a, b);
  }
  return failed(kTooLarge);
}

// As rewards/expression.cc: stop() ends the parse, no_value() loses the value but reads on, since in Python a SyntaxError
// anywhere comes before any evaluation.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  PythonResult run() {
    if (text_.size() > kMaxBytes) {
      stop({Reason::kBudgetExceeded, "is longer than 64 KiB"});
    } else {
      result_.reason = Reason::kWellFormed;
      result_.value = sum();
      peek();
      if (!stopped_ && here_ < text_.size()) stop_syntax();
    }
    return std::move(result_);
  }

 private:
  // Inside brackets a line end is white space, outside it ends the expression; Python reads '\r' as a line end.
  bool skipped(char c) const { return c == ' ' || c == '\t' || c == '\f' || (brackets_ > 0 && (c == '\r' || c == '\n')); }
  char peek() {
    while (here_ < text_.size() && skipped(text_[here_])) ++here_;
    return here_ < text_.size() ? text_[here_] : '\0';
  }
  bool take(std::string_view token) {
    peek();
    if (stopped_ || text_.compare(here_, token.size(), token) != 0) return false;
    here_ += token.size();
    return true;
  }

  PythonNumber sum() {
    PythonNumber value = product();
    while (!stopped_) {
      if (take("+")) {
        value = combine(Operator::kAdd, value, product());
      } else if (take("-")) {
        value = combine(Operator::kSubtract, value, product());
      } else {
        break;
      }
    }
    return value;
  }

  PythonNumber product() {
    PythonNumber value = factor();
    while (!stopped_) {  // a "**" here has no left operand any more: factor() took all that had one
      if (take("//")) {
        value = combine(Operator::kFloorDivide, value, factor());
      } else if (take("/")) {
        value = combine(Operator::kDivide, value, factor());
      } else if (take("*")) {
        value = combine(Operator::kMultiply, value, factor());
      } else {
        break;
      }
    }
    return value;
  }

  PythonNumber factor() {
    bool negative = false;
    for (int signs = 0;; ++signs) {
      if (signs == kMaxSigns) stop({Reason::kBudgetExceeded, "has too many signs in a row"});
      if (take("-")) {
        negative = !negative;
      } else if (!take("+")) {
        break;
      }
    }
    PythonNumber value = powers();
    if (!negative) return value;
    if (!value.is_float) return combine(Operator::kSubtract, PythonNumber{}, value);
    value.real = -value.real;
    return value;
  }

  PythonNumber powers() {
    const PythonNumber base = operand();
    if (!take("**")) return base;
    if (++powers_ > kMaxPowers) stop({Reason::kBudgetExceeded, "has too many powers in a row"});
    if (stopped_) return {};
    const PythonNumber exponent = factor();
    --powers_;
    return combine(Operator::kPower, base, exponent);
  }

  PythonNumber operand() {
    const char first = peek();
    if (stopped_) return {};
    if (is_digit(first) || first == '.') return number();
    if (first != '(') return stop_syntax();
    if (++brackets_ > kMaxBrackets) return stop_syntax();
    ++here_;
    const PythonNumber value = sum();
    if (!take(")")) return stop_syntax();
    --brackets_;
    return value;
  }

  PythonNumber number() {
    const size_t begin = here_;
    size_t digits = skip_digits();
    const std::string_view whole = text_.substr(begin, digits);
    const bool is_float = here_ < text_.size() && text_[here_] == '.';
    if (is_float) {
      ++here_;
      digits += skip_digits();
      if (digits == 0) return stop_syntax();
      return {true, 0, parse_float(text_.substr(begin, here_ - begin), whole)};
    }
    const bool all_zero = whole.find_first_not_of('0') == std::string_view::npos;
    if (whole[0] == '0' && !all_zero) return stop_syntax();
    PythonNumber value;
    for (const char digit : whole) {
      if (__builtin_mul_overflow(value.integer, Int128{10}, &value.integer) ||
          __builtin_add_overflow(value.integer, Int128{digit - '0'}, &value.integer)) {
        no_value(kTooLarge);
        return {};
      }
    }
    return value;
  }

  size_t skip_digits() {
    const size_t begin = here_;
    while (here_ < text_.size() && is_digit(text_[here_])) ++here_;
    return here_ - begin;
  }

  static double parse_float(std::string_view text, std::string_view whole) {
    double value = 0;
    const auto status = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status.ec != std::errc::result_out_of_range) return value;
    const bool below_one = whole.find_first_not_of('0') == std::string_view::npos;
    return below_one ? 0.0 : std::numeric_limits<double>::infinity();
  }

  PythonNumber combine(Operator op, const PythonNumber& left, const PythonNumber& right) {
    if (result_.reason != Reason::kWellFormed) return {};
    const Outcome outcome = apply(op, left, right);
    if (outcome.failure) no_value(*outcome.failure);
    return outcome.value;
  }

  PythonNumber stop_syntax() {
    if (!stopped_) stop({Reason::kUnparsable, "is not arithmetic to Python"});
    return {};
  }
  void stop(Failure failure) {
    stopped_ = true;
    no_value(failure);
  }
  void no_value(Failure failure) {
    result_.reason = failure.reason;
    result_.problem = failure.problem;
  }

  std::string_view text_;
  PythonResult result_;
  size_t here_ = 0;
  int brackets_ = 0, powers_ = 0;
  bool stopped_ = false;
};

}  // namespace

double to_double(const PythonNumber& number) { return number.is_float ? number.real : static_cast<double>(number.integer); }

PythonResult evaluate_python(std::string_view text) { return Parser(text).run(); }

}  // namespace r1::rewards
