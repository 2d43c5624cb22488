// Logits to tokens.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"

namespace r1::rollout {

// Names follow transformers' GenerationConfig and TRL.
struct SamplingConfig {
  double temperature = 1.0;
  int64_t top_k = 0;
  double top_p = 1.0;
  double min_p = 0.0;

  template <class V>
  void visit(V& v) {
    v.field("temperature", temperature, "divides the logits; 0 takes the most likely token", Range{0.0, 100.0});
    v.field("top_k", top_k, "draw from the k most likely tokens only; 0 switches it off", Range{0, 1e9});
    v.field("top_p", top_p, "draw from the smallest set of tokens with this probability; 1 switches it off", Range{0.0, 1.0});
    v.field("min_p", min_p, "drop tokens below this share of the most likely one's probability; 0 switches it off",
            Range{0.0, 1.0});
  }
};
// Throws ConfigError for values that cannot be sampled with (a negative one, a temperature between 0 and 0.001).
void check(const SamplingConfig& config);

struct Draw {
  int64_t token = 0;
  float logp = 0;           // full vocabulary, temperature-scaled (temperature 0: at temperature 1)
  float sampling_logp = 0;  // over the kept tokens; 0 for greedy
};

// Logits that are not finite: weights that have diverged, or an overflow of a 16-bit type.
class NonFiniteLogits : public Error {
 public:
  NonFiniteLogits(int64_t bad_row, const std::string& where);
  int64_t row;
};

// One draw per row. logits_BV: on any device; uniforms: B numbers in [0, 1). Filters apply in the order top-k, top-p, min-p,
// as in transformers; ties keep the lower id. A token is drawn by the inverse of the cumulative distribution of the kept
// tokens in vocabulary order, so equal logits and uniforms give equal tokens. A row with a non-finite logit throws
// NonFiniteLogits naming it.
std::vector<Draw> sample(const at::Tensor& logits_BV, const SamplingConfig& config, const std::vector<float>& uniforms);

// What sample() does where the logits are not on the CPU: the same with tensor operations on their device and one copy to the
// host. Sums are of integers (probabilities in units of 2^-46), so that they do not depend on the order of a parallel scan.
std::vector<Draw> sample_on_device(const at::Tensor& logits_BV, const SamplingConfig& config,
                                   const std::vector<float>& uniforms);

// The log-prob `logp` of a token after the filters left tokens of probability exp(log_kept): never above 0, and exactly
// `logp` when they left everything.
float logp_among_kept(float logp, double log_kept);

}  // namespace r1::rollout
