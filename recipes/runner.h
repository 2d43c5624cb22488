// Runs the stages of a recipe in one run folder, and continues where an earlier process stopped.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "recipes/recipe.h"

namespace r1::recipes {

// Run folder: recipe.resolved.json, metrics.jsonl, events.out.tfevents.*, report.html,
// <stage>/{artifact.json, checkpoint-N/, completions/}. A second process on the same folder gets an
// Error; a folder of another recipe (any key that changes results) a ConfigError naming the first
// differing path; a finished run says so. Finished stages (artifact.json) are skipped. Returns when
// all stages are done; prints the final weights' SHA-256. Throws Interrupted when a stop was
// requested: the same command continues.
void run_recipe(Recipe& recipe);

// What would run: stages, inputs, what is done already, and the memory plan. Writes nothing. Throws
// where run_recipe() would refuse the run folder.
void print_plan(const Recipe& recipe);

// What the recipe needs and this machine lacks: its device, input folders of the stages that are
// still to be done. One message each.
std::vector<std::string> missing_here(const Recipe& recipe,
                                      const std::map<std::string, Artifact>& finished);

// The context that a stage gets. `artifacts` must outlive it. Does not ask whether the device is
// there.
StageContext make_context(const Recipe& recipe, const std::string& stage,
                          const std::map<std::string, Artifact>& artifacts);

}  // namespace r1::recipes
