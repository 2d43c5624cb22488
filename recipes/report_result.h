// What the run showed: the evaluations that belong together, and the one sentence.
#pragma once

#include <string>
#include <vector>

#include "recipes/report_run.h"

namespace r1::recipes {

// Two evaluations of the same problems, before and after reinforcement learning.
struct Comparison {
  const StageRecord *before = nullptr,
                    *after = nullptr;  // both null when the run holds no such pair yet
  bool rl_alone = false;               // nothing but grpo stages lies between the two models
};

// The earlier stages whose models `stage` reads: what an evaluation is of, or what training started
// from.
std::vector<const StageRecord*> models_of(const RunRecord& run, const StageRecord& stage);
// The evaluation that this one states its difference to, or null.
const StageRecord* evaluated_against(const RunRecord& run, const StageRecord& evaluation);
// Stages with an evaluation, in order.
std::vector<const StageRecord*> evaluations(const RunRecord& run);
// Prefers the pair whose later model came out of a grpo stage.
Comparison find_comparison(const RunRecord& run);

// The result in one or two sentences of plain text; how far the run is when it has no result yet.
std::string result_sentence(const RunRecord& run, const Comparison& comparison);

// "+16.9 points, 99.7 % interval 13.4 to 20.3", from the "difference" of an eval.json; empty
// without one.
std::string difference_text(const Json& difference);

}  // namespace r1::recipes
