// The importance ratio pi(token) / pi_old(token), and its forms over whole completions.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "grpo/loss.h"

namespace r1::grpo {

// ratio_T, differentiable, exactly 1 where logp equals old_logp. With l = logp - old_logp:
//   token             exp(l_t)              DeepSeekMath (arXiv 2402.03300), equation 3
//   sequence          exp(mean_t l_t)       GSPO (arXiv 2507.18071), equation 7
//   sequence_product  exp(sum_t l_t)        DeepSeek-R1 (arXiv 2501.12948), equation 1
// The forms over a completion are repeated over its tokens, and the gradient goes through the whole
// completion (TRL's importance_sampling_level = "sequence"; not GSPO-token). Exponents are limited to
// +-20: beyond a ratio of 5e8 nothing is learnt, and infinity times a zero advantage would be NaN.
at::Tensor importance_ratio(const LossInputs& inputs, const std::string& level);

}  // namespace r1::grpo
