#include "grpo/importance_ratio.h"

#include <ATen/ATen.h>

#include "base/error.h"
#include "grpo/segments.h"

namespace r1::grpo {

at::Tensor importance_ratio(const LossInputs& inputs, const std::string& level) {
  constexpr double kMaxLogRatio = 20.0;
  R1_CHECK(inputs.logp_T.sizes() == inputs.old_logp_T.sizes() && inputs.logp_T.sizes() == inputs.advantages_T.sizes(),
           "logp, old_logp and advantages differ in shape");
  at::Tensor log_ratio_T = inputs.logp_T - inputs.old_logp_T.detach();
  if (level == "sequence") {
    log_ratio_T = segment_mean(log_ratio_T, inputs.offsets);
  } else if (level == "sequence_product") {
    log_ratio_T = segment_sum(log_ratio_T, inputs.offsets);
  } else if (level != "token") {
    throw ConfigError("importance_sampling_level is \"" + level + "\"; it must be one of: token, sequence, sequence_product");
  }
  return log_ratio_T.clamp(-kMaxLogRatio, kMaxLogRatio).exp();
}

}  // namespace r1::grpo
