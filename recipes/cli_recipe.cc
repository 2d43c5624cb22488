// The verbs run, validate, explain and report.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/progress.h"
#include "recipes/cli.h"
#include "recipes/explain.h"
#include "recipes/report.h"
#include "recipes/runner.h"

namespace r1::recipes {
namespace {

struct RecipeOptions {
  std::string recipe;
  std::vector<std::string> overrides;
  std::string output_dir;
  bool dry_run = false;
};

Recipe load(const RecipeOptions& options) {
  Recipe recipe = load_recipe(find_recipe(options.recipe), options.overrides);
  if (!options.output_dir.empty()) recipe.config.output_dir = options.output_dir;
  return recipe;
}

void add_recipe_options(Verb& verb, RecipeOptions& options) {
  verb.option("recipe", &options.recipe, "recipe file, or the name of one that comes with r1")
      .required();
  verb.option("--set", &options.overrides,
              "change a key, as in seed=2, zero.beta=0.01 or stages[2].beta=0.01; repeatable")
      .type_name("PATH=VALUE");
}

void run(const RecipeOptions& options) {
  Recipe recipe = load(options);
  if (options.dry_run) return print_plan(recipe);
  install_signal_handlers();
  run_recipe(recipe);
}

void validate(const RecipeOptions& options) {
  const Recipe recipe = load(options);
  fmt::print("{}: ok, {} stages\n", recipe.file.string(), recipe.stages.size());
  for (const std::string& note : missing_here(recipe, {})) fmt::print("note: {}\n", note);
}

void report(const std::string& folder) {
  write_report(folder);
  fmt::print("{}\n", (std::filesystem::path(folder) / "report.html").string());
}

}  // namespace

void add_recipe_verbs(CommandLine& program) {
  const auto run_options = std::make_shared<RecipeOptions>();
  Verb verb = program.add_verb("run", "Run a recipe, or continue it where it stopped");
  add_recipe_options(verb, *run_options);
  verb.option("--output-dir", &run_options->output_dir, "run folder, instead of the recipe's")
      .type_name("DIR");
  verb.flag("--dry-run", run_options->dry_run,
            "only show stages, what is done and the memory needed; write nothing");
  verb.callback([run_options] { run(*run_options); });

  const auto validate_options = std::make_shared<RecipeOptions>();
  verb = program.add_verb("validate", "Check a recipe; say ok, or the first error");
  add_recipe_options(verb, *validate_options);
  verb.callback([validate_options] { validate(*validate_options); });

  const auto word = std::make_shared<std::string>();
  verb = program.add_verb(
      "explain", "Explain a key of recipes, a stage type or a reward; without one, list them");
  verb.option("key", word.get(),
              "as in beta, grpo.beta, sampling.top_k, grpo, countdown or recipe");
  verb.callback([word] { fmt::print("{}", explain(*word)); });

  const auto folder = std::make_shared<std::string>();
  verb = program.add_verb("report", "Write a run folder's report.html again");
  verb.option("run_folder", folder.get(), "run folder").required();
  verb.callback([folder] { report(*folder); });
}

}  // namespace r1::recipes
