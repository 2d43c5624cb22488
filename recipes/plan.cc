// --dry-run: what a run would do.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>

#include "base/progress.h"
#include "recipes/run_folder.h"
#include "recipes/runner.h"

namespace r1::recipes {
namespace fs = std::filesystem;
namespace {

using Artifacts = std::map<std::string, Artifact>;

std::vector<std::string> stage_row(const Recipe& recipe, const NamedStage& named,
                                   const Artifacts& finished) {
  std::vector<std::string> reads;
  for (const StageInput& input : named.stage->inputs())
    if (!input.name.empty()) reads.push_back(input.name);
  const bool begun = fs::exists(recipe.config.output_dir / named.name);
  const char* state = finished.contains(named.name) ? "done" : begun ? "begun" : "to do";
  return {named.name, named.type, fmt::format("{}", fmt::join(reads, ", ")), named.stage->output(),
          state};
}

std::string memory_plan(const Recipe& recipe, const NamedStage& named, const Artifacts& finished) {
  try {
    return named.stage->memory_plan(make_context(recipe, named.name, finished));
  } catch (const ConfigError&) {  // its inputs are not there yet
  } catch (const CheckpointError&) {
  }
  return "";
}

}  // namespace

void print_plan(const Recipe& recipe) {
  check_run_folder(recipe);
  std::vector<std::string> notes;
  const Artifacts finished = finished_stages(recipe, &notes);
  fmt::print("{}: seed {}, {} {}; run folder {}\n\n", recipe.config.name, recipe.config.seed,
             recipe.config.device, recipe.config.dtype, recipe.config.output_dir.string());
  std::vector<std::vector<std::string>> rows = {{"stage", "type", "reads", "leaves", "state"}};
  for (const NamedStage& named : recipe.stages) rows.push_back(stage_row(recipe, named, finished));
  fmt::print("{}", format_table(rows));
  for (const NamedStage& named : recipe.stages) {
    if (finished.contains(named.name)) continue;
    const std::string plan = memory_plan(recipe, named, finished);
    if (!plan.empty()) fmt::print("\n{}: {}\n", named.name, plan);
  }
  for (const std::string& message : missing_here(recipe, finished)) notes.push_back(message);
  if (!notes.empty()) fmt::print("\n");
  for (const std::string& note : notes) fmt::print("note: {}\n", note);
}

}  // namespace r1::recipes
