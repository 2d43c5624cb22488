// Scores a JSONL file row by row: what `r1 score` does. Constant memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>

#include "rewards/rubric.h"

namespace r1::rewards {

struct ScoreSummary {
  int64_t rows = 0;
  int64_t unusable = 0;  // rows whose reward or reference failed
  double mean = 0;       // of `value` over the usable rows; NaN when there is none
};

// Reads rows {"id"?, "prompt"?, "completion" (or "pred"), reference fields...} from `in` ("-": standard input) and writes one row each to
// `out`, in order: {"id": the row's id as it is, or its line number, "value", "reason", "details"}.
// One reward: reason is its name, details its object. Several: "value" is the weighted sum, "values" (unweighted), "reason"
// and "details" are objects by reward name. "value" is null when a reward or the reference failed (reference_broken,
// rewarder_failed); that is no error here. Every row is a group of its own.
// Throws DataError with file and line for a line that is not a JSON object, or whose "completion" is missing or whose
// "completion" or "prompt" is no string (rows before it are written by then); ConfigError as Rubric does, with places prefixed
// by `path`; Error when `out` fails.
ScoreSummary score_jsonl(const std::filesystem::path& in, const RubricConfig& config, std::ostream& out,
                         const std::string& path = "");

}  // namespace r1::rewards
