// A policy small enough to generate thousands of completions in a second.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <vector>

#include "base/philox.h"
#include "model/causal_lm.h"
#include "model/token_logprobs.h"
#include "rollout/engine.h"

namespace r1::rollout {

inline model::ModelConfig tiny_config(int64_t vocab_size = 40, int64_t context = 128) {
  model::ModelConfig config;
  config.vocab_size = vocab_size;
  config.hidden_size = 32;
  config.intermediate_size = 64;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 4;
  config.num_key_value_heads = 2;
  config.head_dim = 16;  // the exact kernels take multiples of 16
  config.max_position_embeddings = context;
  config.initializer_range = 0.25;  // peaked, not flat
  config.eos_token_ids = {2};
  return config;
}

inline std::unique_ptr<model::CausalLM> tiny_policy(const model::ModelConfig& config = tiny_config(),
                                                    at::ScalarType dtype = at::kFloat) {
  auto policy = model::make_model(config, dtype, at::kCPU);
  model::init_weights(*policy, 42);
  return policy;
}

// Prompts of these lengths with ids from 4 up, indices 0, 1, 2 ...
inline std::vector<Prompt> random_prompts(const std::vector<int64_t>& lengths, int64_t vocab_size = 40) {
  const RandomStream stream(3, "prompts", Purpose::kData);
  std::vector<Prompt> prompts;
  for (size_t i = 0; i < lengths.size(); ++i) {
    Prompt prompt{int64_t(i), {}};
    for (int64_t t = 0; t < lengths[i]; ++t) prompt.ids.push_back(4 + stream.below(uint32_t(vocab_size - 4), i, uint32_t(t)));
    prompts.push_back(prompt);
  }
  return prompts;
}

inline RandomStream test_draws() { return RandomStream(1, "stage", Purpose::kSample); }

}  // namespace r1::rollout
