// Whether the weights of a folder are those that its config.json describes, by names, shapes and
// types alone.
#pragma once

#include <string>
#include <vector>

#include "model/config.h"
#include "model/weight_files.h"

namespace r1::model {

// Throws CheckpointError "<where>: ..." for missing and surplus tensors (missing_tensor,
// surplus_tensor), a wrong shape (wrong_shape) and types that are no floating point (wrong_dtype).
// With `problems` they are added there instead. A tied head may be stored or not.
void check_weights(const ModelConfig& config, const Weights& weights, const std::string& where,
                   std::vector<std::string>* problems = nullptr);

}  // namespace r1::model
