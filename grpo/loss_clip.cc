// The clipped surrogate of PPO (arXiv 1707.06347, equation 7) with group-relative advantages:
//   loss = -min(ratio A, clip(ratio, 1 - epsilon, 1 + epsilon_high) A)
// Per token: DeepSeekMath (arXiv 2402.03300) equation 3; DAPO (arXiv 2503.14476) equation 8 where
// epsilon_high differs. Over completions: GSPO (arXiv 2507.18071) equation 5, DeepSeek-R1
// (arXiv 2501.12948) equation 1. With delta, ratio is replaced by min(ratio, delta) in the first term
// (INTELLECT-2, arXiv 2505.07291, section 4.2; TRL's `delta`).
#include <ATen/ATen.h>

#include "base/error.h"
#include "grpo/importance_ratio.h"
#include "grpo/loss.h"

namespace r1::grpo {
namespace {

class ClipLoss : public Loss {
 public:
  explicit ClipLoss(const LossConfig& config)
      : level_(config.importance_sampling_level),
        low_(1 - config.epsilon),
        high_(1 + config.epsilon_high.value_or(config.epsilon)),
        delta_(config.delta) {}

  LossOutputs compute(const LossInputs& inputs) const override {
    const at::Tensor ratio_T = importance_ratio(inputs, level_);
    const at::Tensor advantages_T = inputs.advantages_T.detach();
    const at::Tensor bounded_T = delta_ ? ratio_T.clamp_max(*delta_) : ratio_T;
    LossOutputs out;
    out.loss_T = -at::min(bounded_T * advantages_T, ratio_T.clamp(low_, high_) * advantages_T);
    out.ratio_T = ratio_T.detach();
    out.clipped_low_T = (out.ratio_T < low_).logical_and(advantages_T < 0);
    out.clipped_high_T = (out.ratio_T > high_).logical_and(advantages_T > 0);
    out.per_completion = level_ != "token";
    return out;
  }

 private:
  std::string level_;
  double low_, high_;
  std::optional<double> delta_;
};

}  // namespace

std::unique_ptr<Loss> make_clip_loss(const LossConfig& config, const std::string& path) {
  const double high = 1 + config.epsilon_high.value_or(config.epsilon);
  if (config.delta && *config.delta <= high) {
    throw ConfigError(path + ".delta is " + std::to_string(*config.delta) + ", but it must be above 1 + epsilon_high = " +
                      std::to_string(high) + ", or it would undo clip-higher for positive advantages");
  }
  return std::make_unique<ClipLoss>(config);
}

}  // namespace r1::grpo
