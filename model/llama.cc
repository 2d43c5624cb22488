// Llama 1 to 3 (arXiv 2302.13971, 2407.21783), and SmolLM2, which has its shape.
#include "model/architecture.h"
#include "model/decoder.h"

namespace r1::model {

extern const Architecture kLlama;
const Architecture kLlama = {
    .model_type = "llama",
    .class_name = "LlamaForCausalLM",
    .max_position_embeddings = 2048,
    .bos_token_id = 1,
    .eos_token_id = 2,
    .free_head_dim = false,
    .has_attention_bias = true,
    .has_mlp_bias = true,
    .parts =
        [](const ModelConfig& config) {
          return DecoderParts{.qkv_bias = config.attention_bias,
                              .o_bias = config.attention_bias,
                              .mlp_bias = config.mlp_bias};
        },
    .make = make_decoder,
};

}  // namespace r1::model
