#include "grpo/loss.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/json.h"
#include "grpo/kl.h"
#include "tests/base/expect_error.h"

namespace r1::grpo {
namespace {

at::Tensor vector_of(std::vector<double> values) { return at::tensor(values, at::kDouble); }

// Inputs whose ratios are the given ones.
LossInputs inputs_of(std::vector<double> ratios, std::vector<double> advantages, std::vector<int64_t> offsets) {
  const auto count = static_cast<int64_t>(ratios.size());
  const at::Tensor old_T = at::linspace(-2.0, -1.0, count, at::kDouble);
  return {(old_T + vector_of(ratios).log()).requires_grad_(), old_T, vector_of(advantages), std::move(offsets)};
}

LossConfig config_of(const std::string& level, std::optional<double> high = {}, std::optional<double> delta = {}) {
  LossConfig config;
  config.importance_sampling_level = level;
  config.epsilon_high = high;
  config.delta = delta;
  return config;
}

LossConfig cispo_config(const std::string& level, double cap) {
  LossConfig config = config_of(level, cap);
  config.policy_loss = "cispo";
  return config;
}

void expect_near(const at::Tensor& values, std::vector<double> wanted, double tolerance = 1e-14) {
  ASSERT_EQ(values.numel(), static_cast<int64_t>(wanted.size()));
  for (size_t t = 0; t < wanted.size(); ++t)
    EXPECT_NEAR(values[static_cast<int64_t>(t)].item<double>(), wanted[t], tolerance) << t;
}

std::vector<bool> bools(const at::Tensor& mask) {
  std::vector<bool> values;
  for (int64_t t = 0; t < mask.numel(); ++t) values.push_back(mask[t].item<bool>());
  return values;
}

TEST(ClipLoss, TokenLevelByHand) {
  // Below, inside and above [0.8, 1.2], for either sign of the advantage.
  const LossInputs inputs = inputs_of({0.5, 1.1, 2.0, 0.5, 1.1, 2.0}, {3, 3, 3, -3, -3, -3}, {0, 6});
  const LossOutputs out = make_loss(config_of("token"), "t")->compute(inputs);
  out.loss_T.sum().backward();
  expect_near(out.loss_T, {-1.5, -3.3, -3.6, 2.4, 3.3, 6.0});
  // d(-ratio A)/dlogp = -ratio A where the ratio is not clipped away.
  expect_near(inputs.logp_T.grad(), {-1.5, -3.3, 0, 0, 3.3, 6.0});
  EXPECT_EQ(bools(out.clipped_low_T), (std::vector<bool>{0, 0, 0, 1, 0, 0}));
  EXPECT_EQ(bools(out.clipped_high_T), (std::vector<bool>{0, 0, 1, 0, 0, 0}));
  EXPECT_FALSE(out.per_completion);
}

TEST(ClipLoss, ClipHigherMovesTheUpperBoundOnly) {
  const LossInputs inputs = inputs_of({1.25, 0.75}, {1, -1}, {0, 2});
  const LossOutputs out = make_loss(config_of("token", 0.28), "t")->compute(inputs);
  out.loss_T.sum().backward();
  expect_near(out.loss_T, {-1.25, 0.8});
  expect_near(inputs.logp_T.grad(), {-1.25, 0});
}

TEST(ClipLoss, DeltaBoundsTheRatioOfNegativeAdvantages) {
  const LossInputs inputs = inputs_of({5.0, 3.0, 5.0}, {-2, -2, 2}, {0, 3});
  const LossOutputs out = make_loss(config_of("token", {}, 4.0), "t")->compute(inputs);
  out.loss_T.sum().backward();
  expect_near(out.loss_T, {8, 6, -2.4});
  expect_near(inputs.logp_T.grad(), {0, 6, 0});
  expect_near(out.ratio_T, {5, 3, 5});
}

TEST(ClipLoss, SequenceLevelIsTheGeometricMean) {
  // Completion 1: sqrt(1.21 * 1) = 1.1; completion 2: its only ratio.
  const LossInputs inputs = inputs_of({1.21, 1.0, 1.5}, {2, 2, -1}, {0, 2, 3});
  const LossOutputs out = make_loss(config_of("sequence"), "t")->compute(inputs);
  out.loss_T.sum().backward();
  expect_near(out.ratio_T, {1.1, 1.1, 1.5});
  expect_near(out.loss_T, {-2.2, -2.2, 1.5});
  // Two tokens' losses, each with gradient -A ratio / 2 to each of the two tokens.
  expect_near(inputs.logp_T.grad(), {-2.2, -2.2, 1.5});
  EXPECT_TRUE(out.per_completion);
}

TEST(ClipLoss, ProductLevelIsTheRatioOfTheWholeCompletion) {
  const LossInputs inputs = inputs_of({1.1, 1.0, 0.5, 0.5}, {2, 2, -1, -1}, {0, 2, 4});
  const LossOutputs out = make_loss(config_of("sequence_product"), "t")->compute(inputs);
  // DeepSeek-R1 equation 1 averages completions: weight 1 / (2 * length) on each token.
  (out.loss_T / 4).sum().backward();
  expect_near(out.ratio_T, {1.1, 1.1, 0.25, 0.25});
  expect_near(out.loss_T, {-2.2, -2.2, 0.8, 0.8});
  expect_near(inputs.logp_T.grad(), {-1.1, -1.1, 0, 0});
}

TEST(ClipLoss, RatioIsExactlyOneWhereNothingChanged) {
  for (at::ScalarType dtype : {at::kFloat, at::kDouble}) {
    const at::Tensor old_T = at::tensor({-0.3, -17.25, -1e-7, -3.1415926}).to(dtype);
    const at::Tensor advantages_T = at::tensor({1.5, -0.5, 0.25, 0.0}).to(dtype);
    for (const char* level : {"token", "sequence", "sequence_product"}) {
      for (const LossConfig& config : {config_of(level), cispo_config(level, 5.0)}) {
        const LossInputs inputs = {old_T.clone().requires_grad_(), old_T, advantages_T, {0, 3, 4}};
        const LossOutputs out = make_loss(config, "t")->compute(inputs);
        EXPECT_TRUE(out.ratio_T.eq(1).all().item<bool>()) << level;
        EXPECT_FALSE(out.clipped_low_T.any().item<bool>());
        EXPECT_FALSE(out.clipped_high_T.any().item<bool>());
      }
    }
  }
}

TEST(ClipLoss, FirstStepGradientIsThatOfDeepSeekMathEquation21) {
  // Ratio 1: gradient of the objective is A + beta (pi_ref / pi - 1), times grad log pi.
  const double beta = 0.04;
  const LossInputs inputs = inputs_of({1, 1, 1}, {0.7, 0.7, -1.2}, {0, 2, 3});
  const at::Tensor ref_T = inputs.old_logp_T + vector_of({0.3, -0.2, 0.0});
  const LossOutputs out = make_loss(config_of("token"), "t")->compute(inputs);
  (out.loss_T + beta * kl_estimate(inputs.logp_T, ref_T, "k3")).sum().backward();
  expect_near(-inputs.logp_T.grad(), {0.7 + beta * std::expm1(0.3), 0.7 + beta * std::expm1(-0.2), -1.2});
}

TEST(ClipLoss, HugeLogRatiosStayFinite) {
  const at::Tensor old_T = at::tensor({-200.0, -200.0, -0.1}).to(at::kFloat);
  const at::Tensor logp_T = at::tensor({-0.1, -0.1, -200.0}).to(at::kFloat).requires_grad_();
  for (const char* level : {"token", "sequence", "sequence_product"}) {
    const LossInputs inputs = {logp_T, old_T, at::tensor({0.0, -1.0, 1.0}).to(at::kFloat), {0, 1, 2, 3}};
    const LossOutputs out = make_loss(config_of(level), "t")->compute(inputs);
    out.loss_T.sum().backward();
    EXPECT_TRUE(out.loss_T.isfinite().all().item<bool>()) << level;
    EXPECT_TRUE(logp_T.grad().isfinite().all().item<bool>()) << level;
  }
}

// Central differences of sum(weights * loss) against the gradient; away from the kinks.
void expect_finite_differences(const Loss& loss, const LossInputs& inputs) {
  const at::Tensor weights_T = at::linspace(0.2, 1.0, inputs.logp_T.numel(), at::kDouble);
  const auto value = [&](const at::Tensor& logp_T) {
    return (weights_T * loss.compute({logp_T, inputs.old_logp_T, inputs.advantages_T, inputs.offsets}).loss_T).sum();
  };
  value(inputs.logp_T).backward();
  const double step = 1e-6;
  for (int64_t t = 0; t < inputs.logp_T.numel(); ++t) {
    at::Tensor up_T = inputs.logp_T.detach().clone(), down_T = up_T.clone();
    up_T[t] += step;
    down_T[t] -= step;
    const double slope = (value(up_T) - value(down_T)).item<double>() / (2 * step);
    // Error of the difference: step^2 from the curvature, 1e-16 / step from rounding.
    EXPECT_NEAR(inputs.logp_T.grad()[t].item<double>(), slope, 1e-9) << t;
  }
}

TEST(ClipLoss, GradientEqualsFiniteDifferences) {
  for (const char* level : {"token", "sequence", "sequence_product"}) {
    for (const LossConfig& config : {config_of(level), config_of(level, 0.28), config_of(level, 0.28, 1.6)}) {
      const LossInputs inputs =
          inputs_of({0.6, 1.05, 1.9, 1.25, 0.7, 1.1, 1.7}, {1.5, 1.5, -0.5, -0.5, -0.5, 2, -1}, {0, 2, 5, 6, 7});
      expect_finite_differences(*make_loss(config, "t"), inputs);
    }
  }
}

TEST(CispoLoss, WeightIsCappedAndNoTokenLosesItsGradient) {
  const LossInputs inputs = inputs_of({0.5, 1.1, 8.0, 8.0}, {3, 3, 3, -3}, {0, 4});
  const LossOutputs out = make_loss(cispo_config("token", 5.0), "t")->compute(inputs);
  out.loss_T.sum().backward();
  const at::Tensor weights_T = vector_of({0.5, 1.1, 5, 5});
  EXPECT_TRUE(out.loss_T.allclose(-weights_T * inputs.advantages_T * inputs.logp_T, 1e-14, 1e-14));
  // The weight is a constant for the gradient, so it is -weight * A.
  expect_near(inputs.logp_T.grad(), {-1.5, -3.3, -15, 15}, 1e-13);
  EXPECT_EQ(bools(out.clipped_high_T), (std::vector<bool>{0, 0, 1, 0}));
  EXPECT_FALSE(out.clipped_low_T.any().item<bool>());
}

TEST(CispoLoss, SequenceLevelWeighsEveryTokenAlike) {
  const LossInputs inputs = inputs_of({1.21, 1.0, 9.0}, {2, 2, -1}, {0, 2, 3});
  make_loss(cispo_config("sequence", 5.0), "t")->compute(inputs).loss_T.sum().backward();
  expect_near(inputs.logp_T.grad(), {-2.2, -2.2, 5});
}

TEST(LossRegistry, ListsAndExtends) {
  class Constant : public Loss {
    LossOutputs compute(const LossInputs& inputs) const override { return {inputs.logp_T, {}, {}, {}}; }
  };
  const auto factory = [](const LossConfig&, const std::string&) { return std::make_unique<Constant>(); };
  add_loss("constant", factory);
  const std::vector<std::string> names = losses();
  for (const char* name : {"clip", "cispo", "constant"})
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  LossConfig config;
  config.policy_loss = "constant";
  EXPECT_NE(dynamic_cast<Constant*>(make_loss(config, "t").get()), nullptr);
  EXPECT_ERROR(ConfigError, add_loss("clip", factory), "exists already");
}

TEST(LossRegistry, ErrorsNameThePathAndWhatToDo) {
  LossConfig config;
  config.policy_loss = "clop";
  EXPECT_ERROR(ConfigError, make_loss(config, "recipe.json: stages[1]"),
               "recipe.json: stages[1].policy_loss: unknown loss \"clop\", did you mean \"clip\"?");
  config = cispo_config("token", 5.0);
  config.epsilon_high.reset();
  EXPECT_ERROR(ConfigError, make_loss(config, "x"), "x.epsilon_high is missing");
  config = cispo_config("token", 5.0);
  config.delta = 2.0;
  EXPECT_ERROR(ConfigError, make_loss(config, "x"), "x.delta is set");
  EXPECT_ERROR(ConfigError, make_loss(config_of("token", 0.28, 1.28), "x"), "above 1 + epsilon_high");
  const LossInputs inputs = inputs_of({1}, {1}, {0, 1});
  EXPECT_ERROR(ConfigError, make_loss(config_of("word"), "x")->compute(inputs), "\"word\"");
}

TEST(LossConfig, ReadsStrictly) {
  LossConfig config;
  read_config(parse_json(R"({"epsilon_high": 0.28, "importance_sampling_level": "sequence"})", "t"), "t", config);
  EXPECT_EQ(config.epsilon_high, 0.28);
  EXPECT_FALSE(config.delta.has_value());
  EXPECT_ERROR(ConfigError, read_config(parse_json(R"({"delta": 0.5})", "t"), "t", config), "delta");
}

}  // namespace
}  // namespace r1::grpo
