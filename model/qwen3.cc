// Qwen3 (arXiv 2505.09388): as Llama, with a norm on every query and key head.
#include "model/architecture.h"
#include "model/decoder.h"

namespace r1::model {

extern const Architecture kQwen3;
const Architecture kQwen3 = {
    .model_type = "qwen3",
    .class_name = "Qwen3ForCausalLM",
    .max_position_embeddings = 32768,
    .num_key_value_heads = 32,
    .head_dim = 128,
    .has_attention_bias = true,
    .sliding_window = SlidingWindow::kWhenSwitchedOn,
    .parts =
        [](const ModelConfig& config) {
          return DecoderParts{
              .qkv_bias = config.attention_bias, .o_bias = config.attention_bias, .qk_norm = true};
        },
    .make = make_decoder,
};

}  // namespace r1::model
