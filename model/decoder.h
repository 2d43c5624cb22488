// The decoder that the dense families share: pre-norm blocks of RMSNorm, rotary grouped-query
// attention and SwiGLU. What a family adds is in its Architecture.
#pragma once

#include <memory>

#include "model/causal_lm.h"

namespace r1::model {

std::unique_ptr<CausalLM> make_decoder(const ModelConfig& config, at::TensorOptions options);

}  // namespace r1::model
