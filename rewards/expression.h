// Arithmetic as a Countdown answer may write it: unsigned decimal integers, + - * / and round brackets, exact.
//
//   sum     := product (('+' | '-') product)*
//   product := operand (('*' | '/') operand)*
//   operand := integer | '(' sum ')'
//
// ASCII only; white space (also line ends) may stand between tokens. Everything else is refused as unparsable: signs in
// front of an operand ("-3", "2--1"), "**", "//", decimal points, exponents, hex, "_" and "," groups, implicit products
// ("2(3)"), leading zeros ("007": one spelling per number, "0" itself is fine), "=" chains ("1+2=3"), digits and operators
// of other scripts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/rational.h"
#include "rewards/reward.h"

namespace r1::rewards {

struct ExpressionLimits {
  size_t max_bytes = 4096;
  int max_depth = 64;  // brackets open at the same time
  int max_numbers = 64;
  int max_digits = 18;  // of one integer; 18 always fits int64_t
};

struct Expression {
  // kWellFormed: `value` is the exact result. kUnparsable: outside the grammar. kDivisionByZero: a divisor is exactly 0.
  // kBudgetExceeded: a limit was passed, or a fraction on the way needs more than 128 bits.
  Reason reason = Reason::kUnparsable;
  size_t position = 0;  // byte offset of what `reason` is about; 0 when kWellFormed
  std::string problem;  // for a person; empty when kWellFormed
  // True when the whole text is in the grammar and within the limits. Then `numbers` holds every integer in the order
  // written, also when the value has no answer (division by zero, 128 bits passed).
  bool complete = false;
  std::vector<int64_t> numbers;
  Rational value;  // meaningless unless kWellFormed
};

// Reads and evaluates `text`. Never throws; time is linear in the text, which is not looked at beyond max_bytes.
Expression parse_expression(std::string_view text, const ExpressionLimits& limits = {});

}  // namespace r1::rewards
