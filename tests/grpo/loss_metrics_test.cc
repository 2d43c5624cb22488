#include "grpo/loss_metrics.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace r1::grpo {
namespace {

at::Tensor reals(std::vector<double> values) { return at::tensor(values, at::kDouble); }
at::Tensor mask(std::vector<double> values) { return reals(std::move(values)).gt(0); }

MicroBatch batch_of(std::vector<int64_t> offsets, std::vector<double> old_logp, std::vector<double> sampling_logp) {
  MicroBatch batch;
  batch.offsets = std::move(offsets);
  batch.old_logp_C = reals(std::move(old_logp));
  batch.sampling_logp_C = reals(std::move(sampling_logp));
  return batch;
}

Metrics written(const LossMetrics& accumulated) {
  Metrics metrics;
  accumulated.write(metrics);
  return metrics;
}

TEST(LossMetrics, AccumulatesOverMicroBatchesByHand) {
  LossMetrics accumulated;
  const MicroBatch one = batch_of({0, 2, 3}, {-1, -1, -1}, {-0.5, -1, -2});
  accumulated.add(one, {{}, {}, mask({1, 0, 0}), mask({0, 0, 1})}, reals({-1, -0.75, -1}), reals({1, 2, 3}),
                  reals({0.1, 0.2, 0.3}), true);
  const MicroBatch two = batch_of({0, 1}, {-2}, {-2});
  accumulated.add(two, {{}, {}, mask({1}), mask({0})}, reals({-2.5}), reals({6}), reals({1.4}), true);
  accumulated.add_step(0.5);
  accumulated.add_step(1.5);
  const Metrics metrics = written(accumulated);
  EXPECT_DOUBLE_EQ(metrics.get("policy_loss"), 1);
  EXPECT_DOUBLE_EQ(metrics.get("entropy"), 3);
  EXPECT_DOUBLE_EQ(metrics.get("kl"), 0.5);
  EXPECT_DOUBLE_EQ(metrics.get("clip_ratio/low_mean"), 0.5);
  EXPECT_DOUBLE_EQ(metrics.get("clip_ratio/high_mean"), 0.25);
  EXPECT_DOUBLE_EQ(metrics.get("clip_ratio/region_mean"), 0.75);
  EXPECT_DOUBLE_EQ(metrics.get("clip_ratio/low_min"), 0);   // completions have 1/2, 0, 1
  EXPECT_DOUBLE_EQ(metrics.get("clip_ratio/high_max"), 1);  // completions have 0, 1, 0
  EXPECT_DOUBLE_EQ(metrics.get("sampling/sampling_logp_difference/max"), 0.5);
  EXPECT_DOUBLE_EQ(metrics.get("sampling/sampling_logp_difference/mean"), 0.1875);
  EXPECT_DOUBLE_EQ(metrics.get("sampling/importance_sampling_ratio/min"), std::exp(-0.5));
  EXPECT_DOUBLE_EQ(metrics.get("sampling/importance_sampling_ratio/max"), std::exp(1.0));
  EXPECT_DOUBLE_EQ(metrics.get("sampling/importance_sampling_ratio/mean"),
                   (std::exp(-0.5) + std::exp(0.25) + std::exp(1.0) + std::exp(-0.5)) / 4);
}

TEST(LossMetrics, OneRatioPerCompletionCountsCompletions) {
  LossMetrics accumulated;
  const MicroBatch batch = batch_of({0, 3, 4}, {0, 0, 0, 0}, {0, 0, 0, 0});
  accumulated.add(batch, {{}, {}, mask({1, 1, 1, 0}), mask({0, 0, 0, 0}), true}, reals({0, 0, 0, 0}), reals({0, 0, 0, 0}), {},
                  false);
  EXPECT_DOUBLE_EQ(written(accumulated).get("clip_ratio/low_mean"), 0.5);
}

TEST(LossMetrics, OffPolicyStepsDoNotTouchTheSamplingDifference) {
  LossMetrics accumulated;
  const MicroBatch batch = batch_of({0, 1}, {-1}, {-1});
  const LossOutputs loss = {{}, {}, mask({0}), mask({0})};
  accumulated.add(batch, loss, reals({-3}), reals({1}), {}, false);
  EXPECT_FALSE(written(accumulated).has("sampling/sampling_logp_difference/max"));
  EXPECT_FALSE(written(accumulated).has("kl"));
  accumulated.add(batch, loss, reals({-1}), reals({1}), {}, true);
  EXPECT_EQ(written(accumulated).get("sampling/sampling_logp_difference/max"), 0);
  EXPECT_EQ(written(accumulated).get("sampling/importance_sampling_ratio/min"), 1);
}

TEST(LossMetrics, NanIsNotLost) {
  LossMetrics accumulated;
  const MicroBatch batch = batch_of({0, 2}, {-1, -1}, {-1, -1});
  accumulated.add(batch, {{}, {}, mask({0, 0}), mask({0, 0})}, reals({std::nan(""), -1}), reals({1, 1}), {}, true);
  EXPECT_TRUE(std::isnan(written(accumulated).get("sampling/sampling_logp_difference/max")));
}

TEST(LossMetrics, NothingAddedGivesZeros) {
  const Metrics metrics = written(LossMetrics());
  EXPECT_EQ(metrics.get("entropy"), 0);
  EXPECT_EQ(metrics.get("clip_ratio/region_mean"), 0);
}

}  // namespace
}  // namespace r1::grpo
