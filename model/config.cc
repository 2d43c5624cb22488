#include "model/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/error.h"

namespace r1::model {
namespace {

constexpr int64_t kMaxWidth = 100'000'000;  // of one dimension: keeps every product far below 2^63
constexpr int64_t kMaxLayers = 10'000;

// Reads the fields of one config.json; every complaint names the file and the field.
class Fields {
 public:
  Fields(const Json& json, const std::string& where) : json_(json), where_(where) {
    if (!json.is_object()) {
      throw CheckpointError(fmt::format("{}: a config.json is a JSON object, this is {} {}", where,
                                        json.type_name(), shown(json)));
    }
  }

  [[noreturn]] void refuse(std::string_view field, const std::string& problem) const {
    throw CheckpointError(fmt::format("{}: {}: {}", where_, field, problem));
  }

  // The value, or null when the field is absent or null (Hugging Face treats the two alike).
  const Json* find(const char* field) const {
    auto it = json_.find(field);
    return it == json_.end() || it->is_null() ? nullptr : &*it;
  }
  bool has(const char* field) const { return json_.contains(field); }

  int64_t size(const char* field, int64_t max, int64_t fallback = 0) const {
    const Json* value = find(field);
    if (!value) {
      if (fallback > 0) return fallback;
      refuse(field, "missing; is this the config.json of a Llama or Qwen2 model?");
    }
    const int64_t number = integer(field, *value);
    if (number < 1 || number > max) {
      refuse(field, fmt::format("{} is out of range [1, {}]", number, max));
    }
    return number;
  }

  double number(const char* field, double low, double high, double fallback) const {
    const Json* value = find(field);
    return value ? in_range(field, *value, low, high) : fallback;
  }

  double in_range(std::string_view field, const Json& value, double low, double high) const {
    if (!value.is_number()) refuse(field, fmt::format("expected a number, found {}", shown(value)));
    const double number = value.get<double>();
    if (!(number >= low && number <= high)) {
      refuse(field, fmt::format("{} is out of range [{}, {}]", number, low, high));
    }
    return number;
  }

  bool boolean(const char* field, bool fallback) const {
    const Json* value = find(field);
    if (!value) return fallback;
    if (!value->is_boolean()) {
      refuse(field, fmt::format("expected true or false, found {}", shown(*value)));
    }
    return value->get<bool>();
  }

  std::string text(const char* field, const char* fallback) const {
    const Json* value = find(field);
    if (!value) return fallback;
    if (!value->is_string()) refuse(field, fmt::format("expected text, found {}", shown(*value)));
    return value->get<std::string>();
  }

  // -1 means none in old Llama configs.
  int64_t token(const char* field, const Json& value, int64_t vocab_size) const {
    const int64_t id = integer(field, value);
    if (id < -1 || id >= vocab_size) {
      refuse(field, fmt::format("token {} is outside the vocabulary of {}", id, vocab_size));
    }
    return id;
  }

  static std::string shown(const Json& value) {
    std::string text = dump_json(value);
    if (text.size() > 60) text = text.substr(0, 57) + "...";
    return text;
  }

 private:
  int64_t integer(const char* field, const Json& value) const {
    const bool fits = value.is_number_integer() &&
                      (!value.is_number_unsigned() || value.get<uint64_t>() <= uint64_t{1} << 62);
    if (!fits) refuse(field, fmt::format("expected a whole number, found {}", shown(value)));
    return value.get<int64_t>();
  }

  const Json& json_;
  const std::string& where_;
};

std::string architecture_name(const std::string& model_type) {
  return model_type == "qwen2" ? "Qwen2ForCausalLM" : "LlamaForCausalLM";
}

void read_architecture(const Fields& fields, ModelConfig& config) {
  config.model_type = fields.text("model_type", "");
  if (config.model_type != "llama" && config.model_type != "qwen2") {
    fields.refuse("model_type", fmt::format("'{}' is not supported; this version reads llama and "
                                            "qwen2 checkpoints",
                                            config.model_type));
  }
  const Json* names = fields.find("architectures");
  if (!names) return;
  const std::string wanted = architecture_name(config.model_type);
  if (!names->is_array() || std::find(names->begin(), names->end(), Json(wanted)) == names->end()) {
    fields.refuse("architectures", fmt::format("expected [\"{}\"] for model_type {}, found {}",
                                               wanted, config.model_type, Fields::shown(*names)));
  }
}

void read_shape(const Fields& fields, ModelConfig& config) {
  config.vocab_size = fields.size("vocab_size", kMaxWidth);
  config.hidden_size = fields.size("hidden_size", kMaxWidth);
  config.intermediate_size = fields.size("intermediate_size", kMaxWidth);
  config.num_hidden_layers = fields.size("num_hidden_layers", kMaxLayers);
  config.num_attention_heads = fields.size("num_attention_heads", kMaxWidth);
  config.num_key_value_heads =
      fields.size("num_key_value_heads", kMaxWidth, config.num_attention_heads);
  config.max_position_embeddings = fields.size("max_position_embeddings", int64_t{1} << 40,
                                               config.model_type == "qwen2" ? 32768 : 2048);
  if (config.num_attention_heads % config.num_key_value_heads != 0) {
    fields.refuse("num_key_value_heads",
                  fmt::format("{} does not divide num_attention_heads {}",
                              config.num_key_value_heads, config.num_attention_heads));
  }
  const bool divides = config.hidden_size % config.num_attention_heads == 0;
  if (!divides && (config.model_type == "llama" || !fields.find("head_dim"))) {
    fields.refuse("num_attention_heads",
                  fmt::format("{} does not divide hidden_size {}", config.num_attention_heads,
                              config.hidden_size));
  }
  config.head_dim = fields.size(
      "head_dim", kMaxWidth, std::max<int64_t>(1, config.hidden_size / config.num_attention_heads));
  if (config.head_dim % 2 != 0) {
    fields.refuse("head_dim",
                  fmt::format("{} is odd; rotary embeddings need pairs", config.head_dim));
  }
  if (config.num_attention_heads * config.head_dim > kMaxWidth) {
    fields.refuse("head_dim", fmt::format("{} x {} heads is out of range [1, {}]", config.head_dim,
                                          config.num_attention_heads, kMaxWidth));
  }
}

// transformers 5 nests the settings under rope_parameters; older files have rope_theta and
// rope_scaling at the top.
void read_rope(const Fields& fields, ModelConfig& config) {
  constexpr double kMaxTheta = 1e15;
  const Json* top = fields.find("rope_theta");
  if (top) config.rope_theta = fields.in_range("rope_theta", *top, 1.0, kMaxTheta);
  for (const char* block : {"rope_scaling", "rope_parameters"}) {
    const Json* settings = fields.find(block);
    if (!settings) continue;
    if (!settings->is_object()) {
      fields.refuse(block, fmt::format("expected an object, found {}", Fields::shown(*settings)));
    }
    for (const auto& [key, value] : settings->items()) {
      const std::string name = fmt::format("{}.{}", block, key);
      if (value.is_null()) continue;
      if (key == "rope_type" || key == "type") {
        if (value != "default") {
          fields.refuse(name,
                        fmt::format("{} is not supported; only \"default\" (no RoPE scaling) is",
                                    Fields::shown(value)));
        }
      } else if (key == "rope_theta") {
        const double theta = fields.in_range(name, value, 1.0, kMaxTheta);
        if (top && theta != config.rope_theta) {
          fields.refuse(name, fmt::format("{} contradicts rope_theta {}; make them agree", theta,
                                          config.rope_theta));
        }
        config.rope_theta = theta;
      } else if (key != "partial_rotary_factor" || value != 1.0) {
        fields.refuse(name, fmt::format("{} is not supported", Fields::shown(value)));
      }
    }
  }
}

// Settings that would change the result and that the forward does not have: refused unless they
// have the value given here.
void refuse_unsupported(const Fields& fields, const std::string& model_type) {
  struct Rule {
    const char* field;
    Json only;
  };
  static const std::vector<Rule> rules = {
      {"hidden_act", "silu"},         {"pretraining_tp", 1},         {"partial_rotary_factor", 1.0},
      {"attention_dropout", 0.0},     {"use_sliding_window", false}, {"is_encoder_decoder", false},
      {"add_cross_attention", false}, {"is_causal", true},
  };
  for (const Rule& rule : rules) {
    const Json* value = fields.find(rule.field);
    if (value && *value != rule.only) {
      fields.refuse(rule.field,
                    fmt::format("{} is not supported for {} models, only {} is",
                                Fields::shown(*value), model_type, dump_json(rule.only)));
    }
  }
  for (const char* field : {"quantization_config", "compression_config"}) {
    if (fields.find(field)) {
      fields.refuse(field,
                    "quantised weights are not supported; save the model in bfloat16, float16 "
                    "or float32 first");
    }
  }
  if (const Json* types = fields.find("layer_types")) {
    for (const Json& type : *types) {
      if (type != "full_attention") {
        fields.refuse("layer_types", fmt::format("{} is not supported, only \"full_attention\" is",
                                                 Fields::shown(type)));
      }
    }
  }
}

void read_tokens(const Fields& fields, ModelConfig& config) {
  // LlamaConfig's own defaults apply when the field is absent; null means none.
  const bool llama = config.model_type == "llama";
  if (const Json* value = fields.find("bos_token_id")) {
    config.bos_token_id = fields.token("bos_token_id", *value, config.vocab_size);
  } else if (llama && !fields.has("bos_token_id") && config.vocab_size > 1) {
    config.bos_token_id = 1;
  }
  if (const Json* value = fields.find("pad_token_id")) {
    config.pad_token_id = fields.token("pad_token_id", *value, config.vocab_size);
  }
  const Json* eos = fields.find("eos_token_id");
  if (!eos) {
    if (llama && !fields.has("eos_token_id") && config.vocab_size > 2) config.eos_token_ids = {2};
    return;
  }
  const Json list = eos->is_array() ? *eos : Json::array({*eos});
  for (const Json& value : list) {
    const int64_t id = fields.token("eos_token_id", value, config.vocab_size);
    if (id >= 0) config.eos_token_ids.push_back(id);
  }
}

std::string read_dtype(const Fields& fields) {
  const char* field = fields.find("dtype") ? "dtype" : "torch_dtype";
  const std::string dtype = fields.text(field, "float32");
  for (const char* known : {"float32", "bfloat16", "float16", "float64"}) {
    if (dtype == known) return dtype;
  }
  fields.refuse(field, fmt::format("'{}' is not supported; expected float32, bfloat16, float16 or "
                                   "float64",
                                   dtype));
}

Json id_or_null(int64_t id) { return id < 0 ? Json(nullptr) : Json(id); }

Json sorted_by_key(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  Json sorted = Json::object();
  for (const std::string& key : keys) sorted[key] = json.at(key);
  return sorted;
}

}  // namespace

ModelConfig parse_model_config(const Json& json, const std::string& where) {
  const Fields fields(json, where);
  ModelConfig config;
  read_architecture(fields, config);
  refuse_unsupported(fields, config.model_type);
  read_shape(fields, config);
  read_rope(fields, config);
  config.rms_norm_eps = fields.number("rms_norm_eps", 1e-30, 1.0, 1e-6);
  config.initializer_range = fields.number("initializer_range", 0.0, 1.0, 0.02);
  config.tie_word_embeddings = fields.boolean("tie_word_embeddings", false);
  if (config.model_type == "llama") {  // Qwen2 has no such switches: its biases are fixed
    config.attention_bias = fields.boolean("attention_bias", false);
    config.mlp_bias = fields.boolean("mlp_bias", false);
  }
  config.dtype = read_dtype(fields);
  read_tokens(fields, config);
  config.raw = json;
  return config;
}

ModelConfig read_model_config(const std::filesystem::path& config_json) {
  const std::filesystem::path generation_json =
      config_json.parent_path() / "generation_config.json";
  std::error_code ignored;
  try {
    ModelConfig config = parse_model_config(read_json(config_json), config_json.string());
    if (std::filesystem::exists(generation_json, ignored)) {
      config.generation = read_json(generation_json);
      if (!config.generation.is_object())
        throw CheckpointError(generation_json.string() + ": expected a JSON object");
    }
    return config;
  } catch (const CheckpointError&) {
    throw;
  } catch (const Error& error) {
    throw CheckpointError(fmt::format("cannot read the model's configuration: {}", error.what()));
  }
}

Json to_json(const ModelConfig& config) {
  Json json = config.raw;
  json["architectures"] = Json::array({architecture_name(config.model_type)});
  json["model_type"] = config.model_type;
  json["vocab_size"] = config.vocab_size;
  json["hidden_size"] = config.hidden_size;
  json["intermediate_size"] = config.intermediate_size;
  json["num_hidden_layers"] = config.num_hidden_layers;
  json["num_attention_heads"] = config.num_attention_heads;
  json["num_key_value_heads"] =
      config.num_key_value_heads > 0 ? config.num_key_value_heads : config.num_attention_heads;
  const int64_t usual_head_dim = config.hidden_size / config.num_attention_heads;
  const int64_t head_dim = config.head_dim > 0 ? config.head_dim : usual_head_dim;
  if (config.model_type == "llama" || head_dim != usual_head_dim || json.contains("head_dim")) {
    json["head_dim"] = head_dim;
  }
  json["max_position_embeddings"] = config.max_position_embeddings;
  json["hidden_act"] = "silu";
  json["rms_norm_eps"] = config.rms_norm_eps;
  // Both spellings: transformers 4 and the servers built on it would fall back to 10000 without the
  // older one.
  json["rope_theta"] = config.rope_theta;
  json["rope_parameters"] = Json{{"rope_theta", config.rope_theta}, {"rope_type", "default"}};
  json.erase("rope_scaling");
  json["tie_word_embeddings"] = config.tie_word_embeddings;
  if (config.model_type == "llama") {
    json["attention_bias"] = config.attention_bias;
    json["mlp_bias"] = config.mlp_bias;
  }
  if (json.contains("layer_types")) {
    json["layer_types"] = std::vector<std::string>(config.num_hidden_layers, "full_attention");
  }
  json["initializer_range"] = config.initializer_range;
  json["dtype"] = config.dtype;
  json.erase("torch_dtype");
  json["bos_token_id"] = id_or_null(config.bos_token_id);
  json["pad_token_id"] = id_or_null(config.pad_token_id);
  if (config.eos_token_ids.size() > 1) {
    json["eos_token_id"] = config.eos_token_ids;
  } else {
    json["eos_token_id"] = id_or_null(config.eos_token_ids.empty() ? -1 : config.eos_token_ids[0]);
  }
  return sorted_by_key(json);
}

int64_t count_parameters(const ModelConfig& config) {
  const bool qwen2 = config.model_type == "qwen2";
  const int64_t head_dim =
      config.head_dim > 0 ? config.head_dim : config.hidden_size / config.num_attention_heads;
  const int64_t kv_heads =
      config.num_key_value_heads > 0 ? config.num_key_value_heads : config.num_attention_heads;
  const int64_t q = config.num_attention_heads * head_dim;
  const int64_t kv = kv_heads * head_dim;
  const int64_t hidden = config.hidden_size;
  const int64_t ff = config.intermediate_size;
  int64_t layer = 2 * hidden + 2 * hidden * q + 2 * hidden * kv + 3 * hidden * ff;
  if (qwen2 || config.attention_bias) layer += q + 2 * kv;
  if (!qwen2 && config.attention_bias) layer += hidden;
  if (!qwen2 && config.mlp_bias) layer += 2 * ff + hidden;
  const int64_t embeddings = config.vocab_size * hidden * (config.tie_word_embeddings ? 1 : 2);
  return embeddings + config.num_hidden_layers * layer + hidden;
}

}  // namespace r1::model
