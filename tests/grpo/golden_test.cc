// Losses, KL estimators, advantages and their gradients against values of PyTorch and TRL
// (tools/dump_grpo_goldens.py).
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "grpo/advantage.h"
#include "grpo/batch.h"
#include "grpo/kl.h"
#include "grpo/loss.h"
#include "grpo/loss_metrics.h"

namespace r1::grpo {
namespace {

// Both sides compute in fp64 with values of order 1; only the order of sums differs.
constexpr double kTolerance = 1e-12;

void expect_close(double value, double golden, const std::string& what, double tolerance = kTolerance) {
  EXPECT_NEAR(value, golden, tolerance * std::max(1.0, std::abs(golden))) << what;
}

void expect_close(const at::Tensor& values, const Json& golden, const std::string& what) {
  const auto wanted = golden.get<std::vector<double>>();
  ASSERT_EQ(values.numel(), static_cast<int64_t>(wanted.size())) << what;
  const at::Tensor host = values.detach().contiguous();
  for (size_t i = 0; i < wanted.size(); ++i) {
    expect_close(host.const_data_ptr<double>()[i], wanted[i], what + " [" + std::to_string(i) + "]");
  }
}

const Json& goldens() {
  static const Json json = read_json(R1_TEST_DATA "/grpo/goldens.json");
  return json;
}

at::Tensor vector_of(const Json& json) { return at::tensor(json.get<std::vector<double>>(), at::kDouble); }

struct GoldenBatch {
  std::vector<int64_t> lengths;
  at::Tensor logp, ref_logp, entropy;
  LossInputs inputs;
};

GoldenBatch batch_of(const Json& loss_case) {
  const Json& json = goldens().at("batches").at(loss_case.at("batch").get<size_t>());
  GoldenBatch batch;
  batch.lengths = json.at("lengths").get<std::vector<int64_t>>();
  batch.logp = vector_of(json.at("logp")).requires_grad_();
  batch.ref_logp = vector_of(json.at("ref_logp"));
  batch.entropy = vector_of(json.at("entropy"));
  batch.inputs = {batch.logp, vector_of(json.at("old_logp")), at::Tensor(), {0}};
  std::vector<double> advantages;
  for (size_t s = 0; s < batch.lengths.size(); ++s) {
    batch.inputs.offsets.push_back(batch.inputs.offsets.back() + batch.lengths[s]);
    advantages.insert(advantages.end(), static_cast<size_t>(batch.lengths[s]), json.at("advantages").at(s).get<double>());
  }
  batch.inputs.advantages_T = at::tensor(advantages, at::kDouble);
  return batch;
}

at::Tensor weights_of(const GoldenBatch& batch, const std::string& loss_type) {
  const std::vector<double> per_completion =
      token_weights(loss_type, batch.lengths, goldens().at("max_completion_length").get<int64_t>(),
                    goldens().at("dapo_tokens_per_step").get<double>());
  std::vector<double> weights;
  for (size_t s = 0; s < batch.lengths.size(); ++s)
    weights.insert(weights.end(), static_cast<size_t>(batch.lengths[s]), per_completion[s]);
  return at::tensor(weights, at::kDouble);
}

LossConfig config_of(const Json& loss_case) {
  LossConfig config;
  config.policy_loss = loss_case.at("policy_loss");
  config.importance_sampling_level = loss_case.at("importance_sampling_level");
  config.epsilon = loss_case.at("epsilon");
  if (!loss_case.at("epsilon_high").is_null()) config.epsilon_high = loss_case.at("epsilon_high");
  if (!loss_case.at("delta").is_null()) config.delta = loss_case.at("delta");
  return config;
}

void expect_trl_metrics(const Json& golden, const GoldenBatch& batch, const LossOutputs& out, const at::Tensor& kl_T,
                        const std::string& what) {
  MicroBatch micro;
  micro.offsets = batch.inputs.offsets;
  LossMetrics accumulated;
  accumulated.add(micro, out, batch.logp, batch.entropy, kl_T, false);
  Metrics metrics;
  accumulated.write(metrics);
  for (const auto& [name, value] : golden.items()) {
    // TRL has its own name for the share of capped weights.
    const std::string ours = name == "cispo_clip_ratio" ? "clip_ratio/high_mean" : name;
    expect_close(metrics.get(ours), value.get<double>(), what + " " + name);
  }
}

TEST(Goldens, LossGradientAndMetricsAreThoseOfTrlAndTheFormulas) {
  ASSERT_EQ(goldens().at("losses").size(), 168u);
  for (const Json& loss_case : goldens().at("losses")) {
    std::string what;
    for (const char* key : {"policy_loss", "loss_type", "importance_sampling_level", "kl_estimator", "delta"})
      what += loss_case.at(key).dump() + " ";
    const GoldenBatch batch = batch_of(loss_case);
    const LossOutputs out = make_loss(config_of(loss_case), "test")->compute(batch.inputs);
    at::Tensor loss_T = out.loss_T, kl_T;
    if (!loss_case.at("kl_estimator").is_null()) {
      kl_T = kl_estimate(batch.logp, batch.ref_logp, loss_case.at("kl_estimator"));
      loss_T = loss_T + loss_case.at("beta").get<double>() * kl_T;
    }
    const at::Tensor loss = (weights_of(batch, loss_case.at("loss_type")) * loss_T).sum();
    loss.backward();
    expect_close(loss.item<double>(), loss_case.at("loss").get<double>(), what + "loss");
    expect_close(batch.logp.grad(), loss_case.at("grad"), what + "gradient");
    if (loss_case.contains("metrics")) expect_trl_metrics(loss_case.at("metrics"), batch, out, kl_T, what);
  }
}

TEST(Goldens, KlEstimatorsAndTheirGradients) {
  for (const Json& kl_case : goldens().at("kl")) {
    const GoldenBatch batch = batch_of(kl_case);
    const std::string estimator = kl_case.at("kl_estimator");
    const at::Tensor kl_T = kl_estimate(batch.logp, batch.ref_logp, estimator);
    kl_T.sum().backward();
    expect_close(kl_T, kl_case.at("value"), estimator);
    expect_close(batch.logp.grad(), kl_case.at("grad"), estimator + " gradient");
  }
}

TEST(Goldens, AdvantagesAreThoseOfTrl) {
  for (const Json& row : goldens().at("advantages")) {
    AdvantageConfig config;
    config.scale_rewards = row.at("scale_rewards");
    config.std_ddof = row.at("std_ddof");
    config.epsilon = row.at("epsilon");
    std::vector<std::vector<double>> rewards_PG;
    std::vector<std::vector<bool>> usable_PG;
    for (const Json& group : row.at("rewards")) {
      rewards_PG.emplace_back();
      usable_PG.emplace_back();
      for (const Json& reward : group) {
        rewards_PG.back().push_back(reward.is_null() ? std::nan("") : reward.get<double>());
        usable_PG.back().push_back(!reward.is_null());
      }
    }
    const Advantages advantages = group_advantages(rewards_PG, usable_PG, config);
    // In a group of equal rewards TRL divides the rounding of their mean, 1e-16, by epsilon.
    const double tolerance = 4e-16 / config.epsilon;
    for (size_t p = 0; p < rewards_PG.size(); ++p) {
      for (size_t i = 0; i < rewards_PG[p].size(); ++i)
        expect_close(advantages.values_PG[p][i], row.at("advantages")[p][i].get<double>(),
                     config.scale_rewards + " " + std::to_string(config.std_ddof), tolerance);
    }
  }
}

}  // namespace
}  // namespace r1::grpo
