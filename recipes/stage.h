// A stage: one named step of a recipe, from artifacts of earlier stages to an artifact of its own.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/json.h"

namespace r1::recipes {

// What a finished stage leaves behind, stored as <stage folder>/artifact.json.
struct Artifact {
  std::string kind;               // "data", "tokenizer", "model", "eval"
  std::filesystem::path folder;   // the stage folder, or the checkpoint folder of a model
  Json summary = Json::object();  // numbers worth telling: counts, accuracies, "sha256" of weights
  double seconds = 0;             // of the process that finished the stage; filled in by the runner
};

// artifact.json: {"kind", "folder" (relative to the stage folder where it lies below it),
// "seconds", "resumed" (an earlier process had begun the stage), "versions" (version.h),
// "summary"}.
void write_artifact(const std::filesystem::path& stage_folder, const Artifact& artifact,
                    bool resumed);
// The artifact of a finished stage; nothing when there is none, or when it is of another kind or
// what it names is missing or damaged (files that its folder's manifest lists): `reason`, when
// given, then says so. Never throws for a bad artifact.
std::optional<Artifact> read_artifact(const std::filesystem::path& stage_folder,
                                      const std::string& kind, std::string* reason = nullptr);

// Whether an artifact of kind `have` does where `want` is asked for: the same kind, any when `want`
// is empty, and a model where a tokenizer is asked for, because its folder holds one.
bool kind_fits(const std::string& have, const std::string& want);

struct StageContext {
  std::string recipe_name, stage_name;
  std::filesystem::path run_folder;  // holds metrics.jsonl, recipe.resolved.json, report.html
  // <run_folder>/<stage name>: checkpoints, completions, artifact.json.
  std::filesystem::path stage_folder;
  uint64_t seed = 0;
  at::Device device = at::kCPU;
  at::ScalarType dtype = at::kFloat;
  const std::map<std::string, Artifact>* artifacts = nullptr;  // of the finished stages, by name

  // The artifact of an earlier stage, or, when no stage has that name, a folder on disk (kind
  // "model" or "data" as `kind` asks). Throws ConfigError naming `key` when it is neither, or of
  // another kind.
  Artifact input(const std::string& key, const std::string& name, const std::string& kind) const;
};

// What a stage reads: an earlier stage, or a folder on disk.
struct StageInput {
  std::string key;   // the config key that names it
  std::string name;  // its value; empty: not used
  std::string kind;  // of artifact; empty: any
};

class Stage {
 public:
  virtual ~Stage() = default;
  // Config with every default written out; read_config of it gives the same stage.
  virtual Json resolved() const = 0;
  virtual std::vector<StageInput> inputs() const = 0;
  // Kind of the artifact it leaves.
  virtual std::string output() const = 0;
  // Dotted keys that change speed or memory but no result ("engine.max_slots"): a change of them
  // does not forbid resuming. A key stands for everything below it.
  virtual std::vector<std::string> neutral_keys() const { return {}; }
  // What the stage will hold in memory, a few lines for a person; empty: nothing to say. Also
  // called by --dry-run, before the inputs are there: a ConfigError or CheckpointError then means
  // that nothing can be said yet.
  virtual std::string memory_plan(const StageContext&) const { return ""; }
  // Does the work, or continues it from what stage_folder holds. Throws Interrupted after saving
  // when a stop was requested.
  virtual Artifact run(const StageContext& context) = 0;
};

// A stage whose config struct C has visit(); the listing gives reading, help and the resolved form.
template <class C>
class ConfiguredStage : public Stage {
 public:
  using Config = C;
  ConfiguredStage(const Json& json, const std::string& path) { read_config(json, path, config_); }
  Json resolved() const override { return write_config(config_); }

 protected:
  C config_;
};

struct StageType {
  std::string name;  // the recipe's "type"
  std::string help;  // one line
  std::unique_ptr<Stage> (*make)(const Json& config, const std::string& path);
  std::vector<FieldHelp> (*fields)();
};
// The table's entry of a ConfiguredStage S.
template <class S>
StageType stage_type(std::string name, std::string help) {
  return {std::move(name), std::move(help),
          [](const Json& config, const std::string& path) -> std::unique_ptr<Stage> {
            return std::make_unique<S>(config, path);
          },
          describe_config<typename S::Config>};
}

// The explicit table in registry.cc. add_stage_type() lets a program that links the library bring
// its own, before it reads recipes; it throws ConfigError when the name is taken. Not thread safe.
const std::deque<StageType>& stage_types();
void add_stage_type(StageType type);
// Throws ConfigError naming the nearest known type.
const StageType& find_stage_type(const std::string& name, const std::string& path);

}  // namespace r1::recipes
