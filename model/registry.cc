#include "model/registry.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "model/causal_lm.h"

namespace r1::model {

extern const Architecture kLlama, kQwen2, kQwen3, kMistral;

namespace {
constexpr const Architecture* kArchitectures[] = {&kLlama, &kQwen2, &kQwen3, &kMistral};
}

std::vector<std::string> architectures() {
  std::vector<std::string> names;
  for (const Architecture* known : kArchitectures) names.emplace_back(known->model_type);
  return names;
}

const Architecture* find_architecture(const std::string& model_type) {
  for (const Architecture* known : kArchitectures)
    if (model_type == known->model_type) return known;
  return nullptr;
}

const Architecture& architecture_of(const std::string& model_type) {
  if (const Architecture* known = find_architecture(model_type)) return *known;
  throw CheckpointError(
      fmt::format("config.json: model_type: \"{}\" is not an architecture of this version; known: "
                  "{} [unsupported]",
                  model_type, fmt::join(architectures(), ", ")));
}

}  // namespace r1::model
