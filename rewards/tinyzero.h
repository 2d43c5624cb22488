// The Countdown scoring rule that TinyZero published (github.com/Jiayi-Pan/TinyZero, verl/utils/reward_score/countdown.py),
// with its holes, so that runs can be compared with published ones. Not for training: "1.2*5", "2**3" and "7//2" pass.
//
// The rule: only the last line counts; there the last <answer>...</answer> pair, cut at white space. None: 0. The digit
// runs must be the given numbers, each once, else 0.1. Only digits, + - * / ( ) . and white space may occur, Python must
// evaluate it, and the result must be within 1e-5 of the target: 1, else 0.1. The original first drops everything up to
// "Assistant:"; what is judged here is the completion alone, which is the text behind it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/reward.h"

namespace r1::rewards {

struct TinyZeroVerdict {
  // kCorrect is the rule's 1, kNoAnswer its 0; all others its 0.1: kWrongNumbers, kUnparsable, kDivisionByZero,
  // kBudgetExceeded, kWrong.
  Reason reason = Reason::kNoAnswer;
  std::string_view answer;  // view into the completion; empty when kNoAnswer
  std::string problem;      // for a person; may be empty
};

// `sorted_nums` ascending. Never throws. Bounds beside Python's are those of rewards/python_arithmetic.h.
TinyZeroVerdict judge_tinyzero(std::string_view completion, const std::vector<int64_t>& sorted_nums, int64_t target);

}  // namespace r1::rewards
