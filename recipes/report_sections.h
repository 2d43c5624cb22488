// The sections of the report, as HTML. Each is empty when the run has nothing to show in it.
#pragma once

#include <string>
#include <vector>

#include "recipes/report_result.h"
#include "recipes/report_run.h"

namespace r1::recipes {

// Title, the result in a sentence, and its numbers before and after.
std::string result_section(const RunRecord& run, const Comparison& comparison);
// One row per stage: type, status, time, the numbers it left.
std::string stages_section(const RunRecord& run);
// One row per evaluation.
std::string evaluations_section(const RunRecord& run);
// The stages that wrote metrics: reinforcement learning first, otherwise in order.
std::vector<const StageRecord*> stages_with_curves(const RunRecord& run);
// A place for the charts of each of those; the page's script fills them in the same order.
std::string curves_section(const RunRecord& run);
// The same held-out problems before and after, then the first and last logged step of every grpo
// stage.
std::string completions_section(const RunRecord& run, const Comparison& comparison);
// Distillation stages, and the evaluations of what came of them.
std::string distillation_section(const RunRecord& run);
// Seed, device, versions; the resolved recipe; what could not be read.
std::string recipe_section(const RunRecord& run);

}  // namespace r1::recipes
