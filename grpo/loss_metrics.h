// What a loss did, added up over the micro-batches and optimizer steps of one generation, under TRL's
// names.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "base/metrics.h"
#include "grpo/batch.h"
#include "grpo/loss.h"

namespace r1::grpo {

// A running mean, minimum and maximum, in the order of the values.
struct Spread {
  double sum = 0, min = 0, max = 0;
  int64_t count = 0;
  void add(double value);
  double mean() const { return count ? sum / static_cast<double>(count) : 0; }
};

//   policy_loss                    the steps' loss, KL included, without the entropy bonus; mean
//   entropy                        nats, mean over tokens
//   kl                             the chosen estimator, mean over tokens; absent without reference
//   clip_ratio/low_mean            share of tokens whose gradient the lower bound took away
//   clip_ratio/high_mean           ... the upper bound (cispo: whose weight was capped)
//   clip_ratio/region_mean         ... either
//   clip_ratio/low_min, high_max   smallest and largest such share of a completion
//       (with one ratio per completion the shares count completions)
//   sampling/sampling_logp_difference/{mean,max}     |logp - logp of the rollout| per token, nats
//   sampling/importance_sampling_ratio/{min,mean,max}  exp(logp - sampling_logp) per token: policy
//       over the distribution that was drawn from
// The sampling ones come from the steps taken with the very weights that sampled (`on_policy`), and
// are absent when there was none: later, differences are what training did.
// Sums are fp64, on the host, in the order of the tokens.
class LossMetrics {
 public:
  // One micro-batch. logp_C, entropy_C: of the policy; kl_C: undefined without reference.
  void add(const MicroBatch& batch, const LossOutputs& loss, const at::Tensor& logp_C, const at::Tensor& entropy_C,
           const at::Tensor& kl_C, bool on_policy);
  // One optimizer step.
  void add_step(double policy_loss) { policy_loss_.add(policy_loss); }
  void write(Metrics& metrics) const;

 private:
  void add_clipping(const MicroBatch& batch, const LossOutputs& loss);

  Spread policy_loss_, entropy_, kl_;
  Spread low_, high_, region_;  // per token or completion
  Spread low_of_completion_, high_of_completion_;
  Spread logp_difference_, sampling_ratio_;
};

}  // namespace r1::grpo
