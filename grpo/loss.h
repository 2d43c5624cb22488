// The loss interface: per-token losses, to which the batch's weights (grpo/batch.h) are applied.
// One file per variant; registry.cc lists them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/config.h"

namespace r1::grpo {

// T: completion tokens, completion after completion. Floating tensors share one dtype (fp32, or fp64
// in tests).
struct LossInputs {
  at::Tensor logp_T;             // nats, of the policy being trained; differentiable
  at::Tensor old_logp_T;         // nats, of the policy that sampled; no gradient
  at::Tensor advantages_T;       // no gradient
  std::vector<int64_t> offsets;  // S + 1: completion s owns tokens offsets[s] .. offsets[s+1] - 1
};

struct LossOutputs {
  at::Tensor loss_T;            // differentiable; to be summed with the batch's weights
  at::Tensor ratio_T;           // detached importance ratio (repeated over the tokens it covers)
  at::Tensor clipped_low_T;     // bool: the lower bound took this token's gradient away
  at::Tensor clipped_high_T;    // bool: the upper bound did (cispo: capped the weight)
  bool per_completion = false;  // one ratio per completion: metrics then count completions
};

// Stateless; thread safe.
class Loss {
 public:
  virtual ~Loss() = default;
  virtual LossOutputs compute(const LossInputs& inputs) const = 0;
};

struct LossConfig {
  std::string policy_loss = "clip";
  std::string importance_sampling_level = "token";
  double epsilon = 0.2;
  std::optional<double> epsilon_high;  // absent: epsilon; cispo needs it
  std::optional<double> delta;         // absent: no upper bound for negative advantages

  template <class V>
  void visit(V& v) {
    v.field("policy_loss", policy_loss,
            "variant of the per-token loss: clip (PPO, GRPO, DAPO, GSPO), cispo (MiniMax-M1), or "
            "one that the program added");
    v.field("importance_sampling_level", importance_sampling_level,
            "ratio per token (DeepSeekMath), or of the whole completion: its geometric mean per "
            "token (GSPO) or the plain product (DeepSeek-R1)",
            OneOf{"token", "sequence", "sequence_product"});
    v.field("epsilon", epsilon, "the ratio is clipped below at 1 - epsilon", Range{0.0, 1000.0});
    v.field("epsilon_high", epsilon_high,
            "the ratio is clipped above at 1 + epsilon_high (DAPO's clip-higher); absent: epsilon. "
            "cispo, as in TRL: the largest weight itself (ScaleRL: 5)",
            Range{0.0, 1000.0});
    v.field("delta", delta,
            "dual clip: upper bound of the ratio where the advantage is negative, above "
            "1 + epsilon_high (INTELLECT-2: 4); absent: none",
            Range{1.0, 1000.0});
  }
};

// Throws ConfigError at `path` for an unknown policy_loss (naming the nearest known one) or settings
// that contradict each other.
std::unique_ptr<Loss> make_loss(const LossConfig& config, const std::string& path);

// The table of losses by name, in registry.cc. add_loss() lets a program that links the library
// bring its own; it throws ConfigError when the name is taken.
using LossFactory = std::function<std::unique_ptr<Loss>(const LossConfig&, const std::string& path)>;
void add_loss(const std::string& name, LossFactory factory);
std::vector<std::string> losses();

}  // namespace r1::grpo
