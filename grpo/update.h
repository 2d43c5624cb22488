// One optimizer step from scored samples.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "grpo/batch.h"
#include "grpo/loss.h"
#include "grpo/loss_metrics.h"
#include "model/causal_lm.h"
#include "model/trainer.h"

namespace r1::grpo {

struct UpdateConfig {
  std::string loss_type = "dapo";
  double beta = 0.0;
  std::string kl_estimator = "k3";
  double entropy_coef = 0.0;
  int64_t micro_batch_tokens = 16384;
  bool skip_zero_advantages = false;

  template <class V>
  void visit(V& v) {
    v.field("loss_type", loss_type,
            "how token losses are averaged: per completion, then over completions (grpo); over the "
            "tokens of the step (bnpo) or of the generation batch (dapo); over completions * "
            "max_completion_length (dr_grpo)",
            OneOf{"grpo", "bnpo", "dapo", "dr_grpo"});
    v.field("beta", beta, "coefficient of the KL divergence to the reference policy; 0: no reference is kept",
            Range{0.0, 1000.0});
    v.field("kl_estimator", kl_estimator,
            "estimator of that divergence (Schulman 2020); k3 is DeepSeekMath's and DeepSeek-R1's", OneOf{"k1", "k2", "k3"});
    v.field("entropy_coef", entropy_coef, "coefficient of the entropy bonus, the mean entropy of the step's tokens",
            Range{-1000.0, 1000.0});
    v.field("micro_batch_tokens", micro_batch_tokens,
            "prompt and completion tokens of one forward and backward: changes speed and memory, "
            "the gradient only by rounding",
            Range{1, 1e9});
    v.field("skip_zero_advantages", skip_zero_advantages,
            "leave completions with advantage 0 out of the forward where neither beta nor "
            "entropy_coef acts on them: the same gradient for less work, but entropy, clip and "
            "sampling metrics cover the others only");
  }
};

// Where the step stands in the run.
struct UpdateScope {
  double temperature = 1.0;           // that the completions were sampled with
  int64_t max_completion_length = 0;  // tokens; the constant of dr_grpo
  double dapo_tokens_per_step = 0;    // see token_weights(); 0: the step's own tokens
  bool on_policy = false;             // no step was made since these samples were drawn
};

// One optimizer step on
//   sum_T weight_T (loss_T + beta kl_T) - entropy_coef mean_T(entropy_T)
// over all completion tokens T of `samples`. Micro-batches are cut in the given order. Adds to
// `metrics`; the caller writes them after the last step of a generation. Rows that may not be used
// (a rewarder's fault) must not be among the samples. Without any completion token nothing is done:
// `skipped` is true and the trainer does not count a step. Throws InternalError when beta is not 0
// and a sample has no ref_logp.
model::StepResult update(const model::CausalLM& policy, model::Trainer& trainer, const Loss& loss,
                         const std::vector<const Sample*>& samples, const UpdateConfig& config, const UpdateScope& scope,
                         LossMetrics& metrics);

// Fills ref_logp of every sample with the log-probs of its completion under `reference`, at
// `temperature`. No gradient.
void reference_logprobs(const model::CausalLM& reference, std::vector<Sample>& samples, double temperature,
                        int64_t micro_batch_tokens);

}  // namespace r1::grpo
