#include "model/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/error.h"
#include "model/causal_lm.h"
#include "model/config_fields.h"
#include "model/registry.h"
#include "model/rope_config.h"

namespace r1::model {
namespace {

constexpr int64_t kMaxWidth = 100'000'000;  // of one dimension: keeps a tensor far below 2^63
constexpr int64_t kMaxLayers = 10'000;
constexpr double kMaxParameters = 1e15;
constexpr JsonLimits kLimits = {.max_bytes = size_t{16} << 20, .max_depth = 32};

// nullptr, after a complaint, when there is no such architecture.
const Architecture* read_architecture(const ConfigFields& fields, ModelConfig& config) {
  config.model_type = fields.text("model_type", "");
  const Architecture* known = find_architecture(config.model_type);
  if (!known) {
    fields.refuse("model_type", "unsupported",
                  fmt::format("'{}' is not supported; this version reads {} checkpoints",
                              config.model_type, fmt::join(architectures(), ", ")));
  }
  return known;
}

void check_class_name(const ConfigFields& fields, const Architecture& known) {
  const Json* names = fields.find("architectures");
  if (!names) return;
  if (!names->is_array() ||
      std::find(names->begin(), names->end(), Json(known.class_name)) == names->end()) {
    fields.refuse("architectures", "unsupported",
                  fmt::format("expected [\"{}\"] for model_type {}, found {}", known.class_name,
                              known.model_type, ConfigFields::shown(*names)));
  }
}

int64_t usual_kv_heads(const ConfigFields& fields, const Architecture& known, int64_t heads) {
  // null is not the same as absent here: it means "as many as query heads" in every family.
  const bool is_null = fields.has("num_key_value_heads");
  return is_null || known.num_key_value_heads == 0 ? heads : known.num_key_value_heads;
}

void read_shape(const ConfigFields& fields, const Architecture& known, ModelConfig& config) {
  config.vocab_size = fields.size("vocab_size", kMaxWidth);
  config.hidden_size = fields.size("hidden_size", kMaxWidth);
  config.intermediate_size = fields.size("intermediate_size", kMaxWidth);
  config.num_hidden_layers = fields.size("num_hidden_layers", kMaxLayers);
  config.num_attention_heads = fields.size("num_attention_heads", kMaxWidth);
  config.num_key_value_heads = fields.size(
      "num_key_value_heads", kMaxWidth, usual_kv_heads(fields, known, config.num_attention_heads));
  config.max_position_embeddings =
      fields.size("max_position_embeddings", int64_t{1} << 40, known.max_position_embeddings);
  if (config.num_attention_heads % config.num_key_value_heads != 0) {
    fields.refuse("num_key_value_heads", "out_of_range",
                  fmt::format("{} does not divide num_attention_heads {}",
                              config.num_key_value_heads, config.num_attention_heads));
  }
}

void read_head_dim(const ConfigFields& fields, const Architecture& known, ModelConfig& config) {
  const bool given = fields.find("head_dim") || known.head_dim > 0;
  const bool divides = config.hidden_size % config.num_attention_heads == 0;
  if (!divides && (!known.free_head_dim || !given)) {
    fields.refuse("num_attention_heads", "out_of_range",
                  fmt::format("{} does not divide hidden_size {}", config.num_attention_heads,
                              config.hidden_size));
  }
  const int64_t usual = known.head_dim > 0
                            ? known.head_dim
                            : std::max<int64_t>(1, config.hidden_size / config.num_attention_heads);
  config.head_dim = fields.size("head_dim", kMaxWidth, usual);
  if (config.head_dim % 2 != 0) {
    fields.refuse("head_dim", "out_of_range",
                  fmt::format("{} is odd; rotary embeddings need pairs", config.head_dim));
  }
  if (config.num_attention_heads * config.head_dim > kMaxWidth) {
    fields.refuse("head_dim", "out_of_range",
                  fmt::format("{} x {} heads is out of range [1, {}]", config.head_dim,
                              config.num_attention_heads, kMaxWidth));
  }
}

void check_size(const ConfigFields& fields, const ModelConfig& config) {
  const auto wide = [](int64_t x) { return static_cast<double>(x); };
  const double layer =
      wide(config.hidden_size) *
      (4 * wide(config.num_attention_heads * config.head_dim) + 3 * wide(config.intermediate_size));
  const double all = wide(config.num_hidden_layers) * layer +
                     2 * wide(config.vocab_size) * wide(config.hidden_size);
  if (all > kMaxParameters) {
    fields.refuse("hidden_size", "out_of_range",
                  fmt::format("a model of {:.2g} parameters is out of range [1, {:.0e}]", all,
                              kMaxParameters));
  }
}

// Settings that would change the result and that the forward does not have: refused unless they
// have the value given here.
struct Rule {
  const char* field;
  Json only;
};
const std::vector<Rule>& rules() {
  static const std::vector<Rule> all = {
      {"hidden_act", "silu"},         {"pretraining_tp", 1},         {"partial_rotary_factor", 1.0},
      {"attention_dropout", 0.0},     {"is_encoder_decoder", false}, {"is_causal", true},
      {"add_cross_attention", false}, {"rope_interleaved", false},   {"use_mrope", false},
  };
  return all;
}

void check_rule(const ConfigFields& fields, const std::string& model_type, const Rule& rule) {
  const Json* value = fields.find(rule.field);
  if (!value || *value == rule.only) return;
  fields.refuse(rule.field, "unsupported",
                fmt::format("{} is not supported for {} models, only {} is",
                            ConfigFields::shown(*value), model_type, dump_json(rule.only)));
}

void check_quantization(const ConfigFields& fields) {
  for (const char* field : {"quantization_config", "compression_config"}) {
    if (!fields.find(field)) continue;
    fields.refuse(field, "unsupported",
                  "quantised weights are not supported; save the model in bfloat16, float16 or "
                  "float32 first");
  }
}

void check_layer_types(const ConfigFields& fields, const ModelConfig& config) {
  const Json* types = fields.find("layer_types");
  if (!types) return;
  if (!types->is_array() || types->size() != static_cast<size_t>(config.num_hidden_layers)) {
    fields.refuse("layer_types", "wrong_type",
                  fmt::format("expected one type for each of {} layers, found {}",
                              config.num_hidden_layers, ConfigFields::shown(*types)));
  }
  for (const Json& type : *types) {
    if (type == "full_attention") continue;
    fields.refuse(
        "layer_types", "unsupported",
        fmt::format("{} is not supported, only \"full_attention\" is", ConfigFields::shown(type)));
  }
}

// The window that some layer of the model uses; 0: none does.
int64_t window_in_use(const ConfigFields& fields, const Architecture& known,
                      const ModelConfig& config) {
  constexpr int64_t kUsual = 4096, kUsualFirstLayer = 28, kMax = int64_t{1} << 40;
  if (known.sliding_window == SlidingWindow::kNever) return 0;
  if (known.sliding_window == SlidingWindow::kWhenSwitchedOn) {
    if (!fields.boolean("use_sliding_window", false) || fields.find("layer_types")) return 0;
    const Json* first = fields.find("max_window_layers");
    const int64_t first_layer =
        first ? fields.integer("max_window_layers", *first) : kUsualFirstLayer;
    if (first_layer >= config.num_hidden_layers) return 0;
  }
  if (fields.has("sliding_window") && !fields.find("sliding_window")) return 0;
  return fields.size("sliding_window", kMax, kUsual);
}

// A query sees the `window` newest keys: all of them in sequences that are no longer than that.
void read_sliding_window(const ConfigFields& fields, const Architecture& known,
                         ModelConfig& config) {
  const int64_t window = window_in_use(fields, known, config);
  if (window == 0) return;
  if (window < config.max_position_embeddings) {
    fields.refuse("sliding_window", "unsupported",
                  fmt::format("a window of {} is in use and is not supported; shorter contexts "
                              "than the window are: set max_position_embeddings, now {}, to {}",
                              window, config.max_position_embeddings, window));
  }
  config.limit_positions(window);
}

// The ids of a field that holds one or several.
std::vector<int64_t> read_ids(const ConfigFields& fields, const char* field, const Json& value,
                              int64_t vocab_size) {
  std::vector<int64_t> ids;
  for (const Json& one : value.is_array() ? value : Json::array({value})) {
    const int64_t id = fields.token(field, one, vocab_size);
    if (id >= 0) ids.push_back(id);
  }
  return ids;
}

void read_tokens(const ConfigFields& fields, const Architecture& known, ModelConfig& config) {
  // The family's own defaults apply when the field is absent; null means none.
  const auto usual = [&](const char* field, int64_t id) {
    return fields.has(field) || id >= config.vocab_size ? -1 : id;
  };
  const Json* bos = fields.find("bos_token_id");
  config.bos_token_id = bos ? fields.token("bos_token_id", *bos, config.vocab_size)
                            : usual("bos_token_id", known.bos_token_id);
  if (const Json* pad = fields.find("pad_token_id"))
    config.pad_token_id = fields.token("pad_token_id", *pad, config.vocab_size);
  if (const Json* eos = fields.find("eos_token_id")) {
    config.eos_token_ids = read_ids(fields, "eos_token_id", *eos, config.vocab_size);
  } else if (usual("eos_token_id", known.eos_token_id) >= 0) {
    config.eos_token_ids = {known.eos_token_id};
  }
}

std::string read_dtype(const ConfigFields& fields) {
  const char* field = fields.find("dtype") ? "dtype" : "torch_dtype";
  const std::string dtype = fields.text(field, "float32");
  for (const char* known : {"float32", "bfloat16", "float16", "float64"}) {
    if (dtype == known) return dtype;
  }
  fields.refuse(
      field, "unsupported",
      fmt::format("'{}' is not supported; expected float32, bfloat16, float16 or float64", dtype));
}

// Runs steps of reading. With a list, what a step throws is noted there, and the next one runs.
class Steps {
 public:
  explicit Steps(std::vector<std::string>* problems) : problems_(problems) {}
  template <class Step>
  bool operator()(Step&& step) {
    if (!problems_) {
      step();
      return true;
    }
    try {
      step();
      return true;
    } catch (const CheckpointError& error) {
      problems_->push_back(error.what());
      return false;
    }
  }

 private:
  std::vector<std::string>* problems_;
};

void read_settings(const ConfigFields& fields, ModelConfig& config, const Architecture& known,
                   Steps& step) {
  step([&] { config.rms_norm_eps = fields.number("rms_norm_eps", 1e-30, 1.0, 1e-6); });
  step([&] { config.initializer_range = fields.number("initializer_range", 0.0, 1.0, 0.02); });
  step([&] { config.tie_word_embeddings = fields.boolean("tie_word_embeddings", false); });
  if (known.has_attention_bias)
    step([&] { config.attention_bias = fields.boolean("attention_bias", false); });
  if (known.has_mlp_bias) step([&] { config.mlp_bias = fields.boolean("mlp_bias", false); });
  step([&] { config.dtype = read_dtype(fields); });
}

void read_generation_config(const std::filesystem::path& path, ModelConfig& config) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return;
  config.generation = read_json(path, kLimits);
  const std::string where = path.string();
  const ConfigFields fields(config.generation, where);
  if (const Json* eos = fields.find("eos_token_id"))
    config.generation_eos_token_ids = read_ids(fields, "eos_token_id", *eos, config.vocab_size);
}

Json id_or_null(int64_t id) { return id < 0 ? Json(nullptr) : Json(id); }

Json sorted_by_key(const Json& json) {
  std::map<std::string, const Json*> members;
  for (const auto& [key, value] : json.items()) members[key] = &value;
  Json::object_t sorted;
  for (const auto& [key, value] : members) sorted.emplace_back(key, *value);
  return sorted;
}

}  // namespace

ModelConfig parse_model_config(const Json& json, const std::string& where,
                               std::vector<std::string>* problems) {
  ModelConfig config;
  const Architecture* known = nullptr;
  Steps step(problems);
  step([&] {
    const ConfigFields fields(json, where);
    config.raw = json;
    step([&] { known = read_architecture(fields, config); });
    for (const Rule& rule : rules()) step([&] { check_rule(fields, config.model_type, rule); });
    step([&] { check_quantization(fields); });
    if (!known) return;
    step([&] { check_class_name(fields, *known); });
    read_settings(fields, config, *known, step);
    if (!step([&] { read_shape(fields, *known, config); })) return;
    step([&] { check_layer_types(fields, config); });
    step([&] { read_rope(fields, config); });
    step([&] { read_sliding_window(fields, *known, config); });
    step([&] { read_tokens(fields, *known, config); });
    step([&] {
      read_head_dim(fields, *known, config);
      check_size(fields, config);
    });
  });
  return config;
}

ModelConfig read_model_config(const std::filesystem::path& config_json,
                              std::vector<std::string>* problems) {
  const auto generation_json = config_json.parent_path() / "generation_config.json";
  ModelConfig config;
  Steps step(problems);
  const auto readable = [](const auto& read) {
    try {
      read();
    } catch (const CheckpointError&) {
      throw;
    } catch (const Error& error) {
      throw CheckpointError(
          fmt::format("cannot read the model's configuration: {} [bad_json]", error.what()));
    }
  };
  step([&] {
    std::error_code ignored;
    if (!std::filesystem::exists(config_json, ignored))
      throw CheckpointError(fmt::format("{}: no such file [not_found]", config_json.string()));
    readable([&] {
      config = parse_model_config(read_json(config_json, kLimits), config_json.string(), problems);
    });
  });
  if (config.vocab_size > 0)
    step([&] { readable([&] { read_generation_config(generation_json, config); }); });
  return config;
}

Json to_json(const ModelConfig& config) {
  const Architecture& known = architecture_of(config.model_type);
  Json json = config.raw;
  json["architectures"] = Json::array({known.class_name});
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
  if (known.writes_head_dim || head_dim != usual_head_dim || json.contains("head_dim"))
    json["head_dim"] = head_dim;
  json["max_position_embeddings"] = config.max_position_embeddings;
  json["hidden_act"] = "silu";
  json["rms_norm_eps"] = config.rms_norm_eps;
  write_rope(config, json);
  json["tie_word_embeddings"] = config.tie_word_embeddings;
  if (known.has_attention_bias) json["attention_bias"] = config.attention_bias;
  if (known.has_mlp_bias) json["mlp_bias"] = config.mlp_bias;
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
  const DecoderParts parts = architecture_of(config.model_type).parts(config);
  const int64_t head_dim =
      config.head_dim > 0 ? config.head_dim : config.hidden_size / config.num_attention_heads;
  const int64_t kv_heads =
      config.num_key_value_heads > 0 ? config.num_key_value_heads : config.num_attention_heads;
  const int64_t q = config.num_attention_heads * head_dim;
  const int64_t kv = kv_heads * head_dim;
  const int64_t hidden = config.hidden_size;
  const int64_t ff = config.intermediate_size;
  int64_t layer = 2 * hidden + 2 * hidden * q + 2 * hidden * kv + 3 * hidden * ff;
  if (parts.qkv_bias) layer += q + 2 * kv;
  if (parts.o_bias) layer += hidden;
  if (parts.mlp_bias) layer += 2 * ff + hidden;
  if (parts.qk_norm) layer += 2 * head_dim;
  const int64_t embeddings = config.vocab_size * hidden * (config.tie_word_embeddings ? 1 : 2);
  return embeddings + config.num_hidden_layers * layer + hidden;
}

}  // namespace r1::model
