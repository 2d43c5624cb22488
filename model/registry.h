// The table of architectures, by model_type of config.json. Add one line in registry.cc for a new
// one.
#pragma once

#include <string>
#include <vector>

#include "model/architecture.h"

namespace r1::model {

// nullptr: there is none of that name.
const Architecture* find_architecture(const std::string& model_type);
// The same, but throws CheckpointError naming the known ones.
const Architecture& architecture_of(const std::string& model_type);

}  // namespace r1::model
