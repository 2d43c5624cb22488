#include "grpo/loss_metrics.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace r1::grpo {
namespace {

std::vector<double> on_host(const at::Tensor& values) {
  const at::Tensor host = values.detach().to(at::kCPU, at::kDouble).contiguous();
  const double* data = host.const_data_ptr<double>();
  return {data, data + host.numel()};
}

void add_all(Spread& spread, const at::Tensor& values) {
  for (double value : on_host(values)) spread.add(value);
}

}  // namespace

// A comparison with NaN is false, so a NaN would be lost from min and max: it takes their place.
void Spread::add(double value) {
  if (count == 0 || value < min || std::isnan(value)) min = value;
  if (count == 0 || value > max || std::isnan(value)) max = value;
  sum += value;
  ++count;
}

void LossMetrics::add_clipping(const MicroBatch& batch, const LossOutputs& loss) {
  const std::vector<double> low_C = on_host(loss.clipped_low_T);
  const std::vector<double> high_C = on_host(loss.clipped_high_T);
  for (size_t s = 0; s + 1 < batch.offsets.size(); ++s) {
    const auto begin = static_cast<size_t>(batch.offsets[s]);
    const auto end = static_cast<size_t>(batch.offsets[s + 1]);
    Spread low, high;
    for (size_t t = begin; t < (loss.per_completion ? begin + 1 : end); ++t) {
      low.add(low_C[t]);
      high.add(high_C[t]);
      low_.add(low_C[t]);
      high_.add(high_C[t]);
      region_.add(std::max(low_C[t], high_C[t]));
    }
    low_of_completion_.add(low.mean());
    high_of_completion_.add(high.mean());
  }
}

void LossMetrics::add(const MicroBatch& batch, const LossOutputs& loss, const at::Tensor& logp_C, const at::Tensor& entropy_C,
                      const at::Tensor& kl_C, bool on_policy) {
  add_clipping(batch, loss);
  add_all(entropy_, entropy_C);
  if (kl_C.defined()) add_all(kl_, kl_C);
  if (!on_policy) return;
  const std::vector<double> logp = on_host(logp_C);
  const std::vector<double> old_logp = on_host(batch.old_logp_C);
  const std::vector<double> sampling_logp = on_host(batch.sampling_logp_C);
  for (size_t t = 0; t < logp.size(); ++t) {
    logp_difference_.add(std::abs(logp[t] - old_logp[t]));
    sampling_ratio_.add(std::exp(logp[t] - sampling_logp[t]));
  }
}

void LossMetrics::write(Metrics& metrics) const {
  metrics.set("policy_loss", policy_loss_.mean());
  metrics.set("entropy", entropy_.mean());
  if (kl_.count > 0) metrics.set("kl", kl_.mean());
  metrics.set("clip_ratio/low_mean", low_.mean());
  metrics.set("clip_ratio/low_min", low_of_completion_.min);
  metrics.set("clip_ratio/high_mean", high_.mean());
  metrics.set("clip_ratio/high_max", high_of_completion_.max);
  metrics.set("clip_ratio/region_mean", region_.mean());
  if (logp_difference_.count == 0) return;
  metrics.set("sampling/sampling_logp_difference/mean", logp_difference_.mean());
  metrics.set("sampling/sampling_logp_difference/max", logp_difference_.max);
  metrics.set("sampling/importance_sampling_ratio/min", sampling_ratio_.min);
  metrics.set("sampling/importance_sampling_ratio/mean", sampling_ratio_.mean());
  metrics.set("sampling/importance_sampling_ratio/max", sampling_ratio_.max);
}

}  // namespace r1::grpo
