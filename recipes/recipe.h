// A recipe: a JSON file (comments allowed) of named stages.
//
//   { "name": "countdown_zero", "seed": 1, "device": "cpu",
//     "stages": [ {"name": "data", "type": "countdown_data", ...}, {"name": "base", "type":
//     "pretrain", "data": "data", ...} ] }
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "recipes/stage.h"

namespace r1::recipes {

struct RecipeConfig {
  std::string name;
  std::string description;
  uint64_t seed = 42;
  std::string device = "cpu";
  std::string dtype = "float32";
  int threads = 0;
  std::filesystem::path output_dir;
  std::vector<Json> stages;

  template <class V>
  void visit(V& v) {
    v.field("name", name, "names the run and its folder", Required{});
    v.field("description", description, "one or two sentences for the report");
    v.field("seed", seed, "keys every random draw of the run");
    v.field("device", device, "cpu, cuda or cuda:N: where every tensor of the run lives");
    v.field("dtype", dtype, "type of the policy's weights",
            OneOf{"float32", "bfloat16", "float16", "float64"});
    v.field("threads", threads, "CPU threads; 0: all. Never changes a result", Range{0, 4096});
    v.field("output_dir", output_dir, "run folder; empty: runs/<name>");
    v.field("stages", stages,
            "the stages, in order: objects with \"name\", \"type\" and the keys of that type",
            Required{});
  }
};

struct NamedStage {
  std::string name, type;
  std::unique_ptr<Stage> stage;
};

struct Recipe {
  std::filesystem::path file;  // where it was read from, for messages
  RecipeConfig config;         // output_dir filled in
  std::vector<NamedStage> stages;
  // Everything with defaults written out: what recipe.resolved.json holds, and a recipe itself.
  Json resolved() const;
  // "recipe.json: stages[2]": how messages name a stage.
  std::string stage_path(size_t index) const;
};

// Reads a recipe and applies "path=value" overrides ("seed=2", "stages.zero.learning_rate=1e-4",
// "zero.max_steps=5", "stages[4].beta=0"; the value is JSON, or a bare string). Checks everything
// that can be checked before work starts: keys, types, ranges, stage names (unique, [a-z0-9_-]),
// that inputs name earlier stages of the right kind or folders. Throws ConfigError naming file and
// path.
Recipe load_recipe(const std::filesystem::path& file,
                   const std::vector<std::string>& overrides = {});

// Folders that the stage reads and that are not there, one message each: no error of the recipe,
// but one of a run on this machine.
std::vector<std::string> missing_inputs(const Recipe& recipe, size_t stage);

// The file of a recipe given by path, or by name ("countdown_zero") when it is one that comes with
// this program: in the source tree's recipes/ or the installed share/r1cpp/recipes/. Throws
// ConfigError saying where it looked and which names there are.
std::filesystem::path find_recipe(const std::string& path_or_name);

}  // namespace r1::recipes
