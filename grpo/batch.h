// From scored groups to the flat token arrays of one optimizer step.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "model/batch.h"
#include "rollout/types.h"

namespace r1::grpo {

// One completion with its prompt, as the update sees it.
struct Sample {
  const rollout::Group* group = nullptr;
  const rollout::Completion* completion = nullptr;
  double advantage = 0;
  std::vector<float> ref_logp;  // per token, nats; empty without a reference policy
};

// How per-token losses are averaged, under TRL's loss_type names:
//   grpo     mean over completions of the mean over their tokens (DeepSeekMath, equation 3)
//   bnpo     mean over all tokens of this optimizer step
//   dapo     mean over all tokens of the whole generation batch (DAPO, equation 8)
//   dr_grpo  sum over tokens divided by completions * max_completion_length (Dr. GRPO)
// Returns the weight of every token of each completion, so that the step's loss is
// sum(weight * loss). `lengths` (tokens) are those of the whole step. dapo divides by
// dapo_tokens_per_step: the tokens of all completions of the generation divided by the number of
// optimizer steps they are split over; 0 stands for the step's own tokens. An empty completion gets
// weight 0 but counts as a completion. Throws ConfigError for another loss_type.
std::vector<double> token_weights(const std::string& loss_type, const std::vector<int64_t>& lengths,
                                  int64_t max_completion_length, double dapo_tokens_per_step);

// The tokens of one micro-batch: prompts and completions laid flat, and what belongs to every
// completion token (C of them). The last token of a completion is a target, but not in `flat`:
// nothing is predicted from it.
struct MicroBatch {
  model::FlatBatch flat;
  at::Tensor rows_C;     // int64: rows of `flat` whose hidden state predicts a completion token
  at::Tensor targets_C;  // int64: that token
  at::Tensor old_logp_C, sampling_logp_C, advantages_C, weights_C;  // `dtype`
  at::Tensor ref_logp_C;                                            // `dtype`; undefined without reference
  std::vector<int64_t> offsets;                                     // completions in C
  int64_t num_targets() const { return offsets.back(); }
};

// `weights`: one per sample, from token_weights(). `dtype`: of the log-probs they will meet (fp32,
// or fp64 for fp64 models). Throws InternalError for an empty prompt or completion, log-probs that
// are not one per token, or when only some samples have reference log-probs.
MicroBatch make_micro_batch(const std::vector<const Sample*>& samples, const std::vector<double>& weights, at::Device device,
                            at::ScalarType dtype = at::kFloat);

// Tokens of `flat` that a sample takes: its prompt and all but the last token of its completion.
int64_t flat_tokens(const Sample& sample);

}  // namespace r1::grpo
