#include "rewards/expression.h"

#include <optional>
#include <utility>

#include "rewards/ascii.h"

namespace r1::rewards {
namespace {

// Recursive descent. Two kinds of failure: stop() ends the parse, because the text is outside the grammar or a limit;
// no_value() notes that the value is lost and reads on, so that `numbers` becomes complete.
class Parser {
 public:
  Parser(std::string_view text, const ExpressionLimits& limits) : text_(text), limits_(limits) {}

  Expression run() {
    if (text_.size() > limits_.max_bytes) {
      stop(Reason::kBudgetExceeded, limits_.max_bytes, "longer than " + std::to_string(limits_.max_bytes) + " bytes");
      return std::move(result_);
    }
    result_.reason = Reason::kWellFormed;
    result_.value = sum();
    if (!stopped_ && here_ < text_.size()) stop_at_leftover();
    result_.complete = !stopped_;
    return std::move(result_);
  }

 private:
  // The next character that is not white space; 0 at the end. A NUL in the text is no token either.
  char peek() {
    here_ = skip_space(text_, here_);
    return here_ < text_.size() ? text_[here_] : '\0';
  }

  Rational sum() {
    Rational value = product();
    while (!stopped_) {
      const char sign = peek();
      if (sign != '+' && sign != '-') break;
      const size_t at = here_++;
      const Rational right = product();
      value = apply(sign, at, value, right);
    }
    return value;
  }

  Rational product() {
    Rational value = operand();
    while (!stopped_) {
      const char sign = peek();
      if (sign != '*' && sign != '/') break;
      const size_t at = here_++;
      if (here_ < text_.size() && text_[here_] == sign) {
        stop(Reason::kUnparsable, at, sign == '*' ? "'**' is not allowed" : "'//' is not allowed");
        break;
      }
      const Rational right = operand();
      value = apply(sign, at, value, right);
    }
    return value;
  }

  Rational operand() {
    const char first = peek();
    if (is_digit(first)) return integer();
    if (first == '(') return brackets();
    if (here_ == text_.size()) {
      stop(Reason::kUnparsable, here_, "ends where a number or '(' is needed");
    } else if (first == '+' || first == '-') {
      stop(Reason::kUnparsable, here_, "a sign in front of a number or '(' is not allowed");
    } else {
      stop(Reason::kUnparsable, here_, "a number or '(' is needed, not " + name_character(first));
    }
    return {};
  }

  Rational brackets() {
    const size_t open = here_++;
    if (++depth_ > limits_.max_depth) {
      stop(Reason::kBudgetExceeded, open, "brackets deeper than " + std::to_string(limits_.max_depth));
      return {};
    }
    const Rational value = sum();
    if (stopped_) return {};
    if (peek() != ')') {
      if (here_ < text_.size()) {
        stop_at_leftover();
      } else {
        stop(Reason::kUnparsable, open, "'(' is never closed");
      }
      return {};
    }
    ++here_;
    --depth_;
    return value;
  }

  Rational integer() {
    const size_t begin = here_;
    while (here_ < text_.size() && is_digit(text_[here_])) ++here_;
    const std::string_view digits = text_.substr(begin, here_ - begin);
    if (digits.size() > 1 && digits[0] == '0') {
      stop(Reason::kUnparsable, begin, "leading zeros are not allowed");
      return {};
    }
    if (digits.size() > static_cast<size_t>(limits_.max_digits)) {
      stop(Reason::kBudgetExceeded, begin, "a number of more than " + std::to_string(limits_.max_digits) + " digits");
      return {};
    }
    if (result_.numbers.size() == static_cast<size_t>(limits_.max_numbers)) {
      stop(Reason::kBudgetExceeded, begin, "more than " + std::to_string(limits_.max_numbers) + " numbers");
      return {};
    }
    int64_t value = 0;
    for (const char digit : digits) value = value * 10 + (digit - '0');
    result_.numbers.push_back(value);
    return Rational(value);
  }

  Rational apply(char sign, size_t at, const Rational& left, const Rational& right) {
    if (stopped_ || result_.reason != Reason::kWellFormed) return {};
    if (sign == '/' && right.is_zero()) {
      no_value(Reason::kDivisionByZero, at, "divides by zero");
      return {};
    }
    const std::optional<Rational> value = sign == '+'   ? Rational::add(left, right)
                                          : sign == '-' ? Rational::subtract(left, right)
                                          : sign == '*' ? Rational::multiply(left, right)
                                                        : Rational::divide(left, right);
    if (!value) no_value(Reason::kBudgetExceeded, at, "needs fractions of more than 128 bits");
    return value.value_or(Rational());
  }

  // here_ is at a character that cannot follow a complete operand.
  void stop_at_leftover() {
    const char c = text_[here_];
    if (is_digit(c) || c == '(') {
      stop(Reason::kUnparsable, here_, "an operator is needed before " + name_character(c));
    } else if (c == ')') {
      stop(Reason::kUnparsable, here_, "')' without '('");
    } else {
      stop(Reason::kUnparsable, here_, name_character(c) + " is not allowed");
    }
  }

  void stop(Reason reason, size_t at, std::string problem) {
    stopped_ = true;
    no_value(reason, at, std::move(problem));
  }

  void no_value(Reason reason, size_t at, std::string problem) {
    result_.reason = reason;
    result_.position = at;
    result_.problem = std::move(problem);
  }

  std::string_view text_;
  ExpressionLimits limits_;
  Expression result_;
  size_t here_ = 0;
  int depth_ = 0;
  bool stopped_ = false;
};

}  // namespace

Expression parse_expression(std::string_view text, const ExpressionLimits& limits) { return Parser(text, limits).run(); }

}  // namespace r1::rewards
