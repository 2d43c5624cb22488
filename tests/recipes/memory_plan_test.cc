#include "recipes/memory_plan.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "model/causal_lm.h"
#include "tests/base/expect_error.h"

namespace r1::recipes {
namespace {

// 1272 parameters: 80 of the embedding, tied; per layer two norms of 8, q and o of 64, k and v of
// 32, three of 128; a norm of 8.
model::ModelConfig tiny() {
  model::ModelConfig config;
  config.vocab_size = 10;
  config.hidden_size = 8;
  config.intermediate_size = 16;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 2;
  config.num_key_value_heads = 1;
  config.head_dim = 4;
  config.max_position_embeddings = 64;
  config.tie_word_embeddings = true;
  return config;
}

TEST(MemoryPlan, WeightsAndOptimizerByHand) {
  const MemoryPlan plan = plan_memory(tiny(), at::kFloat, {});
  EXPECT_EQ(plan.weights, 1272 * 4);
  EXPECT_EQ(plan.optimizer, 1272 * 3 * 4);  // gradient and two moments; the weights are the model's
  EXPECT_EQ(plan.reference, 0);
  EXPECT_EQ(plan.cache, 0);
  // bf16: weight; gradient; and in fp32 weight, gradient and two moments.
  const MemoryPlan narrow = plan_memory(tiny(), at::kBFloat16, {});
  EXPECT_EQ(narrow.weights, 1272 * 2);
  EXPECT_EQ(narrow.optimizer, 1272 * (2 + 4 * 4));
}

TEST(MemoryPlan, AReferenceIsAnotherSetOfWeights) {
  TrainingMemory memory;
  memory.reference = true;
  EXPECT_EQ(plan_memory(tiny(), at::kFloat, memory).reference, 1272 * 4);
}

TEST(MemoryPlan, CacheIsThatOfTheModel) {
  TrainingMemory memory;
  memory.slots = 3;
  memory.completion_tokens = 20;  // two pages, and one that the prompt shares
  const auto model = model::make_model(tiny(), at::kFloat, at::kCPU);
  EXPECT_EQ(plan_memory(tiny(), at::kFloat, memory).cache, 3 * 3 * model->cache_bytes_per_page());
  // A page: 16 tokens, keys and values, 2 layers, 4 numbers of 4 bytes.
  EXPECT_EQ(model->cache_bytes_per_page(), 16 * 2 * 2 * 4 * 4);
}

TEST(MemoryPlan, ActivationsGrowWithTheMicroBatch) {
  TrainingMemory memory;
  int64_t bytes[3];
  for (int64_t i = 0; i < 3; ++i) {
    memory.micro_batch_tokens = 1000 * i;
    bytes[i] = plan_memory(tiny(), at::kFloat, memory).activations;
  }
  EXPECT_EQ(bytes[2] - bytes[1], bytes[1] - bytes[0]);
  // At least what a layer must keep per token: its input, q, k, v, the attention's output and the
  // three of the feed-forward part.
  EXPECT_GE(bytes[1] - bytes[0], 1000 * 2 * (8 + 8 + 4 + 4 + 8 + 3 * 16) * 4);
}

TEST(MemoryPlan, TotalIsTheSum) {
  TrainingMemory memory;
  memory.micro_batch_tokens = 100;
  memory.slots = 5;
  memory.completion_tokens = 50;
  memory.reference = true;
  const MemoryPlan p = plan_memory(tiny(), at::kFloat, memory);
  EXPECT_EQ(p.total(), p.weights + p.optimizer + p.reference + p.cache + p.activations);
  EXPECT_GT(p.activations, 0);
}

std::string describe(const model::ModelConfig& config, const TrainingMemory& memory) {
  return describe_memory(config, StageContext{}, memory);
}

TEST(DescribeMemory, NamesTheParts) {
  const std::string text = describe(tiny(), {});
  for (const char* part : {"weights", "AdamW", "reference", "cache", "activations"})
    EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(DescribeMemory, APlanThatDoesNotFitIsRefusedWithAWayOut) {
  TrainingMemory memory;
  memory.micro_batch_tokens = int64_t{1} << 42;
  EXPECT_ERROR(DeviceError, describe(tiny(), memory), "lower micro_batch_tokens");
  memory = {};
  memory.slots = int64_t{1} << 20;
  memory.completion_tokens = int64_t{1} << 30;
  EXPECT_ERROR(DeviceError, describe(tiny(), memory), "lower engine.max_slots");
}

}  // namespace
}  // namespace r1::recipes
