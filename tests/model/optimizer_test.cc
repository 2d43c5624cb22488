#include "model/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "base/parallel.h"
#include "model/safetensors.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"
#include "tests/model/formula_model.h"

namespace r1::model {
namespace {

// Numbers of transformers.get_scheduler and torch.optim.AdamW: tools/dump_model_goldens.py.
const Json& goldens() {
  static const Json json =
      read_json(std::filesystem::path(R1_TEST_DATA) / "model/optimizer_goldens.json");
  return json;
}

// ---- schedules ---------------------------------------------------------------------------------

TEST(LearningRate, IsThatOfTransformers) {
  for (const Json& golden : goldens()["schedules"]) {
    OptimizerConfig config;
    config.learning_rate = goldens()["learning_rate"];
    config.lr_scheduler_type = golden["lr_scheduler_type"];
    config.warmup_steps = golden["warmup_steps"];
    config.min_lr_rate = golden["min_lr_rate"];
    for (size_t step = 0; step < golden["rates"].size(); ++step)
      EXPECT_NEAR(learning_rate_at(config, static_cast<int64_t>(step), golden["total_steps"]),
                  golden["rates"][step].get<double>(),
                  1e-17)  // fp64 of 2e-3, formulas in another order
          << golden.dump() << " step " << step;
  }
}

TEST(LearningRate, WarmupRatioIsRoundedUp) {
  OptimizerConfig config;
  config.learning_rate = 1;
  config.warmup_ratio = 0.25;  // of 10 steps: 3
  EXPECT_DOUBLE_EQ(learning_rate_at(config, 0, 10), 0);
  EXPECT_DOUBLE_EQ(learning_rate_at(config, 1, 10), 1.0 / 3);
  EXPECT_DOUBLE_EQ(learning_rate_at(config, 2, 10), 2.0 / 3);
  EXPECT_DOUBLE_EQ(learning_rate_at(config, 3, 10), 1);
  config.warmup_steps = 1;  // wins over the ratio
  EXPECT_DOUBLE_EQ(learning_rate_at(config, 1, 10), 1);
}

TEST(LearningRate, LinearEndsAtItsFloorAndStaysThere) {
  OptimizerConfig config;
  config.learning_rate = 2;
  config.lr_scheduler_type = "linear";
  config.min_lr_rate = 0.25;
  EXPECT_DOUBLE_EQ(learning_rate_at(config, 0, 4), 2);
  EXPECT_DOUBLE_EQ(learning_rate_at(config, 2, 4), 1.25);
  EXPECT_DOUBLE_EQ(learning_rate_at(config, 4, 4), 0.5);
  EXPECT_DOUBLE_EQ(learning_rate_at(config, 9, 4), 0.5);
}

// ---- AdamW -------------------------------------------------------------------------------------

OptimizerConfig config_of(const Json& golden) {
  OptimizerConfig config;
  config.adam_beta1 = golden["beta1"];
  config.adam_beta2 = golden["beta2"];
  config.adam_epsilon = golden["eps"];
  config.weight_decay = golden["weight_decay"];
  return config;
}

// Five steps as the script makes them.
void expect_golden(const Json& golden, at::ScalarType dtype, double tolerance) {
  const auto model = formula_model(dtype);
  AdamW optimizer(*model, config_of(golden));
  for (int64_t step = 0; step < golden["steps"].get<int64_t>(); ++step) {
    optimizer.zero_grad();
    formula_loss(*model, step).backward();
    optimizer.accumulate();
    const double norm = optimizer.grad_norm(), limit = golden["max_grad_norm"];
    EXPECT_NEAR(norm, golden["grad_norms"][static_cast<size_t>(step)].get<double>(), 1e-12 * norm);
    const double scale = limit > 0 ? std::min(1.0, limit / (norm + 1e-6)) : 1.0;
    optimizer.step(golden["learning_rate"], scale);
  }
  EXPECT_EQ(optimizer.steps(), golden["steps"].get<int64_t>());
  for (const auto& [name, values] : golden["weights"].items()) {
    const at::Tensor weight = parameter_named(*model, name).detach().to(at::kDouble).flatten();
    ASSERT_EQ(static_cast<size_t>(weight.numel()), values.size()) << name;
    for (size_t i = 0; i < values.size(); ++i)
      EXPECT_NEAR(weight[static_cast<int64_t>(i)].item<double>(), values[i].get<double>(),
                  tolerance)
          << name << " " << i;
  }
}

TEST(AdamW, FiveStepsInFloat64AreThoseOfPyTorch) {
  for (const Json& golden : goldens()["adamw"]) expect_golden(golden, at::kDouble, 1e-14);
}

TEST(AdamW, FiveStepsInFloat32AreThoseOfPyTorch) {
  // Weights below 1 are rounded by 3e-8 at each of 5 steps; an update of 2e-3 is good to 1e-5 of
  // itself, because 1 - 0.999 in fp32 is.
  for (const Json& golden : goldens()["adamw"]) expect_golden(golden, at::kFloat, 3e-7);
}

TEST(AdamW, FirstStepByHand) {
  // With m = (1 - b1) g and v = (1 - b2) g^2, corrected: w -= lr (wd w + g / (|g| + eps)).
  const auto model = formula_model(at::kDouble);
  OptimizerConfig config;
  config.adam_epsilon = 0.5;
  config.weight_decay = 0.1;
  AdamW optimizer(*model, config);
  std::vector<at::Tensor> before;
  for (const NamedParameter& p : model->parameters()) before.push_back(p.tensor.detach().clone());
  formula_loss(*model, 3).backward();
  optimizer.step(0.01, 0.5);
  for (size_t i = 0; i < before.size(); ++i) {
    const NamedParameter& p = model->parameters()[i];
    const at::Tensor g = formula_gradient(p.tensor.sizes(), 3) * 0.5;
    const double decay = p.tensor.dim() > 1 ? 0.1 : 0.0;  // matrices only
    const at::Tensor wanted = before[i] - 0.01 * (decay * before[i] + g / (g.abs() + 0.5));
    EXPECT_TRUE(at::allclose(p.tensor.detach(), wanted, 0, 1e-15)) << p.name;
  }
}

TEST(AdamW, ZeroGradStartsFromNothing) {
  const auto model = formula_model(at::kFloat);
  AdamW optimizer(*model, {});
  formula_loss(*model, 0).backward();
  EXPECT_GT(optimizer.grad_norm(), 0);
  optimizer.zero_grad();
  EXPECT_EQ(optimizer.grad_norm(), 0);
}

TEST(AdamW, GradNormHasTheSameBitsForAnyThreads) {
  ModelConfig config = formula_config();
  config.vocab_size = 50'000;  // several stretches of 65,536
  const auto model = make_model(config, at::kFloat, at::kCPU);
  set_formula_weights(*model);
  AdamW optimizer(*model, {});
  formula_loss(*model, 0).backward();
  set_num_threads(1);
  const double one = optimizer.grad_norm();
  double squares = 0;
  for (const NamedParameter& p : model->parameters())
    squares += formula_gradient(p.tensor.sizes(), 0).square().sum().item<double>();
  EXPECT_NEAR(one, std::sqrt(squares), 1e-12 * one);
  for (const int threads : {2, 3}) {
    set_num_threads(threads);
    EXPECT_EQ(optimizer.grad_norm(), one) << threads;
  }
  set_num_threads(2);
}

TEST(AdamW, GradNormIsNotFiniteWhenAnElementIsNot) {
  for (const double bad : {NAN, INFINITY}) {
    const auto model = formula_model(at::kFloat);
    AdamW optimizer(*model, {});
    formula_loss(*model, 0).backward();
    at::NoGradGuard no_grad;
    parameter_named(*model, "model.norm.weight").mutable_grad()[3] = bad;
    EXPECT_FALSE(std::isfinite(optimizer.grad_norm()));
  }
}

// ---- weights that are not fp32 -----------------------------------------------------------------

TEST(AdamW, Bfloat16ModelsFollowTheirFloat32Weights) {
  const auto narrow = formula_model(at::kBFloat16), wide = formula_model(at::kFloat);
  OptimizerConfig config;
  config.weight_decay = 0.1;
  AdamW narrow_optimizer(*narrow, config), wide_optimizer(*wide, config);
  for (int64_t step = 0; step < 5; ++step) {
    for (auto& [model, optimizer] :
         {std::pair{narrow.get(), &narrow_optimizer}, std::pair{wide.get(), &wide_optimizer}}) {
      optimizer->zero_grad();
      formula_loss(*model, step).backward();
      optimizer->accumulate();
      optimizer->step(1e-3, 0.7);
    }
  }
  // Weights and gradients of the formulas are exact in bf16, so the fp32 weights behind it are
  // those of an fp32 model.
  int64_t masters = 0;
  for (const auto& [name, tensor] : narrow_optimizer.state()) {
    if (!name.starts_with("master.")) continue;
    ++masters;
    const at::Tensor weight = parameter_named(*narrow, name.substr(7)).detach();
    EXPECT_TRUE(at::equal(tensor, parameter_named(*wide, name.substr(7)).detach())) << name;
    EXPECT_TRUE(at::equal(tensor.to(at::kBFloat16), weight)) << name;
    EXPECT_FALSE(at::equal(tensor, weight.to(at::kFloat))) << name;  // more than bf16 can hold
  }
  EXPECT_EQ(masters, static_cast<int64_t>(narrow->parameters().size()));
}

TEST(AdamW, Bfloat16GradientsAddUpInFloat32) {
  const auto model = formula_model(at::kBFloat16);
  AdamW optimizer(*model, {});
  int64_t count = 0;
  for (const double part : {1.0, 0x1p-9}) {  // their sum does not fit bf16
    at::Tensor loss = at::zeros({}, at::kFloat);
    count = 0;
    for (const NamedParameter& p : model->parameters()) {
      loss = loss + p.tensor.to(at::kFloat).sum() * part;
      count += p.tensor.numel();
    }
    loss.backward();
    optimizer.accumulate();
  }
  EXPECT_DOUBLE_EQ(optimizer.grad_norm(), std::sqrt(static_cast<double>(count)) * (1 + 0x1p-9));
}

// ---- state -------------------------------------------------------------------------------------

TEST(AdamW, StateNamesEveryParameter) {
  const auto model = formula_model(at::kFloat);
  const auto state = AdamW(*model, {}).state();
  ASSERT_EQ(state.size(), 2 * model->parameters().size());
  for (const NamedParameter& p : model->parameters())
    for (const char* kind : {"exp_avg.", "exp_avg_sq."}) {
      const bool there = std::any_of(state.begin(), state.end(), [&](const auto& entry) {
        return entry.first == kind + p.name && entry.second.sizes() == p.tensor.sizes();
      });
      EXPECT_TRUE(there) << kind << p.name;
    }
}

TEST(AdamW, ALoadedOptimizerGoesOnWithTheSameBits) {
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble, at::kBFloat16}) {
    const TempFolder folder;
    const std::string file = (folder / "optimizer.safetensors").string();
    const auto model = formula_model(dtype);
    AdamW optimizer(*model, {});
    const auto advance = [](CausalLM& policy, AdamW& its_optimizer, int64_t step) {
      its_optimizer.zero_grad();
      formula_loss(policy, step).backward();
      its_optimizer.accumulate();
      its_optimizer.step(1e-3, 1.0);
    };
    for (int64_t step = 0; step < 3; ++step) advance(*model, optimizer, step);
    write_safetensors(file, optimizer.state());
    const auto resumed = model->clone();
    resumed->set_requires_grad(true);
    AdamW resumed_optimizer(*resumed, {});
    resumed_optimizer.load_state(file, 3);
    EXPECT_EQ(resumed_optimizer.steps(), 3);
    for (int64_t step = 3; step < 5; ++step) {
      advance(*model, optimizer, step);
      advance(*resumed, resumed_optimizer, step);
    }
    for (size_t i = 0; i < model->parameters().size(); ++i)
      EXPECT_TRUE(at::equal(model->parameters()[i].tensor, resumed->parameters()[i].tensor))
          << dtype_name(dtype) << " " << model->parameters()[i].name;
  }
}

TEST(AdamW, StateOfAnotherModelIsRefused) {
  const TempFolder folder;
  const std::string file = (folder / "optimizer.safetensors").string();
  const auto model = formula_model(at::kFloat);
  auto state = AdamW(*model, {}).state();
  state.back().second = at::zeros({1, 2, 3});
  write_safetensors(file, state);
  AdamW optimizer(*model, {});
  EXPECT_ERROR(CheckpointError, optimizer.load_state(file, 1), "has another shape");
  state.pop_back();
  write_safetensors(file, state);
  EXPECT_ERROR(CheckpointError, optimizer.load_state(file, 1), "exp_avg_sq.");
}

}  // namespace
}  // namespace r1::model
