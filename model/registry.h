// The table of architectures: model_type of config.json -> factory. Add one line in registry.cc for
// a new one.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/causal_lm.h"

namespace r1::model {

using ModelFactory = std::unique_ptr<CausalLM> (*)(const ModelConfig&, at::TensorOptions);
// Throws CheckpointError naming the known ones.
ModelFactory find_architecture(const std::string& model_type);

}  // namespace r1::model
