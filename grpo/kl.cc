#include "grpo/kl.h"

#include <ATen/ATen.h>

#include "base/error.h"

namespace r1::grpo {

at::Tensor kl_estimate(const at::Tensor& logp_T, const at::Tensor& ref_logp_T, const std::string& estimator) {
  const at::Tensor d_T = ref_logp_T.detach() - logp_T;
  if (estimator == "k1") return -d_T;
  if (estimator == "k2") return d_T * d_T / 2;
  if (estimator == "k3") return at::expm1(d_T) - d_T;  // keeps the small values exp(d) - 1 loses
  throw ConfigError("kl_estimator is \"" + estimator + "\"; it must be one of: k1, k2, k3");
}

}  // namespace r1::grpo
