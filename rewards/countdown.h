// Countdown: combine the given numbers, each exactly once, with + - * / and brackets, so that the result is the target.
// Reference fields of a row: "nums" (1 to 64 integers from 0 to 10^18 - 1), "target" (integer); anything else in them is
// reference_broken.
#pragma once

#include <memory>
#include <string>

#include "base/config.h"
#include "rewards/reward.h"

namespace r1::rewards {

struct CountdownConfig {
  // "strict": the answer is the one closed answer block outside the think block (rewards/think_answer.h), in the grammar of
  // rewards/expression.h, in exact arithmetic. The block may span lines and text may stand around it.
  // "tinyzero_compat": the published rule with its holes (rewards/tinyzero.h); for comparison, not for training.
  std::string mode = "strict";
  double correct = 1.0;
  // There is a closed answer, but it is wrong, unparsable, too large, divides by zero or uses other numbers.
  double format = 0.1;
  // No answer that could be judged: none, an unclosed, blank, misplaced one, or (strict) more than one.
  double none = 0.0;
  bool think_opened_by_prompt = true;  // strict only

  template <class V>
  void visit(V& v) {
    v.field("mode", mode, "how answers are judged; tinyzero_compat has known holes, do not train with it",
            OneOf{"strict", "tinyzero_compat"});
    v.field("correct", correct, "value of a correct answer", Range{-1e6, 1e6});
    v.field("format", format, "value of a closed answer that is not correct", Range{-1e6, 1e6});
    v.field("none", none, "value without an answer that could be judged", Range{-1e6, 1e6});
    v.field("think_opened_by_prompt", think_opened_by_prompt,
            "the prompt ends with <think>, so the completion starts inside the think block");
  }
};

// Values: exactly `correct`, `format` or `none`. Details, as far as they apply: "answer" (cut to 200 bytes), "value" (exact,
// "7/2"), "used" (numbers in the answer), "problem", "position" (byte offset in the completion).
// Throws ConfigError for a bad config, also unless none <= format <= correct.
std::unique_ptr<Reward> make_countdown(const Json& config, const std::string& path);

}  // namespace r1::rewards
