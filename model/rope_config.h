// The settings of rotary embeddings in config.json, in both spellings: rope_theta with rope_scaling
// (transformers 4), and rope_parameters (transformers 5).
#pragma once

#include "model/config.h"
#include "model/config_fields.h"

namespace r1::model {

// Sets rope_theta, rope_scaling and, for dynamic, position_limit of a config whose
// max_position_embeddings is read. Throws CheckpointError for other types, for settings that the
// type does not have and for spellings that contradict one another.
void read_rope(const ConfigFields& fields, ModelConfig& config);

// Both spellings: transformers 4 and the servers built on it would take theta 10000 and no scaling
// without the older one.
void write_rope(const ModelConfig& config, Json& json);

}  // namespace r1::model
