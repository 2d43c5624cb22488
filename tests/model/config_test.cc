#include "model/config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1::model {
namespace {

namespace fs = std::filesystem;

// As published with Qwen2.5-0.5B (transformers 4 spelling).
const char* const kQwen05 = R"({
  "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643, "eos_token_id": 151643,
  "hidden_act": "silu", "hidden_size": 896, "initializer_range": 0.02, "intermediate_size": 4864,
  "max_position_embeddings": 32768, "max_window_layers": 24, "model_type": "qwen2", "num_attention_heads": 14,
  "num_hidden_layers": 24, "num_key_value_heads": 2, "rms_norm_eps": 1e-06, "rope_theta": 1000000.0,
  "sliding_window": 32768, "tie_word_embeddings": true, "torch_dtype": "bfloat16", "transformers_version": "4.40.1",
  "use_cache": true, "use_mrope": false, "use_sliding_window": false, "vocab_size": 151936})";

Json small_llama() {
  return parse_json(
      R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 40, "hidden_size": 16,
      "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4})",
      "small");
}

// small_llama with the members of `patch` on top.
ModelConfig parse_with(const std::string& patch) {
  Json json = small_llama();
  json.update(parse_json(patch, "patch"));
  return parse_model_config(json, "config.json");
}

Json shape(const char* type, int64_t hidden, int64_t ff, int64_t heads, int64_t kv, int64_t layers,
           int64_t vocab, bool tied) {
  return Json{{"model_type", type},        {"hidden_size", hidden},
              {"intermediate_size", ff},   {"num_attention_heads", heads},
              {"num_key_value_heads", kv}, {"num_hidden_layers", layers},
              {"vocab_size", vocab},       {"tie_word_embeddings", tied}};
}

TEST(ModelConfig, ReadsQwen2AsPublished) {
  const ModelConfig config = parse_model_config(parse_json(kQwen05, "qwen"), "qwen");
  EXPECT_EQ(config.model_type, "qwen2");
  EXPECT_EQ(config.hidden_size, 896);
  EXPECT_EQ(config.head_dim, 64);
  EXPECT_EQ(config.num_key_value_heads, 2);
  EXPECT_EQ(config.max_position_embeddings, 32768);
  EXPECT_EQ(config.rope_theta, 1e6);
  EXPECT_EQ(config.rms_norm_eps, 1e-6);
  EXPECT_TRUE(config.tie_word_embeddings);
  EXPECT_FALSE(config.attention_bias);
  EXPECT_EQ(config.dtype, "bfloat16");
  EXPECT_EQ(config.eos_token_ids, std::vector<int64_t>{151643});
  EXPECT_EQ(config.bos_token_id, 151643);
  EXPECT_EQ(config.pad_token_id, -1);
}

// Parameter counts as the model cards give them.
TEST(ModelConfig, CountsParameters) {
  EXPECT_EQ(count_parameters(parse_model_config(parse_json(kQwen05, "qwen"), "qwen")), 494032768);
  const auto count = [](const Json& json) {
    return count_parameters(parse_model_config(json, "config"));
  };
  EXPECT_EQ(count(shape("qwen2", 1536, 8960, 12, 2, 28, 151936, true)),
            1543714304);  // Qwen2.5-1.5B
  EXPECT_EQ(count(shape("qwen2", 2048, 11008, 16, 2, 36, 151936, true)), 3085938688);  // Qwen2.5-3B
  EXPECT_EQ(count(shape("qwen2", 3584, 18944, 28, 4, 28, 152064, false)),
            7615616512);                                                          // Qwen2.5-7B
  EXPECT_EQ(count(shape("llama", 576, 1536, 9, 3, 30, 49152, true)), 134515008);  // SmolLM2-135M
  EXPECT_EQ(count(shape("llama", 4096, 11008, 32, 32, 32, 32000, false)),
            6738415616);  // Llama-2-7B
  ModelConfig biased = parse_with(R"({"attention_bias": true, "mlp_bias": true})");
  // embeddings 2 x 640; layer: norms 32, q k v o 4 x 256, biases 4 x 16, mlp 3 x 384, biases 24 +
  // 24 + 16; norm 16
  EXPECT_EQ(count_parameters(biased), 2 * 640 + 2 * (32 + 1024 + 64 + 1152 + 64) + 16);
}

TEST(ModelConfig, DefaultsAreThoseOfTransformers) {
  const ModelConfig llama = parse_with("{}");
  EXPECT_EQ(llama.num_key_value_heads, 4);
  EXPECT_EQ(llama.head_dim, 4);
  EXPECT_EQ(llama.max_position_embeddings, 2048);
  EXPECT_EQ(llama.rope_theta, 10000.0);
  EXPECT_EQ(llama.rms_norm_eps, 1e-6);
  EXPECT_FALSE(llama.tie_word_embeddings);
  EXPECT_EQ(llama.dtype, "float32");
  EXPECT_EQ(llama.bos_token_id, 1);
  EXPECT_EQ(llama.eos_token_ids, std::vector<int64_t>{2});
  const ModelConfig none = parse_with(
      R"({"bos_token_id": null, "eos_token_id": null, "pad_token_id": -1, "head_dim": null})");
  EXPECT_EQ(none.bos_token_id, -1);
  EXPECT_TRUE(none.eos_token_ids.empty());
  EXPECT_EQ(none.pad_token_id, -1);
  const ModelConfig qwen2 = parse_with(R"({"model_type": "qwen2", "architectures": null})");
  EXPECT_EQ(qwen2.max_position_embeddings, 32768);
  EXPECT_TRUE(qwen2.eos_token_ids.empty());
}

TEST(ModelConfig, BothSpellingsOfRope) {
  EXPECT_EQ(parse_with(R"({"rope_theta": 500000})").rope_theta, 5e5);
  EXPECT_EQ(
      parse_with(R"({"rope_parameters": {"rope_theta": 5e5, "rope_type": "default"}})").rope_theta,
      5e5);
  EXPECT_EQ(parse_with(R"({"rope_theta": 5e5, "rope_parameters": {"rope_theta": 5e5}})").rope_theta,
            5e5);
  EXPECT_EQ(parse_with(R"({"rope_theta": 5e5, "rope_scaling": null})").rope_theta, 5e5);
  EXPECT_EQ(parse_with(R"({"rope_scaling": {"type": "default", "factor": null}})").rope_theta,
            10000.0);
}

TEST(ModelConfig, EosMayBeAList) {
  EXPECT_EQ(parse_with(R"({"eos_token_id": [2, 7, 39]})").eos_token_ids,
            (std::vector<int64_t>{2, 7, 39}));
  EXPECT_TRUE(parse_with(R"({"eos_token_id": []})").eos_token_ids.empty());
}

TEST(ModelConfig, DtypeUnderBothNames) {
  EXPECT_EQ(parse_with(R"({"dtype": "float16"})").dtype, "float16");
  EXPECT_EQ(parse_with(R"({"torch_dtype": "bfloat16"})").dtype, "bfloat16");
  EXPECT_EQ(parse_with(R"({"dtype": "float32", "torch_dtype": "bfloat16"})").dtype, "float32");
}

TEST(ModelConfig, RefusesWhatItDoesNotCompute) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"({"model_type": "gemma2"})", "config.json: model_type: 'gemma2' is not supported"},
      {R"({"model_type": null})", "model_type: '' is not supported"},
      {R"({"architectures": ["LlamaForSequenceClassification"]})",
       "architectures: expected [\"LlamaForCausalLM\"]"},
      {R"({"architectures": ["Qwen2ForCausalLM"]})",
       "architectures: expected [\"LlamaForCausalLM\"]"},
      {R"({"rope_scaling": {"rope_type": "llama3", "factor": 8.0}})",
       "rope_scaling.rope_type: \"llama3\" is not supported"},
      {R"({"rope_scaling": {"type": "linear", "factor": 2}})",
       "rope_scaling.type: \"linear\" is not supported"},
      {R"({"rope_scaling": {"factor": 2.0}})", "rope_scaling.factor: 2.0 is not supported"},
      {R"({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e6}})",
       "rope_parameters.rope_type: \"yarn\""},
      {R"({"rope_parameters": {"partial_rotary_factor": 0.5}})",
       "rope_parameters.partial_rotary_factor: 0.5"},
      {R"({"rope_parameters": {"full_attention": {"rope_theta": 1e6}}})",
       "rope_parameters.full_attention"},
      {R"({"rope_parameters": 3})", "rope_parameters: expected an object, found 3"},
      {R"({"rope_theta": 1e4, "rope_parameters": {"rope_theta": 1e6}})", "contradicts rope_theta"},
      {R"({"rope_theta": "big"})", "rope_theta: expected a number, found \"big\""},
      {R"({"rope_theta": 0})", "rope_theta: 0 is out of range"},
      {R"({"partial_rotary_factor": 0.25})", "partial_rotary_factor: 0.25 is not supported"},
      {R"({"hidden_act": "gelu"})",
       "hidden_act: \"gelu\" is not supported for llama models, only \"silu\" is"},
      {R"({"pretraining_tp": 2})", "pretraining_tp: 2 is not supported"},
      {R"({"attention_dropout": 0.1})", "attention_dropout: 0.1 is not supported"},
      {R"({"is_causal": false})", "is_causal: false is not supported"},
      {R"({"quantization_config": {"quant_method": "gptq"}})",
       "quantization_config: quantised weights"},
      {R"({"model_type": "qwen2", "architectures": null, "use_sliding_window": true})",
       "use_sliding_window: true is not"},
      {R"({"layer_types": ["full_attention", "sliding_attention"]})",
       "layer_types: \"sliding_attention\" is not"},
      {R"({"dtype": "int8"})", "dtype: 'int8' is not supported"},
      {R"({"torch_dtype": "float8_e4m3fn"})", "torch_dtype: 'float8_e4m3fn' is not supported"},
  };
  for (const auto& [patch, message] : cases)
    EXPECT_ERROR(CheckpointError, parse_with(patch), message);
}

TEST(ModelConfig, RefusesMalformedFields) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {R"({"vocab_size": null})", "config.json: vocab_size: missing"},
      {R"({"hidden_size": 0})", "hidden_size: 0 is out of range [1, "},
      {R"({"hidden_size": -16})", "hidden_size: -16 is out of range"},
      {R"({"hidden_size": 16.5})", "hidden_size: expected a whole number, found 16.5"},
      {R"({"hidden_size": "16"})", "hidden_size: expected a whole number, found \"16\""},
      {R"({"num_hidden_layers": true})", "num_hidden_layers: expected a whole number, found true"},
      {R"({"num_hidden_layers": 18446744073709551615})",
       "num_hidden_layers: expected a whole number"},
      {R"({"num_hidden_layers": 1000000})",
       "num_hidden_layers: 1000000 is out of range [1, 10000]"},
      {R"({"num_attention_heads": 3})", "num_attention_heads: 3 does not divide hidden_size 16"},
      {R"({"num_key_value_heads": 3})",
       "num_key_value_heads: 3 does not divide num_attention_heads 4"},
      {R"({"head_dim": 3})", "head_dim: 3 is odd"},
      {R"({"tie_word_embeddings": "yes"})",
       "tie_word_embeddings: expected true or false, found \"yes\""},
      {R"({"rms_norm_eps": 0})", "rms_norm_eps: 0 is out of range"},
      {R"({"eos_token_id": 40})", "eos_token_id: token 40 is outside the vocabulary of 40"},
      {R"({"eos_token_id": [2, "x"]})", "eos_token_id: expected a whole number, found \"x\""},
      {R"({"bos_token_id": -2})", "bos_token_id: token -2 is outside"},
      {R"({"model_type": 5})", "model_type: expected text, found 5"},
  };
  for (const auto& [patch, message] : cases)
    EXPECT_ERROR(CheckpointError, parse_with(patch), message);
  EXPECT_ERROR(CheckpointError, parse_model_config(Json::array(), "x.json"),
               "x.json: a config.json is a JSON object");
}

TEST(ModelConfig, UnknownKeysAreCopiedThrough) {
  const ModelConfig config =
      parse_with(R"({"use_cache": true, "_name": "mine", "auto": {"a": [1, 2]}})");
  const Json json = to_json(config);
  EXPECT_EQ(json.at("_name"), "mine");
  EXPECT_EQ(json.at("auto").at("a").size(), 2u);
  EXPECT_EQ(json.at("use_cache"), true);
}

TEST(ModelConfig, WritesWhatTransformersFiveWrites) {
  ModelConfig config = parse_with(
      R"({"rope_theta": 5e5, "rope_scaling": null, "torch_dtype": "bfloat16", "eos_token_id": [2, 3], "pad_token_id": 0})");
  config.hidden_size = 32;  // a changed copy: known fields go over the raw ones
  config.head_dim = 8;
  const Json json = to_json(config);
  EXPECT_EQ(json.at("architectures"), Json::array({"LlamaForCausalLM"}));
  EXPECT_EQ(json.at("hidden_size"), 32);
  EXPECT_EQ(json.at("head_dim"), 8);
  EXPECT_EQ(json.at("num_key_value_heads"), 4);
  EXPECT_EQ(json.at("dtype"), "bfloat16");
  EXPECT_FALSE(json.contains("torch_dtype"));
  EXPECT_FALSE(json.contains("rope_scaling"));
  EXPECT_EQ(json.at("rope_theta"), 5e5);
  EXPECT_EQ(json.at("rope_parameters"), (Json{{"rope_theta", 5e5}, {"rope_type", "default"}}));
  EXPECT_EQ(json.at("eos_token_id"), Json::array({2, 3}));
  EXPECT_EQ(json.at("bos_token_id"), 1);
  EXPECT_EQ(json.at("pad_token_id"), 0);
  std::string previous;
  for (const auto& [key, value] : json.items()) {
    EXPECT_LT(previous, key);
    previous = key;
  }
}

TEST(ModelConfig, LayerTypesFollowTheNumberOfLayers) {
  ModelConfig config = parse_with(
      R"({"model_type": "qwen2", "architectures": null, "layer_types": ["full_attention", "full_attention"]})");
  config.num_hidden_layers = 3;
  EXPECT_EQ(to_json(config).at("layer_types").size(), 3u);
  EXPECT_FALSE(to_json(config).contains("head_dim"));  // Qwen2 has it only when it is unusual
  config.head_dim = 8;
  EXPECT_EQ(to_json(config).at("head_dim"), 8);
}

TEST(ModelConfig, WrittenAndReadAgainIsTheSame) {
  for (const char* name : {"tiny_llama", "tiny_qwen2"}) {
    const ModelConfig config =
        read_model_config(fs::path(R1_TEST_DATA) / "model" / name / "config.json");
    const Json written = to_json(config);
    EXPECT_EQ(dump_json(to_json(parse_model_config(written, "again"))), dump_json(written));
    Json expected =
        config.raw;  // the reference's file, but for the older spelling of RoPE that we add
    expected["rope_theta"] = config.rope_theta;
    EXPECT_EQ(nlohmann::json(written), nlohmann::json(expected));
    EXPECT_EQ(config.generation.at("_from_model_config"), true);
  }
}

TEST(ModelConfig, FileErrorsNameTheFile) {
  const TempFolder folder;
  EXPECT_ERROR(CheckpointError, read_model_config(folder / "config.json"),
               (folder / "config.json").string());
  std::ofstream(folder / "config.json") << "{\"a\": 1,}";
  EXPECT_ERROR(CheckpointError, read_model_config(folder / "config.json"), "config.json:1:");
  std::ofstream(folder / "config.json") << dump_json(small_llama());
  EXPECT_EQ(read_model_config(folder / "config.json").vocab_size, 40);
  std::ofstream(folder / "generation_config.json") << "[]";
  EXPECT_ERROR(CheckpointError, read_model_config(folder / "config.json"),
               "generation_config.json: expected a JSON object");
}

}  // namespace
}  // namespace r1::model
