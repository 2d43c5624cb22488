// What a training stage will hold in memory, before it starts.
#pragma once

#include <string>

#include "model/config.h"
#include "recipes/stage.h"

namespace r1::recipes {

struct TrainingMemory {
  int64_t micro_batch_tokens = 0;
  int64_t slots = 0;  // completions decoded at once; 0: no rollout
  int64_t completion_tokens = 0;
  bool reference = false;
};

// Bytes by part: weights, gradients and AdamW moments, reference policy, key/value cache,
// activations of one micro-batch.
struct MemoryPlan {
  int64_t weights = 0, optimizer = 0, reference = 0, cache = 0, activations = 0;
  int64_t total() const { return weights + optimizer + reference + cache + activations; }
};
MemoryPlan plan_memory(const model::ModelConfig& config, at::ScalarType dtype,
                       const TrainingMemory& memory);

// A few lines for a person. Throws DeviceError with the cheapest change that would help when the
// plan does not fit the machine's memory (CPU: MemAvailable).
std::string describe_memory(const model::ModelConfig& config, const StageContext& context,
                            const TrainingMemory& memory);

}  // namespace r1::recipes
