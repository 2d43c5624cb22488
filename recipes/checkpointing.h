// Saving and resuming of a training stage: checkpoint-N folders that transformers loads, with the
// trainer's state beside.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "model/causal_lm.h"
#include "model/chat_template.h"
#include "model/tokenizer.h"
#include "model/trainer.h"
#include "recipes/stage.h"

namespace r1::recipes {

struct SaveConfig {
  int64_t save_steps = 100;
  int64_t save_total_limit = 2;

  template <class V>
  void visit(V& v) {
    v.field("save_steps", save_steps,
            "a checkpoint every so many steps (and at the end); a killed run continues from the "
            "last one",
            Range{1, 1e12});
    v.field("save_total_limit", save_total_limit, "checkpoints kept, the best one besides; 0: all",
            Range{0, 1e6});
  }
};

struct Policy {
  std::unique_ptr<model::CausalLM> model;
  std::unique_ptr<model::Tokenizer> tokenizer;
  std::unique_ptr<model::ChatTemplate> chat_template;  // null: the folder has none
};
// The model, tokenizer and chat template that config key `key` names (an earlier stage or a folder), on the
// recipe's device and dtype.
Policy load_policy(const StageContext& context, const std::string& key, const std::string& name);

class Checkpointing {
 public:
  Checkpointing(const StageContext& context, const SaveConfig& config)
      : context_(context), config_(config) {}

  // The newest whole checkpoint, if any; damaged ones are named on standard error.
  std::optional<std::filesystem::path> latest() const;
  bool due(int64_t step, int64_t last_step) const {
    return step == last_step || step % config_.save_steps == 0;
  }
  // Writes checkpoint-<step>, with `stage_state` for the stage's own counters, and removes old ones
  // but `keep`. When the disk is full: a warning, an empty path, and training goes on, unless
  // `required`. A `reference` policy that differs from the stage's input goes to state/reference.
  std::filesystem::path save(int64_t step, const model::CausalLM& model,
                             const model::Tokenizer& tokenizer, const model::Trainer& trainer,
                             const Json& stage_state, bool required,
                             const std::filesystem::path& keep = {},
                             const model::CausalLM* reference = nullptr) const;
  // Loads the trainer's state from a checkpoint; returns what was saved as stage_state. (The
  // weights are loaded before the trainer is made.)
  Json restore(const std::filesystem::path& checkpoint, model::Trainer& trainer) const;

 private:
  const StageContext& context_;
  const SaveConfig& config_;
};

// Artifact of kind "model" for a checkpoint, with the SHA-256 of its weights in the summary.
Artifact model_artifact(const std::filesystem::path& checkpoint, Json summary);

// The order in which the rows of a data set are used: permutations of [0, count) laid end to end,
// each of which depends only on the stream and its epoch. So a resumed run needs no more than its
// step.
class EpochOrder {
 public:
  EpochOrder(int64_t count, const RandomStream& draws) : order_(count), draws_(draws) {}
  int64_t row(int64_t position);

 private:
  std::vector<int64_t> order_;  // of epoch_
  RandomStream draws_;
  int64_t epoch_ = -1;
};

}  // namespace r1::recipes
