// Qwen2 and Qwen2.5 (arXiv 2407.10671, 2412.15115): as Llama, with biases on q, k and v.
#include "model/architecture.h"
#include "model/decoder.h"

namespace r1::model {

extern const Architecture kQwen2;
const Architecture kQwen2 = {
    .model_type = "qwen2",
    .class_name = "Qwen2ForCausalLM",
    .max_position_embeddings = 32768,
    .num_key_value_heads = 32,
    .writes_head_dim = false,
    .sliding_window = SlidingWindow::kWhenSwitchedOn,
    .parts = [](const ModelConfig&) { return DecoderParts{.qkv_bias = true}; },
    .make = make_decoder,
};

}  // namespace r1::model
