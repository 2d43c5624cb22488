// The run folder: whose it is, and what is done in it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "recipes/recipe.h"

namespace r1::recipes {

// The first key, in the recipe's order, whose value differs and may change a result.
struct Difference {
  std::string path;         // "stages[2].beta"
  std::string before, now;  // as JSON text; "(absent)"
};
// Between the resolved recipe `before` and `now`. Not looked at: description, threads, output_dir,
// and the neutral keys of stages.
std::optional<Difference> first_difference(const Json& before, const Recipe& now);

// Throws ConfigError when the folder holds a run of another recipe, naming the first difference and
// what to do. A folder without recipe.resolved.json holds no run, and is refused only if something
// in it has the name of a stage.
void check_run_folder(const Recipe& recipe);

// Creates the folder, or says clearly why not, and stores the resolved recipe unless the same one
// is there.
void create_run_folder(const Recipe& recipe);
void store_recipe(const Recipe& recipe);

// Artifacts of the finished stages, by name. `damaged` gets a line for each that is there but
// cannot be used.
std::map<std::string, Artifact> finished_stages(const Recipe& recipe,
                                                std::vector<std::string>* damaged = nullptr);

}  // namespace r1::recipes
