// The shape of a model, as Hugging Face's config.json states it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"

namespace r1::model {

// Fields of config.json that change the maths, under their Hugging Face names. `raw` keeps the
// whole file, so that fields we do not know are copied through when the model is saved.
struct ModelConfig {
  std::string model_type = "llama";  // "llama" or "qwen2": the entry of model/registry.cc
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  int64_t num_key_value_heads = 0;  // default: num_attention_heads
  int64_t head_dim = 0;             // default: hidden_size / num_attention_heads
  int64_t max_position_embeddings = 0;
  double rms_norm_eps = 1e-6;
  double rope_theta = 10000.0;  // read from rope_theta or rope_parameters.rope_theta
  bool tie_word_embeddings = false;
  bool attention_bias = false;  // llama: q, k, v and o; qwen2 always has biases on q, k, v only
  bool mlp_bias = false;
  double initializer_range = 0.02;
  std::string dtype = "float32";  // of the stored weights: float32, bfloat16, float16, float64
  std::vector<int64_t> eos_token_ids;
  int64_t bos_token_id = -1;  // -1: none
  int64_t pad_token_id = -1;
  Json raw = Json::object();
  Json generation = Json::object();  // generation_config.json, kept and written again as it was
};

// Throws CheckpointError naming the file and field for a missing, malformed or unsupported field
// (RoPE scaling, sliding window in use, another activation than silu, quantised weights, an unknown
// architecture). The file form also reads the generation_config.json beside it, if there is one.
ModelConfig read_model_config(const std::filesystem::path& config_json);
ModelConfig parse_model_config(const Json& json, const std::string& where);
// The config.json for a model of this shape, keys sorted: known fields over `raw`, as transformers
// 5 spells them.
Json to_json(const ModelConfig& config);
// Number of trained parameters (a tied head counts once).
int64_t count_parameters(const ModelConfig& config);

}  // namespace r1::model
