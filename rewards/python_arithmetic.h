// Python's arithmetic on int and float, as far as digits, + - * / ** // ( ) . and white space can write it. Only the
// tinyzero_compat mode of the countdown reward uses it, to reproduce a published scorer that hands answers to Python's eval.
// For a grammar that is fit for a reward see rewards/expression.h.
//
// Same as CPython 3.11, precedence included (-2**2 = -4, 2**-1 = 0.5, 2**3**2 = 512, -7//2 = -4, 007 is refused, 007. is
// not, at most 200 nested brackets), but for two bounds, both budget_exceeded here:
//   - ints live in 128 bits; Python's have no limit,
//   - a negative number to a broken power is complex in Python and goes on from there.
#pragma once

#include <string>
#include <string_view>

#include "rewards/rational.h"
#include "rewards/reward.h"

namespace r1::rewards {

struct PythonNumber {
  bool is_float = false;
  Int128 integer = 0;  // when !is_float
  double real = 0;     // when is_float; may be inf or NaN
};

// As double; exact below 2^53, otherwise rounded to nearest.
double to_double(const PythonNumber& number);

struct PythonResult {
  // kWellFormed: `value` holds. kUnparsable: Python raises SyntaxError or TypeError. kDivisionByZero: ZeroDivisionError.
  // kBudgetExceeded: OverflowError, or a bound of ours.
  Reason reason = Reason::kUnparsable;
  std::string problem;  // for a person; empty when kWellFormed
  PythonNumber value;
};

// Never throws. Text longer than 64 KiB is kBudgetExceeded. Leading white space is not Python's to judge: strip it first.
PythonResult evaluate_python(std::string_view text);

}  // namespace r1::rewards
