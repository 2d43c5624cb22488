// The one trainer: micro-batches, accumulation, clipping, NaN guard, step. grpo, sft and distill
// supply the losses.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/metrics.h"
#include "model/optimizer.h"

namespace r1::model {

struct StepResult {
  double loss = 0;       // sum of the micro-batch losses (the caller's weights already normalise)
  double grad_norm = 0;  // before clipping
  double learning_rate = 0;
  bool skipped = false;  // loss or gradient was not finite: no update was made
};

class Trainer {
 public:
  Trainer(CausalLM& model, const OptimizerConfig& config, int64_t total_steps);

  // One optimizer step. loss(i) returns the differentiable scalar loss of micro-batch i; all are
  // summed, so weights must be normalised over the whole step. A non-finite loss or gradient skips
  // the update; config.max_skipped_steps in a row throw Error.
  StepResult step(int64_t num_micro_batches, const std::function<at::Tensor(int64_t)>& loss);

  int64_t steps() const {
    return steps_;
  }  // steps tried, skipped ones included: what the schedule counts
  // optimizer.safetensors and trainer_state.json in `folder`, and back.
  void save(const std::filesystem::path& folder) const;
  void load(const std::filesystem::path& folder);

 private:
  CausalLM& model_;
  OptimizerConfig config_;
  AdamW optimizer_;
  int64_t total_steps_;
  int64_t steps_ = 0;
  int skipped_in_a_row_ = 0;
};

}  // namespace r1::model
