#include "model/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"

namespace r1::model {

std::unique_ptr<CausalLM> make_llama(const ModelConfig& config,
                                     at::TensorOptions options);  // llama.cc: Llama and Qwen2

namespace {

struct Entry {
  const char* model_type;
  ModelFactory factory;
};
constexpr Entry kArchitectures[] = {
    {"llama", make_llama},
    {"qwen2", make_llama},
};

}  // namespace

std::vector<std::string> architectures() {
  std::vector<std::string> names;
  for (const Entry& entry : kArchitectures) names.emplace_back(entry.model_type);
  return names;
}

ModelFactory find_architecture(const std::string& model_type) {
  for (const Entry& entry : kArchitectures)
    if (model_type == entry.model_type) return entry.factory;
  throw CheckpointError(fmt::format(
      "config.json: model_type \"{}\" is not an architecture of this version; known: {}",
      model_type, fmt::join(architectures(), ", ")));
}

}  // namespace r1::model
