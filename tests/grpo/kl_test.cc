#include "grpo/kl.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "tests/base/expect_error.h"

namespace r1::grpo {
namespace {

TEST(Kl, HandComputedValues) {
  const at::Tensor logp_T = at::tensor({-1.0, -2.0, -0.5}, at::kDouble);
  const at::Tensor ref_T = at::tensor({-1.5, -1.0, -0.5}, at::kDouble);  // d = -0.5, 1, 0
  const auto expect = [&](const char* estimator, std::vector<double> wanted) {
    const at::Tensor kl_T = kl_estimate(logp_T, ref_T, estimator);
    for (int64_t t = 0; t < 3; ++t) EXPECT_NEAR(kl_T[t].item<double>(), wanted[static_cast<size_t>(t)], 1e-15) << estimator;
  };
  expect("k1", {0.5, -1, 0});
  expect("k2", {0.125, 0.5, 0});
  expect("k3", {std::exp(-0.5) - 0.5, std::exp(1.0) - 2, 0});
}

TEST(Kl, ExactlyZeroWithZeroGradientWherePoliciesAgree) {
  for (at::ScalarType dtype : {at::kFloat, at::kDouble}) {
    for (const char* estimator : {"k2", "k3"}) {
      const at::Tensor logp_T = at::tensor({-0.1, -7.3, -1e-6, 0.0}).to(dtype).requires_grad_();
      const at::Tensor kl_T = kl_estimate(logp_T, logp_T.detach().clone(), estimator);
      kl_T.sum().backward();
      EXPECT_TRUE(kl_T.eq(0).all().item<bool>());
      EXPECT_TRUE(logp_T.grad().eq(0).all().item<bool>());
    }
  }
  const at::Tensor logp_T = at::tensor({-0.1, -7.3});
  EXPECT_TRUE(kl_estimate(logp_T, logp_T, "k1").eq(0).all().item<bool>());
}

TEST(Kl, SmallDifferencesKeepTheirDigits) {
  // d = 1e-4 in fp32: exp(d) - 1 - d is 5e-9, below the rounding of exp(d) near 1.
  const at::Tensor ref_T = at::tensor({1e-4F}), logp_T = at::tensor({0.0F});
  EXPECT_NEAR(kl_estimate(logp_T, ref_T, "k3").item<float>(), 5e-9, 2e-11);
}

TEST(Kl, ReferenceGetsNoGradient) {
  const at::Tensor logp_T = at::tensor({-1.0}).requires_grad_();
  const at::Tensor ref_T = at::tensor({-2.0}).requires_grad_();
  kl_estimate(logp_T, ref_T, "k3").sum().backward();
  EXPECT_FALSE(ref_T.grad().defined());
  EXPECT_TRUE(logp_T.grad().defined());
}

TEST(Kl, UnknownEstimatorIsNamed) {
  const at::Tensor logp_T = at::zeros({1});
  EXPECT_ERROR(ConfigError, kl_estimate(logp_T, logp_T, "k4"), "\"k4\"");
}

}  // namespace
}  // namespace r1::grpo
