#include "model/config.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"
#include "tests/model/malformed_configs.h"

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

// small_llama_config with the members of `patch` on top.
ModelConfig parse_with(const std::string& patch) {
  return parse_model_config(patched_config(patch), "config.json");
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
  const ModelConfig qwen2 = parse_with(R"({"model_type": "qwen2", "architectures": null,
      "num_key_value_heads": null})");
  EXPECT_EQ(qwen2.num_key_value_heads, 4);
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

// Meta's Llama 3.1 8B, and the recipe of the Qwen2.5 model cards for long texts.
TEST(ModelConfig, ReadsRopeScaling) {
  const RopeScaling llama3 =
      parse_with(
          R"({"rope_scaling": {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
      "original_max_position_embeddings": 8192, "rope_type": "llama3"}})")
          .rope_scaling;
  EXPECT_EQ(llama3.type, "llama3");
  EXPECT_EQ(llama3.factor, 8.0);
  EXPECT_EQ(llama3.original_max_position_embeddings, 8192);
  EXPECT_EQ(llama3.high_freq_factor, 4.0);
  const RopeScaling yarn = parse_with(R"({"rope_theta": 1e6, "rope_scaling": {"factor": 4.0,
      "original_max_position_embeddings": 32768, "type": "yarn"}})")
                               .rope_scaling;
  EXPECT_EQ(yarn.type, "yarn");
  EXPECT_EQ(yarn.original_max_position_embeddings, 32768);
  EXPECT_FALSE(yarn.attention_factor || yarn.beta_fast || yarn.truncate);
  // The context before scaling: the one at the top, that of the block, max_position_embeddings.
  const auto context = [](const char* patch) {
    return parse_with(patch).rope_scaling.original_max_position_embeddings;
  };
  EXPECT_EQ(context(R"({"rope_scaling": {"type": "yarn", "factor": 2}})"), 2048);
  EXPECT_EQ(context(R"({"original_max_position_embeddings": 512, "rope_scaling": {"type": "yarn",
      "factor": 2, "original_max_position_embeddings": 256}})"),
            512);
  EXPECT_EQ(parse_with(R"({"rope_scaling": {"type": "yarn", "factor": null,
      "original_max_position_embeddings": 512}})")
                .rope_scaling.factor,
            4.0);
  EXPECT_EQ(parse_with(R"({"rope_scaling": {"type": "dynamic", "factor": 2}})").position_limit,
            2048);
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

void expect_refused(const std::vector<MalformedConfig>& cases) {
  for (const MalformedConfig& one : cases) {
    EXPECT_ERROR(CheckpointError, parse_with(one.patch), one.message);
    EXPECT_ERROR(CheckpointError, parse_with(one.patch), fmt::format(" [{}]", one.code));
  }
}

TEST(ModelConfig, RefusesWhatItDoesNotCompute) { expect_refused(unsupported_configs()); }
TEST(ModelConfig, RefusesMalformedFields) {
  expect_refused(malformed_configs());
  EXPECT_ERROR(CheckpointError, parse_model_config(Json::array(), "x.json"),
               "x.json: expected a JSON object, found [] [wrong_type]");
}

TEST(ModelConfig, EveryReasonIsListed) {
  std::vector<std::string> problems;
  Json json = small_llama_config();
  json.update(parse_json(R"({"hidden_act": "gelu", "attention_dropout": 0.5, "vocab_size": 40,
      "rope_scaling": {"type": "longrope"}, "quantization_config": {}, "dtype": "int4"})",
                         "patch"));
  const ModelConfig config = parse_model_config(json, "x", &problems);
  EXPECT_EQ(config.hidden_size, 16);  // what can be read is
  ASSERT_EQ(problems.size(), 5u);
  EXPECT_TRUE(problems[0].starts_with("x: hidden_act: "));
  EXPECT_TRUE(problems[1].starts_with("x: attention_dropout: "));
  EXPECT_TRUE(problems[2].starts_with("x: quantization_config: "));
  EXPECT_TRUE(problems[3].starts_with("x: dtype: "));
  EXPECT_TRUE(problems[4].starts_with("x: rope_scaling.type: "));
  problems.clear();
  parse_model_config(Json{{"model_type", "mamba"}}, "x", &problems);
  EXPECT_EQ(problems.size(), 1u);
}

// ---- sliding windows ----

TEST(ModelConfig, AWindowThatIsNotInUseIsFine) {
  const auto limit = [](const std::string& patch) {
    Json json = patched_config(patch);
    json["architectures"] = nullptr;
    json["num_key_value_heads"] = 2;
    return parse_model_config(json, "x").position_limit;
  };
  EXPECT_EQ(limit(R"({"sliding_window": 8})"), 0);  // Llama has none, whatever the file says
  EXPECT_EQ(limit(R"({"model_type": "qwen2", "sliding_window": 8, "use_sliding_window": false})"),
            0);
  EXPECT_EQ(limit(R"({"model_type": "qwen2", "sliding_window": 8})"), 0);
  EXPECT_EQ(limit(R"({"model_type": "qwen3", "sliding_window": null, "use_sliding_window": true,
                      "max_window_layers": 0})"),
            0);
  // Layers from max_window_layers (28 when absent) on slide.
  EXPECT_EQ(limit(R"({"model_type": "qwen2", "sliding_window": 8, "use_sliding_window": true})"),
            0);
  EXPECT_EQ(limit(R"({"model_type": "qwen2", "sliding_window": 8, "use_sliding_window": true,
                      "max_window_layers": 2})"),
            0);
  EXPECT_EQ(limit(R"({"model_type": "mistral", "sliding_window": null})"), 0);
}

TEST(ModelConfig, AWindowAsLongAsTheContextLimitsPositions) {
  Json json = patched_config(R"({"model_type": "mistral", "architectures": null,
      "num_key_value_heads": 2, "sliding_window": 64, "max_position_embeddings": 64})");
  EXPECT_EQ(parse_model_config(json, "x").position_limit, 64);
  json["sliding_window"] = 63;
  EXPECT_ERROR(CheckpointError, parse_model_config(json, "x"), "a window of 63 is in use");
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

// Scaled RoPE is written for transformers 4, too, which would else compute without it.
TEST(ModelConfig, WritesRopeScalingInBothSpellings) {
  const Json json = to_json(parse_with(
      R"({"rope_theta": 5e5, "rope_scaling": {"type": "yarn", "factor": 4, "beta_fast": 16,
      "original_max_position_embeddings": 512, "truncate": false}})"));
  Json settings = {{"rope_type", "yarn"},
                   {"factor", 4.0},
                   {"beta_fast", 16.0},
                   {"original_max_position_embeddings", 512},
                   {"truncate", false}};
  EXPECT_EQ(nlohmann::json(json.at("rope_scaling")), nlohmann::json(settings));
  settings["rope_theta"] = 5e5;
  EXPECT_EQ(nlohmann::json(json.at("rope_parameters")), nlohmann::json(settings));
  EXPECT_EQ(dump_json(to_json(parse_model_config(json, "again"))), dump_json(json));
}

TEST(ModelConfig, GenerationConfigSaysWhatEndsACompletion) {
  const TempFolder folder;
  std::ofstream(folder / "config.json") << dump_json(small_llama_config());
  const auto stops = [&](const std::string& generation) {
    std::ofstream(folder / "generation_config.json") << generation;
    return read_model_config(folder / "config.json").stop_token_ids();
  };
  EXPECT_EQ(read_model_config(folder / "config.json").stop_token_ids(), std::vector<int64_t>{2});
  EXPECT_EQ(stops(R"({"eos_token_id": [5, 9]})"), (std::vector<int64_t>{5, 9}));
  EXPECT_EQ(stops(R"({"eos_token_id": 7})"), std::vector<int64_t>{7});
  EXPECT_EQ(stops(R"({"temperature": 0.5})"), std::vector<int64_t>{2});
  EXPECT_ERROR(CheckpointError, stops(R"({"eos_token_id": 40})"),
               "generation_config.json: eos_token_id: token 40 is outside the vocabulary of 40");
  EXPECT_EQ(to_json(read_model_config((stops("{}"), folder / "config.json"))).at("eos_token_id"),
            2);
}

TEST(ModelConfig, LayerTypesFollowTheNumberOfLayers) {
  ModelConfig config = parse_with(
      R"({"model_type": "qwen2", "architectures": null, "num_key_value_heads": 4, "layer_types": ["full_attention", "full_attention"]})");
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
  std::ofstream(folder / "config.json") << dump_json(small_llama_config());
  EXPECT_EQ(read_model_config(folder / "config.json").vocab_size, 40);
  std::ofstream(folder / "generation_config.json") << "[]";
  EXPECT_ERROR(CheckpointError, read_model_config(folder / "config.json"),
               "generation_config.json: expected a JSON object, found []");
}

}  // namespace
}  // namespace r1::model
