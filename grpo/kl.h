// Estimators of KL(policy || reference) from samples of the policy (Schulman, "Approximating KL
// divergence", 2020).
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace r1::grpo {

// Per token, nats, differentiable in logp. With d = ref_logp - logp:
//   k1  -d               unbiased, any sign; its gradient is that of logp, not of the KL divergence
//   k2  d^2 / 2          biased, never negative; its gradient is unbiased
//   k3  exp(d) - d - 1   unbiased, never negative (DeepSeekMath, arXiv 2402.03300, equation 4)
// Exactly 0 where the two log-probs are equal. Throws ConfigError for another name.
at::Tensor kl_estimate(const at::Tensor& logp_T, const at::Tensor& ref_logp_T, const std::string& estimator);

}  // namespace r1::grpo
