#include "grpo/update.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "base/error.h"
#include "base/json.h"
#include "tests/base/expect_error.h"

namespace r1::grpo {
namespace {

constexpr int64_t kVocab = 23;

std::unique_ptr<model::CausalLM> small_model(at::ScalarType dtype, uint64_t seed = 1) {
  model::ModelConfig config;
  config.vocab_size = kVocab;
  config.hidden_size = 16;
  config.intermediate_size = 24;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 4;
  config.num_key_value_heads = 2;
  config.head_dim = 4;
  config.max_position_embeddings = 64;
  config.initializer_range = 0.4;  // far from uniform distributions
  auto model = model::make_model(config, dtype, at::kCPU);
  model::init_weights(*model, seed);
  return model;
}

// Two groups of three completions; log-probs are those of `policy`, so the first step is on-policy.
class Rollout {
 public:
  explicit Rollout(const model::CausalLM& policy, double temperature = 1.0) {
    const RandomStream draws(7, "test", Purpose::kData);
    uint64_t draw = 0;
    const auto token = [&] { return static_cast<int64_t>(draws.below(kVocab, draw++)); };
    for (int64_t g = 0; g < 2; ++g) {
      for (int64_t i = 0; i < 4 + g; ++i) groups_[g].prompt_ids.push_back(token());
      groups_[g].completions.resize(3);
      for (int64_t c = 0; c < 3; ++c) {
        auto& completion = groups_[g].completions[static_cast<size_t>(c)];
        for (int64_t i = 0; i < 2 + 3 * c + g; ++i) completion.ids.push_back(token());
        completion.logp.assign(completion.ids.size(), 0);
        samples.push_back({&groups_[g], &completion, advantages_[3 * g + c], {}});
      }
    }
    reference_logprobs(policy, samples, temperature, 64);
    for (Sample& sample : samples) {
      const_cast<rollout::Completion*>(sample.completion)->logp = sample.ref_logp;
      sample.ref_logp.clear();
    }
  }
  std::vector<const Sample*> pointers() const {
    std::vector<const Sample*> all;
    for (const Sample& sample : samples) all.push_back(&sample);
    return all;
  }
  // Samples whose old log-probs are off by up to 0.6, so that ratios leave the clip range.
  void shift_old_logp() {
    double shift = -0.6;
    for (const Sample& sample : samples) {
      for (float& logp : const_cast<rollout::Completion*>(sample.completion)->logp) {
        logp += static_cast<float>(shift);
        shift = shift > 0.5 ? -0.6 : shift + 0.17;
      }
    }
  }
  std::vector<Sample> samples;

 private:
  rollout::Group groups_[2];
  double advantages_[6] = {1.1, -0.3, 0, -1.2, 0.4, 0.8};
};

// AdamW whose step is lr g / (|g| + 1), so that a gradient can be read off the weights.
model::OptimizerConfig readable_steps(double learning_rate) {
  model::OptimizerConfig config;
  config.learning_rate = learning_rate;
  config.adam_beta1 = 0;
  config.adam_beta2 = 0;
  config.adam_epsilon = 1;
  config.max_grad_norm = 0;
  return config;
}

struct Step {
  model::StepResult result;
  at::Tensor gradient;  // of all parameters, flat
  Metrics metrics;
};

at::Tensor flat_weights(const model::CausalLM& model) {
  std::vector<at::Tensor> flat;
  for (const auto& parameter : model.parameters()) flat.push_back(parameter.tensor.detach().flatten());
  return at::cat(flat).clone();
}

Step step_of(const model::CausalLM& start, const std::vector<const Sample*>& samples, const UpdateConfig& config,
             const UpdateScope& scope = {}, const LossConfig& loss = {}) {
  const auto policy = start.clone();
  model::Trainer trainer(*policy, readable_steps(1.0), 1);
  const at::Tensor before = flat_weights(*policy);
  Step step;
  LossMetrics accumulated;
  step.result = update(*policy, trainer, *make_loss(loss, "test"), samples, config, scope, accumulated);
  const at::Tensor moved = before - flat_weights(*policy);
  step.gradient = moved / (1 - moved.abs());
  accumulated.write(step.metrics);
  return step;
}

double relative_difference(const at::Tensor& a, const at::Tensor& b) { return ((a - b).norm() / b.norm()).item<double>(); }

TEST(Update, FirstInnerStepIsExactlyOnPolicy) {
  const auto policy = small_model(at::kFloat);
  const auto reference = policy->clone();
  for (double temperature : {1.0, 0.7}) {
    Rollout rollout(*policy, temperature);
    reference_logprobs(*reference, rollout.samples, temperature, 11);
    UpdateConfig config;
    config.beta = 0.04;
    config.micro_batch_tokens = 25;  // other batches than those of the log-probs: same bits
    UpdateScope scope;
    scope.temperature = temperature;
    scope.on_policy = true;
    const Metrics metrics = step_of(*policy, rollout.pointers(), config, scope).metrics;
    EXPECT_EQ(metrics.get("sampling/sampling_logp_difference/max"), 0);
    EXPECT_EQ(metrics.get("sampling/importance_sampling_ratio/min"), 1);
    EXPECT_EQ(metrics.get("sampling/importance_sampling_ratio/max"), 1);
    EXPECT_EQ(metrics.get("kl"), 0);
    EXPECT_EQ(metrics.get("clip_ratio/region_mean"), 0);
    EXPECT_GT(metrics.get("entropy"), 0.5);
  }
}

TEST(Update, LossOfTheFirstStepIsTheWeightedAdvantage) {
  const auto policy = small_model(at::kDouble);
  const Rollout rollout(*policy);
  UpdateConfig config;
  UpdateScope scope;
  scope.max_completion_length = 20;
  // Lengths 2 5 8 3 6 9; advantages 1.1 -0.3 0 -1.2 0.4 0.8. Old log-probs are fp32: ratios are 1
  // within 1e-6.
  const double token_sum = 2 * 1.1 - 5 * 0.3 - 3 * 1.2 + 6 * 0.4 + 9 * 0.8;
  const std::vector<std::pair<std::string, double>> cases = {
      {"grpo", 0.8 / 6}, {"bnpo", token_sum / 33}, {"dapo", token_sum / 33}, {"dr_grpo", token_sum / 120}};
  for (const auto& [loss_type, objective] : cases) {
    config.loss_type = loss_type;
    const Step step = step_of(*policy, rollout.pointers(), config, scope);
    EXPECT_NEAR(step.result.loss, -objective, 1e-5) << loss_type;
    EXPECT_NEAR(step.metrics.get("policy_loss"), -objective, 1e-5) << loss_type;
  }
  scope.dapo_tokens_per_step = 330;
  config.loss_type = "dapo";
  EXPECT_NEAR(step_of(*policy, rollout.pointers(), config, scope).result.loss, -token_sum / 330, 1e-6);
}

TEST(Update, MicroBatchSplitDoesNotChangeTheGradient) {
  const auto policy = small_model(at::kDouble);
  const auto reference = small_model(at::kDouble, 2);
  Rollout rollout(*policy);
  rollout.shift_old_logp();
  reference_logprobs(*reference, rollout.samples, 1.0, 64);
  UpdateConfig config;
  config.beta = 0.1;
  config.entropy_coef = 0.05;
  UpdateScope scope;
  scope.max_completion_length = 20;
  for (const char* level : {"token", "sequence", "sequence_product"}) {
    LossConfig loss;
    loss.importance_sampling_level = level;
    for (const char* loss_type : {"grpo", "bnpo", "dapo", "dr_grpo"}) {
      config.loss_type = loss_type;
      config.micro_batch_tokens = 1 << 20;
      const Step whole = step_of(*policy, rollout.pointers(), config, scope, loss);
      EXPECT_GT(whole.result.grad_norm, 1e-3);
      for (int64_t tokens : {1, 20, 31}) {
        config.micro_batch_tokens = tokens;
        const Step split = step_of(*policy, rollout.pointers(), config, scope, loss);
        // fp64 sums in another order; the requirement is 1e-6.
        EXPECT_LT(relative_difference(split.gradient, whole.gradient), 1e-11) << level << " " << loss_type << " " << tokens;
        EXPECT_NEAR(split.result.loss, whole.result.loss, 1e-12);
        for (const auto& [name, value] : whole.metrics.items()) EXPECT_NEAR(split.metrics.get(name), value, 1e-12) << name;
      }
    }
  }
}

TEST(Update, GradientEqualsFiniteDifferencesOfTheLoss) {
  const auto policy = small_model(at::kDouble);
  const auto reference = small_model(at::kDouble, 2);
  Rollout rollout(*policy);
  rollout.shift_old_logp();
  reference_logprobs(*reference, rollout.samples, 0.8, 64);
  UpdateConfig config;
  config.beta = 0.1;
  config.entropy_coef = 0.05;
  UpdateScope scope;
  scope.temperature = 0.8;
  const Step step = step_of(*policy, rollout.pointers(), config, scope);
  const auto loss_at = [&](size_t parameter, int64_t index, double change) {
    const auto moved = policy->clone();
    moved->set_requires_grad(false);
    moved->parameters()[parameter].tensor.flatten()[index] += change;
    model::Trainer trainer(*moved, readable_steps(0.0), 1);
    LossMetrics metrics;
    return update(*moved, trainer, *make_loss({}, "test"), rollout.pointers(), config, scope, metrics).loss;
  };
  int64_t offset = 0;
  for (size_t p = 0; p < policy->parameters().size(); ++p) {
    const int64_t count = policy->parameters()[p].tensor.numel();
    const int64_t index = (7 * static_cast<int64_t>(p) + 3) % count;
    const double h = 1e-6;
    const double slope = (loss_at(p, index, h) - loss_at(p, index, -h)) / (2 * h);
    // Rounding of the loss over h: 1e-16 / 1e-6, times a few.
    EXPECT_NEAR(step.gradient[offset + index].item<double>(), slope, 2e-8) << policy->parameters()[p].name;
    offset += count;
  }
}

TEST(Update, SkippedZeroAdvantagesLeaveTheGradientAsItIs) {
  const auto policy = small_model(at::kDouble);
  Rollout rollout(*policy);
  UpdateConfig config;
  const Step all = step_of(*policy, rollout.pointers(), config);
  config.skip_zero_advantages = true;
  const Step some = step_of(*policy, rollout.pointers(), config);
  EXPECT_LT(relative_difference(some.gradient, all.gradient), 1e-12);
  for (Sample& sample : rollout.samples) sample.advantage = 0;
  const Step none = step_of(*policy, rollout.pointers(), config);
  EXPECT_EQ(none.result.grad_norm, 0);
  EXPECT_FALSE(none.result.skipped);
}

TEST(Update, ZeroAdvantagesStayWhereKlOrEntropyActsOnThem) {
  const auto policy = small_model(at::kDouble);
  Rollout rollout(*policy);
  for (Sample& sample : rollout.samples) sample.advantage = 0;
  UpdateConfig config;
  config.skip_zero_advantages = true;
  config.entropy_coef = 0.1;
  EXPECT_GT(step_of(*policy, rollout.pointers(), config).result.grad_norm, 1e-4);
}

TEST(Update, RaisesWhatWasGoodAndLowersWhatWasBad) {
  const auto policy = small_model(at::kFloat);
  Rollout rollout(*policy);
  model::OptimizerConfig optimizer;
  optimizer.learning_rate = 3e-3;
  model::Trainer trainer(*policy, optimizer, 10);
  const auto loss = make_loss({}, "test");
  for (int64_t i = 0; i < 10; ++i) {
    LossMetrics metrics;
    update(*policy, trainer, *loss, rollout.pointers(), {}, {}, metrics);
  }
  EXPECT_EQ(trainer.steps(), 10);
  reference_logprobs(*policy, rollout.samples, 1.0, 64);
  double objective = 0;
  for (const Sample& sample : rollout.samples) {
    for (size_t t = 0; t < sample.ref_logp.size(); ++t)
      objective += sample.advantage * (sample.ref_logp[t] - sample.completion->logp[t]);
  }
  EXPECT_GT(objective, 0.5);
}

TEST(Update, WithoutSamplesNothingIsDone) {
  const auto policy = small_model(at::kFloat);
  const at::Tensor before = flat_weights(*policy);
  model::Trainer trainer(*policy, readable_steps(1.0), 1);
  LossMetrics metrics;
  const auto result = update(*policy, trainer, *make_loss({}, "t"), {}, {}, {}, metrics);
  EXPECT_TRUE(result.skipped);
  EXPECT_EQ(trainer.steps(), 0);
  EXPECT_TRUE(before.equal(flat_weights(*policy)));
}

TEST(Update, EmptyCompletionCountsInTheNormaliserOnly) {
  const auto policy = small_model(at::kDouble);
  const Rollout rollout(*policy);
  const rollout::Completion empty;
  const Sample nothing = {rollout.samples[0].group, &empty, 5.0, {}};
  std::vector<const Sample*> samples = rollout.pointers();
  samples.insert(samples.begin() + 1, &nothing);
  UpdateConfig config;
  config.loss_type = "grpo";
  EXPECT_NEAR(step_of(*policy, samples, config).result.loss, -0.8 / 7, 1e-5);
}

TEST(Update, BetaNeedsReferenceLogprobs) {
  const auto policy = small_model(at::kFloat);
  const Rollout rollout(*policy);
  UpdateConfig config;
  config.beta = 0.1;
  EXPECT_ERROR(InternalError, step_of(*policy, rollout.pointers(), config), "beta without reference");
}

TEST(UpdateConfig, ReadsStrictly) {
  UpdateConfig config;
  read_config(parse_json(R"({"loss_type": "grpo", "beta": 0.001})", "t"), "t", config);
  EXPECT_EQ(config.loss_type, "grpo");
  EXPECT_EQ(config.kl_estimator, "k3");
  EXPECT_ERROR(ConfigError, read_config(parse_json(R"({"micro_batch_tokens": 0})", "t"), "t", config), "micro_batch_tokens");
}

}  // namespace
}  // namespace r1::grpo
