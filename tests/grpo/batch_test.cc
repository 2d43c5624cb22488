#include "grpo/batch.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/base/expect_error.h"

namespace r1::grpo {
namespace {

TEST(TokenWeights, ByHandForEveryLossType) {
  const std::vector<int64_t> lengths = {2, 6};
  EXPECT_EQ(token_weights("grpo", lengths, 10, 0), (std::vector<double>{1.0 / 4, 1.0 / 12}));
  EXPECT_EQ(token_weights("bnpo", lengths, 10, 0), (std::vector<double>{1.0 / 8, 1.0 / 8}));
  EXPECT_EQ(token_weights("dapo", lengths, 10, 16), (std::vector<double>{1.0 / 16, 1.0 / 16}));
  EXPECT_EQ(token_weights("dapo", lengths, 10, 0), (std::vector<double>{1.0 / 8, 1.0 / 8}));
  EXPECT_EQ(token_weights("dr_grpo", lengths, 10, 0), (std::vector<double>{1.0 / 20, 1.0 / 20}));
}

TEST(TokenWeights, EmptyCompletionWeighsNothingButCounts) {
  EXPECT_EQ(token_weights("grpo", {4, 0}, 10, 0), (std::vector<double>{1.0 / 8, 0}));
  EXPECT_EQ(token_weights("dr_grpo", {4, 0}, 10, 0), (std::vector<double>{1.0 / 20, 0}));
  EXPECT_EQ(token_weights("bnpo", {0, 0}, 10, 0), (std::vector<double>{0, 0}));
  EXPECT_TRUE(token_weights("dapo", {}, 10, 0).empty());
}

TEST(TokenWeights, Errors) {
  EXPECT_ERROR(ConfigError, token_weights("ppo", {1}, 10, 0), "\"ppo\"");
  EXPECT_ERROR(InternalError, token_weights("dr_grpo", {1}, 0, 0), "max_completion_length");
}

rollout::Completion completion_of(std::vector<int64_t> ids, std::vector<float> logp, std::vector<float> sampling_logp) {
  rollout::Completion completion;
  completion.ids = std::move(ids);
  completion.logp = std::move(logp);
  completion.sampling_logp = std::move(sampling_logp);
  return completion;
}

struct TwoGroups {
  TwoGroups() {
    one.prompt_ids = {10, 11};
    one.completions = {completion_of({20, 21, 22}, {-1, -2, -3}, {-0.5, -1, -1.5})};
    two.prompt_ids = {12};
    two.completions = {completion_of({23}, {-4}, {})};
    samples = {{&one, &one.completions[0], 0.5, {-1.5, -2.5, -3.5}}, {&two, &two.completions[0], -2, {-4.5}}};
  }
  std::vector<const Sample*> pointers() const { return {&samples[0], &samples[1]}; }
  rollout::Group one, two;
  std::vector<Sample> samples;
};

at::Tensor ids(std::vector<int64_t> values) { return at::tensor(values, at::kLong); }
at::Tensor reals(std::vector<double> values) { return at::tensor(values, at::kFloat); }

TEST(MicroBatch, LaysSamplesFlat) {
  const TwoGroups groups;
  const MicroBatch batch = make_micro_batch(groups.pointers(), {0.25, 0.75}, at::kCPU);
  // 10 11 20 21 | 12: the last token of a completion predicts nothing.
  EXPECT_TRUE(batch.flat.tokens_T.equal(ids({10, 11, 20, 21, 12})));
  EXPECT_EQ(batch.flat.offsets, (std::vector<int64_t>{0, 4, 5}));
  EXPECT_EQ(batch.flat.first_position, (std::vector<int64_t>{0, 0}));
  EXPECT_TRUE(batch.rows_C.equal(ids({1, 2, 3, 4})));
  EXPECT_TRUE(batch.targets_C.equal(ids({20, 21, 22, 23})));
  EXPECT_EQ(batch.offsets, (std::vector<int64_t>{0, 3, 4}));
  EXPECT_EQ(batch.num_targets(), 4);
  EXPECT_TRUE(batch.old_logp_C.equal(reals({-1, -2, -3, -4})));
  EXPECT_TRUE(batch.sampling_logp_C.equal(reals({-0.5, -1, -1.5, -4})));
  EXPECT_TRUE(batch.ref_logp_C.equal(reals({-1.5, -2.5, -3.5, -4.5})));
  EXPECT_TRUE(batch.advantages_C.equal(reals({0.5, 0.5, 0.5, -2})));
  EXPECT_TRUE(batch.weights_C.equal(reals({0.25, 0.25, 0.25, 0.75})));
  EXPECT_EQ(flat_tokens(groups.samples[0]), 4);
  EXPECT_EQ(flat_tokens(groups.samples[1]), 1);
}

TEST(MicroBatch, DtypeAndAbsentReference) {
  TwoGroups groups;
  for (Sample& sample : groups.samples) sample.ref_logp.clear();
  const MicroBatch batch = make_micro_batch(groups.pointers(), {0.1, 0.1}, at::kCPU, at::kDouble);
  EXPECT_FALSE(batch.ref_logp_C.defined());
  EXPECT_EQ(batch.weights_C[0].item<double>(), 0.1);
  EXPECT_EQ(batch.old_logp_C.scalar_type(), at::kDouble);
}

TEST(MicroBatch, MalformedSamplesAreRefused) {
  const auto refuses = [](auto damage, const std::string& text) {
    TwoGroups groups;
    damage(groups);
    EXPECT_ERROR(InternalError, make_micro_batch(groups.pointers(), {1, 1}, at::kCPU), text);
  };
  refuses([](TwoGroups& g) { g.two.prompt_ids.clear(); }, "without prompt tokens");
  refuses([](TwoGroups& g) { g.two.completions[0].ids.clear(); }, "without completion tokens");
  refuses([](TwoGroups& g) { g.one.completions[0].logp.pop_back(); }, "logp is not one per");
  refuses([](TwoGroups& g) { g.one.completions[0].sampling_logp.pop_back(); }, "sampling_logp");
  refuses([](TwoGroups& g) { g.samples[0].ref_logp.pop_back(); }, "ref_logp is not one per");
  refuses([](TwoGroups& g) { g.samples[1].ref_logp.clear(); }, "only some samples");
  const TwoGroups groups;
  EXPECT_ERROR(InternalError, make_micro_batch(groups.pointers(), {1}, at::kCPU), "one weight");
}

}  // namespace
}  // namespace r1::grpo
