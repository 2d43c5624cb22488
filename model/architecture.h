// What sets one family of models apart. Each is one file that defines an Architecture, and one line
// in registry.cc.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>

#include "model/config.h"

namespace r1::model {

class CausalLM;

// What a layer of the common decoder (decoder.h) has beyond the weight matrices.
struct DecoderParts {
  bool qkv_bias = false, o_bias = false, mlp_bias = false;
  bool qk_norm = false;  // RMSNorm of every query and key head, before the rotation
};

// When config.json's sliding_window applies.
enum class SlidingWindow { kNever, kWhenSwitchedOn, kUnlessNull };

struct Architecture {
  const char* model_type;  // of config.json
  const char* class_name;  // of config.json's "architectures"

  // What transformers takes where config.json is silent; 0: num_attention_heads, and hidden_size /
  // num_attention_heads.
  int64_t max_position_embeddings = 0;
  int64_t num_key_value_heads = 0;
  int64_t head_dim = 0;
  int64_t bos_token_id = -1, eos_token_id = -1;

  bool free_head_dim = true;  // heads * head_dim need not be hidden_size
  bool writes_head_dim = true;
  bool has_attention_bias = false, has_mlp_bias = false;  // switches in its config.json
  SlidingWindow sliding_window = SlidingWindow::kNever;

  DecoderParts (*parts)(const ModelConfig&);
  std::unique_ptr<CausalLM> (*make)(const ModelConfig&, at::TensorOptions);
};

}  // namespace r1::model
