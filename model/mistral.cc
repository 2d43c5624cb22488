// Mistral 7B (arXiv 2310.06825) from version 0.2 on, whose config.json has no sliding window; other
// models while their context fits into it.
#include "model/architecture.h"
#include "model/decoder.h"

namespace r1::model {

extern const Architecture kMistral;
const Architecture kMistral = {
    .model_type = "mistral",
    .class_name = "MistralForCausalLM",
    .max_position_embeddings = 131072,
    .num_key_value_heads = 8,
    .bos_token_id = 1,
    .eos_token_id = 2,
    .sliding_window = SlidingWindow::kUnlessNull,
    .parts = [](const ModelConfig&) { return DecoderParts{}; },
    .make = make_decoder,
};

}  // namespace r1::model
