// Decides whether two mathematical answers are equal, and finds the answer in a completion.
// Exact where it can be: rationals, polynomials and rational functions by normal form, constants by
// exact algebraic computation, everything else by rigorous interval arithmetic. Every verdict names
// the rule that decided it. Budgets are counted in steps, never in time: the same input gives the
// same verdict on every machine and thread. docs/math.md says what counts as equal. Every function
// here is thread safe and throws nothing but std::bad_alloc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/config.h"

namespace r1::rewards::math {

enum class Verdict {
  kEqual,
  kNotEqual,
  kUndecided,             // no rule could tell: treat as not equal, and count it
  kReferenceBroken,       // the gold answer is unparsable, undefined or beyond the budget: not the
                          // prediction's fault
  kPredictionUnparsable,  // also: the completion holds no answer
  kUndefined,             // the prediction has no value: 5/0, 0/0, 7 + 0 * (1/0)
  kBudgetExceeded,        // the prediction is too long, too deep or too large to evaluate
};
const char* verdict_name(Verdict verdict);  // "equal", "not_equal", ...

// What counts as equal where people differ. Names and values as in a recipe file.
struct Policy {
  std::string percent = "value";
  std::string units = "convert";
  std::string angles = "value";
  std::string base = "written";
  std::string lists = "unordered";
  int rounding_digits = 6;
  bool refuse_echo = true;
  bool unwrap_assignments = true;
  std::string several_boxes = "last";
  bool accept_unboxed = true;
  bool think_opened_by_prompt = false;

  template <class V>
  void visit(V& v) {
    v.field("percent", percent,
            "value: 25% is 1/4, and a reference with % also accepts the bare figure 25; strict: by "
            "value only; "
            "figure: the sign is dropped on both sides",
            OneOf{"value", "strict", "figure"});
    v.field("units", units,
            "convert: two stated units must agree after exact conversion, one stated unit is "
            "dropped; required: as convert, "
            "but a unit of the reference must be stated; same: two stated units must be the same "
            "unit; ignore: all dropped",
            OneOf{"convert", "required", "same", "ignore"});
    v.field("angles", angles,
            "value: 45 degrees equals pi/4, and the bare figure 45; unit: degrees are never "
            "compared with radians",
            OneOf{"value", "unit"});
    v.field("base", base,
            "written: digits and base must agree (204_5); value: any writing of the same number; "
            "drop: the base is ignored",
            OneOf{"written", "value", "drop"});
    v.field("lists", lists, "whether a bare list 1,2,3 may be permuted",
            OneOf{"unordered", "ordered"});
    v.field("rounding_digits", rounding_digits,
            "significant digits from which a decimal may be the rounding or truncation of a value "
            "it cannot write out; "
            "0: never",
            Range{0, 1000});
    v.field("refuse_echo", refuse_echo, "an unsolved form (|x|>2) never equals a solved reference");
    v.field("unwrap_assignments", unwrap_assignments, "x=5 equals 5, y=2x+1 equals 2x+1");
    v.field("several_boxes", several_boxes,
            "last: the last box of a completion is the answer, neighbours joined by and, or, comma "
            "make a list; "
            "refuse: more than one is no answer",
            OneOf{"last", "refuse"});
    v.field("accept_unboxed", accept_unboxed,
            "without a box or <answer> block, read 'the answer is ...', the last formula, or a "
            "bare answer");
    v.field("think_opened_by_prompt", think_opened_by_prompt,
            "the prompt ends with <think>: a completion without </think> has no answer");
  }
};

struct Judgement {
  Verdict verdict = Verdict::kUndecided;
  std::string rule;   // name of the rule that decided: "same_text", "rational", "interval_refutes",
                      // ... (docs/math.md)
  int64_t steps = 0;  // work done, in counted steps
  std::string detail;  // for a person: where parsing failed, which part differs; may be empty
};

// Two bare answers. Symmetric but for what the policy grants the reference (percent, assignments,
// echo).
Judgement compare(std::string_view gold, std::string_view prediction, const Policy& policy = {});

enum class ExtractReason {
  kFound,
  kNoAnswer,
  kUnclosedBox,       // the last box is cut off
  kSeveralBoxes,      // only with several_boxes = "refuse"
  kThinkNeverClosed,  // <think> without </think>
  kTooLong,           // the answer is longer than 4 KiB
};
const char* extract_reason_name(ExtractReason reason);  // "found", "no_answer", ...

struct Extraction {
  ExtractReason reason = ExtractReason::kNoAnswer;
  std::string source;  // "box", "answer_block", "phrase", "formula", "bare"; empty unless found
  std::string answer;  // empty unless found
  size_t begin = 0;    // byte offset in the completion: of the answer, or of what is wrong
};

// Drops everything up to the last </think>; then the last <answer> block if there is one; then the
// last \boxed or \fbox. Reads at most the last 64 KiB.
Extraction extract(std::string_view completion, const Policy& policy = {});

// extract(), then compare(). A bare answer is a completion too (accept_unboxed).
Judgement judge(std::string_view gold, std::string_view completion, const Policy& policy = {});

// Both parse trees, the verdict, the rule and the steps, as text for a person; what `r1
// explain-math` prints.
std::string explain(std::string_view gold, std::string_view prediction, const Policy& policy = {});

// "full" (FLINT, Arb and Calcium), or "reduced": rationals, rational functions and refutation by
// intervals only.
std::string level();

}  // namespace r1::rewards::math
