// CISPO (MiniMax-M1, arXiv 2506.13585, equation 4): the importance weight is capped and detached, so
// no token loses its gradient:
//   loss = -sg(min(ratio, epsilon_high)) A logp
// As in TRL and ScaleRL (arXiv 2510.13786) there is no lower bound, and epsilon_high is the cap itself.
#include <ATen/ATen.h>

#include "base/error.h"
#include "grpo/importance_ratio.h"
#include "grpo/loss.h"

namespace r1::grpo {
namespace {

class CispoLoss : public Loss {
 public:
  CispoLoss(std::string level, double cap) : level_(std::move(level)), cap_(cap) {}

  LossOutputs compute(const LossInputs& inputs) const override {
    const at::Tensor advantages_T = inputs.advantages_T.detach();
    LossOutputs out;
    out.ratio_T = importance_ratio(inputs, level_).detach();
    out.loss_T = -(out.ratio_T.clamp_max(cap_) * advantages_T * inputs.logp_T);
    out.clipped_high_T = (out.ratio_T > cap_).logical_and(advantages_T > 0);
    out.clipped_low_T = at::zeros_like(out.clipped_high_T);
    out.per_completion = level_ != "token";
    return out;
  }

 private:
  std::string level_;
  double cap_;
};

}  // namespace

std::unique_ptr<Loss> make_cispo_loss(const LossConfig& config, const std::string& path) {
  if (!config.epsilon_high) {
    throw ConfigError(path +
                      ".epsilon_high is missing: policy_loss \"cispo\" needs it, the largest "
                      "importance weight (ScaleRL uses 5)");
  }
  if (config.delta) {
    throw ConfigError(path + ".delta is set, but policy_loss \"cispo\" has no such bound; remove it");
  }
  return std::make_unique<CispoLoss>(config.importance_sampling_level, *config.epsilon_high);
}

}  // namespace r1::grpo
