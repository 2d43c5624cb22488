#include "model/trainer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "base/philox.h"
#include "model/checkpoint.h"
#include "model/token_logprobs.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"
#include "tests/model/formula_model.h"

namespace r1::model {
namespace {

std::vector<at::Tensor> weights_of(const CausalLM& model) {
  std::vector<at::Tensor> weights;
  for (const NamedParameter& p : model.parameters()) weights.push_back(p.tensor.detach().clone());
  return weights;
}

testing::AssertionResult same_bits(const std::vector<at::Tensor>& a,
                                   const std::vector<at::Tensor>& b) {
  for (size_t i = 0; i < a.size(); ++i)
    if (!at::equal(a[i], b[i])) return testing::AssertionFailure() << "parameter " << i;
  return testing::AssertionSuccess();
}

OptimizerConfig quick_config() {
  OptimizerConfig config;
  config.learning_rate = 1e-2;
  config.weight_decay = 0.1;
  return config;
}

TEST(Trainer, AddsUpMicroBatchesAndReportsTheStep) {
  const auto model = formula_model(at::kDouble);
  OptimizerConfig config = quick_config();
  config.lr_scheduler_type = "linear";
  config.max_grad_norm = 0;
  Trainer trainer(*model, config, 10);
  std::vector<int64_t> asked;
  const StepResult result = trainer.step(3, [&](int64_t i) {
    asked.push_back(i);
    return formula_loss(*model, i);
  });
  EXPECT_EQ(asked, (std::vector<int64_t>{0, 1, 2}));
  double loss = 0, squares = 0;
  const auto fresh = formula_model(at::kDouble);
  for (const NamedParameter& p : fresh->parameters()) {
    at::Tensor gradient = at::zeros(p.tensor.sizes(), at::kDouble);
    for (int64_t i = 0; i < 3; ++i) gradient += formula_gradient(p.tensor.sizes(), i);
    loss += (p.tensor.detach() * gradient).sum().item<double>();
    squares += gradient.square().sum().item<double>();
  }
  EXPECT_NEAR(result.loss, loss, 1e-12);
  EXPECT_NEAR(result.grad_norm, std::sqrt(squares), 1e-12);
  EXPECT_DOUBLE_EQ(result.learning_rate, 1e-2);
  EXPECT_FALSE(result.skipped);
  EXPECT_DOUBLE_EQ(trainer.step(1, [&](int64_t) { return formula_loss(*model, 0); }).learning_rate,
                   0.9e-2);
  EXPECT_EQ(trainer.steps(), 2);
}

// As torch.nn.utils.clip_grad_norm_: all gradients times max_norm / (norm + 1e-6) when above it.
TEST(Trainer, ClipsToTheGlobalNorm) {
  const auto clipped = formula_model(at::kDouble), scaled = formula_model(at::kDouble);
  OptimizerConfig config = quick_config();
  config.adam_epsilon = 0.1;  // AdamW alone would not notice the size of a gradient
  config.max_grad_norm = 0.25;
  Trainer trainer(*clipped, config, 10);
  const double norm = trainer.step(1, [&](int64_t) { return formula_loss(*clipped, 0); }).grad_norm;
  EXPECT_GT(norm, 0.25);
  config.max_grad_norm = 0;
  Trainer plain(*scaled, config, 10);
  plain.step(1, [&](int64_t) { return formula_loss(*scaled, 0) * (0.25 / (norm + 1e-6)); });
  for (size_t i = 0; i < clipped->parameters().size(); ++i) {
    const at::Tensor difference =
        clipped->parameters()[i].tensor.detach() - scaled->parameters()[i].tensor.detach();
    EXPECT_LT(difference.abs().max().item<double>(), 1e-15);
  }
}

TEST(Trainer, LeavesSmallGradientsAlone) {
  const auto a = formula_model(at::kFloat), b = formula_model(at::kFloat);
  OptimizerConfig config = quick_config();
  config.max_grad_norm = 1e6;
  Trainer(*a, config, 10).step(1, [&](int64_t) { return formula_loss(*a, 0); });
  config.max_grad_norm = 0;
  Trainer(*b, config, 10).step(1, [&](int64_t) { return formula_loss(*b, 0); });
  EXPECT_TRUE(same_bits(weights_of(*a), weights_of(*b)));
}

// ---- losses and gradients that are not finite --------------------------------------------------

TEST(Trainer, SkipsALossThatIsNotFinite) {
  const auto model = formula_model(at::kFloat);
  Trainer trainer(*model, quick_config(), 10);
  const auto before = weights_of(*model);
  const StepResult bad =
      trainer.step(2, [&](int64_t i) { return formula_loss(*model, 0) * (i == 1 ? NAN : 1.0); });
  EXPECT_TRUE(bad.skipped);
  EXPECT_TRUE(same_bits(weights_of(*model), before));
  EXPECT_EQ(trainer.steps(), 1);
  // Nothing of it is left: the next step is the first one of an untouched model.
  const auto fresh = formula_model(at::kFloat);
  Trainer fresh_trainer(*fresh, quick_config(), 10);
  trainer.step(1, [&](int64_t) { return formula_loss(*model, 1); });
  fresh_trainer.step(1, [&](int64_t) { return formula_loss(*fresh, 1); });
  EXPECT_TRUE(same_bits(weights_of(*model), weights_of(*fresh)));
}

TEST(Trainer, SkipsAGradientThatIsNotFinite) {
  const auto model = formula_model(at::kFloat);
  Trainer trainer(*model, quick_config(), 10);
  const auto before = weights_of(*model);
  const StepResult bad = trainer.step(1, [&](int64_t) {  // the root of 0 has no slope
    return (model->parameters()[0].tensor * 0).sqrt().sum() + formula_loss(*model, 0);
  });
  EXPECT_TRUE(std::isfinite(bad.loss));
  EXPECT_FALSE(std::isfinite(bad.grad_norm));
  EXPECT_TRUE(bad.skipped);
  EXPECT_TRUE(same_bits(weights_of(*model), before));
}

TEST(Trainer, StopsAfterTooManySkippedStepsInARow) {
  const auto model = formula_model(at::kFloat);
  OptimizerConfig config = quick_config();
  config.max_skipped_steps = 2;
  Trainer trainer(*model, config, 10);
  const auto good = [&](int64_t) { return formula_loss(*model, 0); };
  const auto bad = [&](int64_t) { return formula_loss(*model, 0) * NAN; };
  EXPECT_TRUE(trainer.step(1, bad).skipped);
  EXPECT_FALSE(trainer.step(1, good).skipped);  // counts from the start again
  EXPECT_TRUE(trainer.step(1, bad).skipped);
  EXPECT_ERROR(Error, trainer.step(1, bad), "2 optimizer steps in a row");
}

// ---- the micro-batch split ---------------------------------------------------------------------

TEST(Trainer, TheMicroBatchSplitChangesGradientsByRoundingOnly) {
  const RandomStream draws(1, "sequences", Purpose::kData);
  std::vector<std::vector<int64_t>> sequences;
  for (uint32_t s = 0; s < 6; ++s) {
    sequences.emplace_back();
    for (uint32_t t = 0; t < 3 + 2 * s; ++t) sequences.back().push_back(draws.below(5, s, t));
  }
  const auto gradients_of = [&](const std::vector<size_t>& borders) {
    const auto model = formula_model(at::kDouble);
    Trainer trainer(*model, quick_config(), 10);
    trainer.step(static_cast<int64_t>(borders.size()) - 1, [&](int64_t i) {
      const FlatBatch batch =
          make_flat_batch({sequences.begin() + static_cast<std::ptrdiff_t>(borders[i]),
                           sequences.begin() + static_cast<std::ptrdiff_t>(borders[i + 1])},
                          at::kCPU);
      const at::Tensor hidden = model->forward(batch).hidden_TD;
      return -token_logprobs(hidden, model->lm_head_weight(), batch.tokens_T).logp_T.sum() / 48;
    });
    std::vector<at::Tensor> gradients;
    for (const NamedParameter& p : model->parameters()) gradients.push_back(p.tensor.grad());
    return gradients;
  };
  const auto whole = gradients_of({0, 6});
  for (const auto& borders : std::vector<std::vector<size_t>>{{0, 3, 6}, {0, 1, 2, 3, 4, 5, 6}}) {
    const auto split = gradients_of(borders);
    for (size_t i = 0; i < whole.size(); ++i) {
      const double size = whole[i].abs().max().item<double>();
      EXPECT_GT(size, 0);
      EXPECT_LT((split[i] - whole[i]).abs().max().item<double>(), 1e-6 * size) << i;
    }
  }
}

// ---- saving ------------------------------------------------------------------------------------

TEST(Trainer, AResumedTrainerTakesTheSameStep) {
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    const TempFolder folder;
    const auto model = formula_model(dtype);
    OptimizerConfig config = quick_config();
    config.lr_scheduler_type = "cosine";
    Trainer trainer(*model, config, 10);
    for (int64_t step = 0; step < 3; ++step)
      trainer.step(2, [&](int64_t i) { return formula_loss(*model, step + i); });
    trainer.step(1, [&](int64_t) { return formula_loss(*model, 0) * NAN; });  // tried, not made
    save_pretrained(*model, nullptr, folder.path());
    trainer.save(folder.path());

    const auto resumed = load_pretrained(folder.path(), dtype, at::kCPU);
    Trainer resumed_trainer(*resumed, config, 10);
    resumed_trainer.load(folder.path());
    EXPECT_EQ(resumed_trainer.steps(), 4);
    for (int64_t step = 4; step < 6; ++step) {
      const StepResult a = trainer.step(1, [&](int64_t) { return formula_loss(*model, step); });
      const StepResult b =
          resumed_trainer.step(1, [&](int64_t) { return formula_loss(*resumed, step); });
      EXPECT_EQ(a.loss, b.loss);
      EXPECT_EQ(a.grad_norm, b.grad_norm);
      EXPECT_EQ(a.learning_rate, b.learning_rate);
      EXPECT_TRUE(same_bits(weights_of(*model), weights_of(*resumed))) << dtype_name(dtype);
    }
  }
}

TEST(Trainer, RemembersSkippedStepsAcrossARestart) {
  const TempFolder folder;
  const auto model = formula_model(at::kFloat);
  OptimizerConfig config = quick_config();
  config.max_skipped_steps = 2;
  const auto bad = [&](int64_t) { return formula_loss(*model, 0) * NAN; };
  Trainer trainer(*model, config, 10);
  trainer.step(1, bad);
  trainer.save(folder.path());
  Trainer resumed(*model, config, 10);
  resumed.load(folder.path());
  EXPECT_ERROR(Error, resumed.step(1, bad), "2 optimizer steps in a row");
}

TEST(Trainer, AFolderWithoutStateIsAnError) {
  const TempFolder folder;
  const auto model = formula_model(at::kFloat);
  Trainer trainer(*model, quick_config(), 10);
  EXPECT_ANY_THROW(trainer.load(folder.path()));
}

}  // namespace
}  // namespace r1::model
