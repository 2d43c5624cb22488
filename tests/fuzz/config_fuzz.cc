// config.json. What is accepted is written and read again as the same, and has a size and rotary
// frequencies that are numbers.
#include <cmath>
#include <filesystem>

#include "base/error.h"
#include "base/json.h"
#include "base/philox.h"
#include "model/config.h"
#include "tests/fuzz/fuzz.h"
#include "tests/model/malformed_configs.h"

namespace r1::fuzz {
namespace {

using namespace r1::model;

void check_accepted(const ModelConfig& config, std::string_view input) {
  const Json written = to_json(config);
  if (dump_json(to_json(parse_model_config(written, "again"))) != dump_json(written))
    broken_promise("written and read again is the same", input);
  if (count_parameters(config) <= 0) broken_promise("a number of parameters", input);
  if (config.head_dim > 4096) return;
  const auto frequencies =
      rope_frequencies(config.head_dim, config.rope_theta, config.rope_scaling);
  for (const float frequency : frequencies.inverse)
    if (!std::isfinite(frequency)) broken_promise("finite frequencies", input);
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> all = {dump_json(small_llama_config())};
  for (const auto& list : {unsupported_configs(), malformed_configs()})
    for (const MalformedConfig& one : list) all.push_back(dump_json(patched_config(one.patch)));
  const Json goldens =
      read_json(std::filesystem::path(R1_TEST_DATA) / "model" / "architecture_goldens.json");
  for (const Json& golden : goldens.at("models")) all.push_back(dump_json(golden.at("config")));
  for (const Json& rope : goldens.at("rope")) {
    Json config = small_llama_config();
    config["rope_parameters"] = rope.at("rope_parameters");
    all.push_back(dump_json(config));
  }
  return all;
}

void run(std::string_view input) {
  Json json;
  try {
    json = parse_json(input, "config.json", {.max_depth = 32});
  } catch (const DataError&) {
    return;
  }
  std::vector<std::string> problems;
  parse_model_config(json, "config.json", &problems);
  bool accepted = false;
  try {
    const ModelConfig config = parse_model_config(json, "config.json");
    accepted = true;
    check_accepted(config, input);
  } catch (const CheckpointError&) {
    if (accepted) broken_promise("what is written is accepted", input);
  }
  if (accepted != problems.empty()) broken_promise("a list of the reasons", input);
}

// One member added, changed or removed, at the top or in a block below it.
std::string mutated(const std::string& input, uint64_t seed) {
  static const std::vector<const char*> kKeys = {"model_type",
                                                 "architectures",
                                                 "vocab_size",
                                                 "hidden_size",
                                                 "intermediate_size",
                                                 "num_hidden_layers",
                                                 "num_attention_heads",
                                                 "num_key_value_heads",
                                                 "head_dim",
                                                 "max_position_embeddings",
                                                 "rope_theta",
                                                 "rope_scaling",
                                                 "rope_parameters",
                                                 "rope_type",
                                                 "type",
                                                 "factor",
                                                 "low_freq_factor",
                                                 "high_freq_factor",
                                                 "attention_factor",
                                                 "beta_fast",
                                                 "beta_slow",
                                                 "mscale",
                                                 "mscale_all_dim",
                                                 "truncate",
                                                 "original_max_position_embeddings",
                                                 "tie_word_embeddings",
                                                 "attention_bias",
                                                 "dtype",
                                                 "torch_dtype",
                                                 "eos_token_id",
                                                 "bos_token_id",
                                                 "pad_token_id",
                                                 "sliding_window",
                                                 "use_sliding_window",
                                                 "max_window_layers",
                                                 "layer_types",
                                                 "rms_norm_eps",
                                                 "hidden_act"};
  static const std::vector<Json> kValues = {nullptr,
                                            true,
                                            false,
                                            0,
                                            1,
                                            2,
                                            3,
                                            4,
                                            8,
                                            16,
                                            -1,
                                            1e-30,
                                            0.5,
                                            1e15,
                                            1e300,
                                            100'000'000,
                                            10'000,
                                            int64_t{1} << 40,
                                            uint64_t{18446744073709551615u},
                                            "",
                                            "llama",
                                            "qwen2",
                                            "qwen3",
                                            "mistral",
                                            "default",
                                            "linear",
                                            "dynamic",
                                            "yarn",
                                            "llama3",
                                            "float16",
                                            "silu",
                                            "full_attention",
                                            Json::array(),
                                            Json::object(),
                                            Json::array({1, 2}),
                                            Json::array({"full_attention", "full_attention"})};
  Json json;
  try {
    json = parse_json(input, "config.json", {.max_depth = 32});
  } catch (const DataError&) {
  }
  if (!json.is_object()) json = small_llama_config();
  const RandomStream stream(seed, "config_fuzz", Purpose::kData);
  uint32_t draw = 0;
  const auto below = [&](size_t n) {
    return static_cast<size_t>(stream.below(static_cast<uint32_t>(n), 0, 0, draw++));
  };
  for (size_t i = 1 + below(3); i > 0; --i) {
    Json* target = &json;
    for (const char* block : {"rope_scaling", "rope_parameters"})
      if (json.contains(block) && json[block].is_object() && below(3) == 0) target = &json[block];
    const char* key = kKeys[below(kKeys.size())];
    if (below(6) == 0)
      target->erase(key);
    else
      (*target)[key] = kValues[below(kValues.size())];
  }
  return dump_json(json);
}

}  // namespace r1::fuzz
