// The shape of a model, as Hugging Face's config.json states it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/rope.h"

namespace r1::model {

// Fields of config.json that change the maths, under their Hugging Face names. `raw` keeps the
// whole file, so that fields we do not know are copied through when the model is saved.
struct ModelConfig {
  std::string model_type = "llama";  // an entry of model/registry.cc
  int64_t vocab_size = 0;
  int64_t hidden_size = 0;
  int64_t intermediate_size = 0;
  int64_t num_hidden_layers = 0;
  int64_t num_attention_heads = 0;
  int64_t num_key_value_heads = 0;  // default: num_attention_heads
  int64_t head_dim = 0;             // default: hidden_size / num_attention_heads
  int64_t max_position_embeddings = 0;
  double rms_norm_eps = 1e-6;
  double rope_theta = 10000.0;
  RopeScaling rope_scaling;
  bool tie_word_embeddings = false;
  bool attention_bias = false;  // llama, qwen3: q, k, v and o (qwen2 always has q, k and v's)
  bool mlp_bias = false;        // llama
  double initializer_range = 0.02;
  std::string dtype = "float32";  // of the stored weights: float32, bfloat16, float16, float64
  std::vector<int64_t> eos_token_ids;
  int64_t bos_token_id = -1;  // -1: none
  int64_t pad_token_id = -1;
  // Longest sequence for which the forward computes what config.json says (a sliding window not yet
  // full, dynamic RoPE not yet scaled); 0: no limit.
  int64_t position_limit = 0;
  Json raw = Json::object();
  Json generation = Json::object();  // generation_config.json, kept and written again as it was
  std::vector<int64_t> generation_eos_token_ids;  // its eos_token_id

  // Tokens that end a completion: generation_config.json's if it names any, as in transformers.
  const std::vector<int64_t>& stop_token_ids() const {
    return generation_eos_token_ids.empty() ? eos_token_ids : generation_eos_token_ids;
  }
  void limit_positions(int64_t limit) {
    position_limit = position_limit == 0 ? limit : std::min(position_limit, limit);
  }
};

// Throws CheckpointError naming the file and field for a missing, malformed or unsupported field (a
// sliding window in use, RoPE types that are not in rope.h, another activation than silu, quantised
// weights, an unknown architecture); the codes that end its messages are in config_fields.h. With
// `problems`, what would be thrown is added there instead, every reason one entry, and the result
// is what could be read. The file form also reads the generation_config.json beside it.
ModelConfig read_model_config(const std::filesystem::path& config_json,
                              std::vector<std::string>* problems = nullptr);
ModelConfig parse_model_config(const Json& json, const std::string& where,
                               std::vector<std::string>* problems = nullptr);
// The config.json for a model of this shape, keys sorted: known fields over `raw`, as transformers
// 5 spells them.
Json to_json(const ModelConfig& config);
// Number of trained parameters (a tied head counts once).
int64_t count_parameters(const ModelConfig& config);

}  // namespace r1::model
