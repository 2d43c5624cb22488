// Malformed and unsupported config.json files, made when a test runs: members laid over those of a
// small Llama, the code and the text of the refusal.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace r1::model {

struct MalformedConfig {
  const char* patch;
  const char* code;
  const char* message;
};

inline Json small_llama_config() {
  return parse_json(
      R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 40, "hidden_size": 16,
      "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4})",
      "small");
}

inline Json patched_config(const std::string& patch) {
  Json json = small_llama_config();
  json.update(parse_json(patch, "patch"));
  return json;
}

// What the forward does not compute.
inline std::vector<MalformedConfig> unsupported_configs() {
  return {
      {R"({"model_type": "gemma2"})", "unsupported",
       "config.json: model_type: 'gemma2' is not supported; this version reads llama, qwen2"},
      {R"({"model_type": null})", "unsupported", "model_type: '' is not supported"},
      {R"({"architectures": ["LlamaForSequenceClassification"]})", "unsupported",
       "architectures: expected [\"LlamaForCausalLM\"]"},
      {R"({"architectures": ["Qwen2ForCausalLM"]})", "unsupported",
       "architectures: expected [\"LlamaForCausalLM\"]"},
      {R"({"architectures": "LlamaForCausalLM"})", "unsupported", "architectures: expected"},
      {R"({"rope_scaling": {"rope_type": "longrope", "factor": 8.0}})", "unsupported",
       "rope_scaling.rope_type: \"longrope\" is not supported; default, linear, dynamic, yarn"},
      {R"({"rope_scaling": {"type": "mrope", "mrope_section": [1, 1]}})", "unsupported",
       "rope_scaling.type: \"mrope\" is not supported"},
      {R"({"rope_scaling": {"factor": 2.0}})", "unsupported",
       "rope_scaling.factor: 2.0 is not supported: default RoPE has no such setting"},
      {R"({"rope_scaling": {"rope_type": "linear", "factor": 2.0, "beta_fast": 3}})", "unsupported",
       "rope_scaling.beta_fast: 3 is not supported: linear RoPE has no such setting"},
      {R"({"rope_parameters": {"partial_rotary_factor": 0.5}})", "unsupported",
       "rope_parameters.partial_rotary_factor: 0.5 is not supported, only 1 is"},
      {R"({"rope_parameters": {"full_attention": {"rope_theta": 1e6}}})", "unsupported",
       "rope_parameters.full_attention"},
      {R"({"partial_rotary_factor": 0.25})", "unsupported",
       "partial_rotary_factor: 0.25 is not supported"},
      {R"({"rope_interleaved": true})", "unsupported", "rope_interleaved: true is not supported"},
      {R"({"hidden_act": "gelu"})", "unsupported",
       "hidden_act: \"gelu\" is not supported for llama models, only \"silu\" is"},
      {R"({"pretraining_tp": 2})", "unsupported", "pretraining_tp: 2 is not supported"},
      {R"({"attention_dropout": 0.1})", "unsupported", "attention_dropout: 0.1 is not supported"},
      {R"({"is_causal": false})", "unsupported", "is_causal: false is not supported"},
      {R"({"is_encoder_decoder": true})", "unsupported", "is_encoder_decoder: true is not"},
      {R"({"quantization_config": {"quant_method": "gptq"}})", "unsupported",
       "quantization_config: quantised weights"},
      {R"({"model_type": "qwen2", "architectures": null, "num_key_value_heads": 4,
           "use_sliding_window": true, "max_window_layers": 1})",
       "unsupported", "sliding_window: a window of 4096 is in use and is not supported"},
      {R"({"model_type": "qwen3", "architectures": null, "num_key_value_heads": 4,
           "use_sliding_window": true, "max_window_layers": 0, "sliding_window": 64})",
       "unsupported", "set max_position_embeddings, now 32768, to 64"},
      {R"({"model_type": "mistral", "architectures": null, "num_key_value_heads": 4})",
       "unsupported", "sliding_window: a window of 4096 is in use"},
      {R"({"layer_types": ["full_attention", "sliding_attention"]})", "unsupported",
       "layer_types: \"sliding_attention\" is not"},
      {R"({"dtype": "int8"})", "unsupported", "dtype: 'int8' is not supported"},
      {R"({"torch_dtype": "float8_e4m3fn"})", "unsupported",
       "torch_dtype: 'float8_e4m3fn' is not supported"},
  };
}

inline std::vector<MalformedConfig> malformed_configs() {
  return {
      {R"({"vocab_size": null})", "missing", "config.json: vocab_size: missing"},
      {R"({"hidden_size": 0})", "out_of_range", "hidden_size: 0 is out of range [1, "},
      {R"({"hidden_size": -16})", "out_of_range", "hidden_size: -16 is out of range"},
      {R"({"hidden_size": 16.5})", "wrong_type",
       "hidden_size: expected a whole number, found 16.5"},
      {R"({"hidden_size": "16"})", "wrong_type",
       "hidden_size: expected a whole number, found \"16\""},
      {R"({"num_hidden_layers": true})", "wrong_type",
       "num_hidden_layers: expected a whole number, found true"},
      {R"({"num_hidden_layers": 18446744073709551615})", "wrong_type",
       "num_hidden_layers: expected a whole number"},
      {R"({"num_hidden_layers": 1000000})", "out_of_range",
       "num_hidden_layers: 1000000 is out of range [1, 10000]"},
      {R"({"vocab_size": 100000000, "hidden_size": 100000000, "num_hidden_layers": 10000})",
       "out_of_range", "is out of range [1, 1e+15]"},
      {R"({"num_attention_heads": 3})", "out_of_range",
       "num_attention_heads: 3 does not divide hidden_size 16"},
      {R"({"num_key_value_heads": 3})", "out_of_range",
       "num_key_value_heads: 3 does not divide num_attention_heads 4"},
      {R"({"head_dim": 3})", "out_of_range", "head_dim: 3 is odd"},
      {R"({"head_dim": 99999998})", "out_of_range", "head_dim: 99999998 x 4 heads is out of range"},
      {R"({"tie_word_embeddings": "yes"})", "wrong_type",
       "tie_word_embeddings: expected true or false, found \"yes\""},
      {R"({"rms_norm_eps": 0})", "out_of_range", "rms_norm_eps: 0 is out of range"},
      {R"({"eos_token_id": 40})", "out_of_range",
       "eos_token_id: token 40 is outside the vocabulary of 40"},
      {R"({"eos_token_id": [2, "x"]})", "wrong_type",
       "eos_token_id: expected a whole number, found \"x\""},
      {R"({"bos_token_id": -2})", "out_of_range", "bos_token_id: token -2 is outside"},
      {R"({"model_type": 5})", "wrong_type", "model_type: expected text, found 5"},
      {R"({"layer_types": ["full_attention"]})", "wrong_type",
       "layer_types: expected one type for each of 2 layers"},
      {R"({"layer_types": 7})", "wrong_type",
       "layer_types: expected one type for each of 2 layers"},
      {R"({"rope_parameters": 3})", "wrong_type", "rope_parameters: expected an object, found 3"},
      {R"({"rope_theta": 1e4, "rope_parameters": {"rope_theta": 1e6}})", "contradiction",
       "rope_parameters.rope_theta: 1000000 contradicts rope_theta 10000"},
      {R"({"rope_theta": "big"})", "wrong_type", "rope_theta: expected a number, found \"big\""},
      {R"({"rope_theta": 0})", "out_of_range", "rope_theta: 0 is out of range"},
      {R"({"rope_scaling": {"type": "linear"}})", "missing",
       "rope_scaling.factor: missing; linear RoPE needs it"},
      {R"({"rope_scaling": {"type": "linear", "factor": 0}})", "out_of_range",
       "rope_scaling.factor: 0 is out of range"},
      {R"({"rope_scaling": {"type": "linear", "factor": "4"}})", "wrong_type",
       "rope_scaling.factor: expected a number"},
      {R"({"rope_scaling": {"type": "linear", "rope_type": "yarn", "factor": 2}})", "contradiction",
       "rope_scaling.type: \"linear\" contradicts rope_type \"yarn\""},
      {R"({"rope_scaling": {"rope_type": "llama3", "factor": 8.0}})", "missing",
       "rope_scaling.low_freq_factor: missing; llama3 RoPE needs it"},
      {R"({"rope_scaling": {"rope_type": "llama3", "factor": 8, "low_freq_factor": 4,
           "high_freq_factor": 4}})",
       "out_of_range", "rope_scaling.high_freq_factor: 4 is not above low_freq_factor 4"},
      {R"({"rope_theta": 1, "rope_scaling": {"rope_type": "yarn", "factor": 8}})", "out_of_range",
       "rope_theta: yarn RoPE needs one above 1"},
      {R"({"rope_scaling": {"rope_type": "yarn", "factor": 8, "truncate": 1}})", "wrong_type",
       "rope_scaling.truncate: expected true or false, found 1"},
      {R"({"rope_scaling": {"rope_type": "yarn", "factor": 8,
           "original_max_position_embeddings": 0}})",
       "out_of_range", "rope_scaling.original_max_position_embeddings: 0 is out of range"},
      {R"({"rope_scaling": {"rope_type": "linear", "factor": 2},
           "rope_parameters": {"rope_type": "linear", "factor": 4}})",
       "contradiction", "rope_parameters: contradicts rope_scaling"},
  };
}

}  // namespace r1::model
