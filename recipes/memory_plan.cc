#include "recipes/memory_plan.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <fstream>

#include "base/error.h"
#include "model/kv_cache.h"

namespace r1::recipes {
namespace {

double megabytes(int64_t bytes) { return static_cast<double>(bytes) / 1e6; }

int64_t available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  int64_t kilobytes = 0;
  while (file >> name >> kilobytes >> unit)
    if (name == "MemAvailable:") return kilobytes * 1024;
  return 0;
}

}  // namespace

MemoryPlan plan_memory(const model::ModelConfig& c, at::ScalarType dtype,
                       const TrainingMemory& memory) {
  const int64_t parameters = model::count_parameters(c),
                size = static_cast<int64_t>(at::elementSize(dtype));
  const bool wide =
      dtype == at::kFloat || dtype == at::kDouble;  // weights are views of the optimizer's own
  MemoryPlan plan;
  plan.weights = parameters * size;
  plan.optimizer = parameters * (wide ? 3 * size : 16 + size);
  plan.reference = memory.reference ? parameters * size : 0;
  const int64_t kv_width = c.num_key_value_heads * c.head_dim,
                q_width = c.num_attention_heads * c.head_dim;
  const int64_t pages = memory.slots * (model::pages_for(memory.completion_tokens) + 1);
  plan.cache = pages * model::kPageTokens * 2 * kv_width * c.num_hidden_layers * size;
  // Saved per token and layer: two norms' inputs and outputs, q, k, v, attention output, two
  // projections, gate, up and their product.
  const int64_t saved = 6 * c.hidden_size + 2 * q_width + 2 * kv_width + 3 * c.intermediate_size;
  plan.activations =
      memory.micro_batch_tokens * (c.num_hidden_layers * saved + 4 * c.hidden_size) * size +
      4 * 1024 * c.vocab_size * 4;
  return plan;
}

std::string describe_memory(const model::ModelConfig& config, const StageContext& context,
                            const TrainingMemory& memory) {
  const MemoryPlan plan = plan_memory(config, context.dtype, memory);
  std::string text = fmt::format(
      "memory plan: {:.0f} MB = weights {:.0f} + gradients and AdamW {:.0f} + reference {:.0f} + "
      "cache {:.0f} + activations {:.0f}",
      megabytes(plan.total()), megabytes(plan.weights), megabytes(plan.optimizer),
      megabytes(plan.reference), megabytes(plan.cache), megabytes(plan.activations));
  const int64_t available = context.device.is_cpu() ? available_bytes() : 0;
  if (available > 0 && plan.total() > available) {
    const char* change =
        plan.activations >= plan.cache ? "lower micro_batch_tokens" : "lower engine.max_slots";
    throw DeviceError(fmt::format("{}: that is more than the {:.0f} MB this machine has free; {}",
                                  text, megabytes(available), change));
  }
  return text;
}

}  // namespace r1::recipes
