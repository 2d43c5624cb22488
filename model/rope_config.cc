#include "model/rope_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <vector>

#include "base/error.h"

namespace r1::model {
namespace {

constexpr double kMaxTheta = 1e15;
constexpr double kMaxFactor = 1e6;

// One numeric setting of some types.
struct Setting {
  const char* name;
  double low, high;
  void (*set)(RopeScaling&, double);
  std::optional<double> (*get)(const RopeScaling&);  // nullopt: not written
};

constexpr Setting kFactor = {"factor", 1 / kMaxFactor, kMaxFactor,
                             [](RopeScaling& s, double x) { s.factor = x; },
                             [](const RopeScaling& s) { return std::optional(s.factor); }};
constexpr Setting kLowFreqFactor = {
    "low_freq_factor", 1 / kMaxFactor, kMaxFactor,
    [](RopeScaling& s, double x) { s.low_freq_factor = x; },
    [](const RopeScaling& s) { return std::optional(s.low_freq_factor); }};
constexpr Setting kHighFreqFactor = {
    "high_freq_factor", 1 / kMaxFactor, kMaxFactor,
    [](RopeScaling& s, double x) { s.high_freq_factor = x; },
    [](const RopeScaling& s) { return std::optional(s.high_freq_factor); }};
constexpr Setting kYarn[] = {
    kFactor,
    {"attention_factor", 0, kMaxFactor, [](RopeScaling& s, double x) { s.attention_factor = x; },
     [](const RopeScaling& s) { return s.attention_factor; }},
    {"beta_fast", 1 / kMaxFactor, kMaxFactor, [](RopeScaling& s, double x) { s.beta_fast = x; },
     [](const RopeScaling& s) { return s.beta_fast; }},
    {"beta_slow", 1 / kMaxFactor, kMaxFactor, [](RopeScaling& s, double x) { s.beta_slow = x; },
     [](const RopeScaling& s) { return s.beta_slow; }},
    {"mscale", 0, kMaxFactor, [](RopeScaling& s, double x) { s.mscale = x; },
     [](const RopeScaling& s) { return s.mscale; }},
    {"mscale_all_dim", 0, kMaxFactor, [](RopeScaling& s, double x) { s.mscale_all_dim = x; },
     [](const RopeScaling& s) { return s.mscale_all_dim; }},
};

// What a type of RoPE takes besides rope_theta; `required` ones have no default.
struct Type {
  const char* name;
  std::vector<Setting> required, optional;
  bool original_context;  // takes original_max_position_embeddings
};

const std::vector<Type>& types() {
  static const std::vector<Type> all = {
      {"default", {}, {}, false},
      {"linear", {kFactor}, {}, false},
      {"dynamic", {kFactor}, {}, false},
      {"yarn", {}, {std::begin(kYarn), std::end(kYarn)}, true},
      {"llama3", {kFactor, kLowFreqFactor, kHighFreqFactor}, {}, true},
  };
  return all;
}

const Type& type_named(std::string_view name) {
  const auto known = std::ranges::find(types(), name, &Type::name);
  R1_CHECK(known != types().end(), "no such type of RoPE");
  return *known;
}

// rope_scaling or rope_parameters.
class Block {
 public:
  Block(const ConfigFields& fields, const char* name, const Json& json)
      : fields_(fields), name_(name), json_(json) {
    if (!json.is_object())
      fields.refuse(name, "wrong_type",
                    fmt::format("expected an object, found {}", ConfigFields::shown(json)));
  }

  std::optional<double> theta() {
    const Json* value = take("rope_theta");
    if (!value) return std::nullopt;
    return fields_.in_range(path("rope_theta"), *value, 1.0, kMaxTheta);
  }

  RopeScaling scaling(const ModelConfig& config) {
    RopeScaling scaling;
    const Type& type = read_type();
    scaling.type = type.name;
    for (const Setting& setting : type.required) {
      if (!read_setting(setting, scaling))
        fields_.refuse(path(setting.name), "missing",
                       fmt::format("missing; {} RoPE needs it", type.name));
    }
    bool has_factor = type.name != std::string("yarn");
    for (const Setting& setting : type.optional) {
      const bool found = read_setting(setting, scaling);
      has_factor |= found && setting.name == std::string("factor");
    }
    if (type.original_context) read_original_context(config, scaling);
    if (scaling.type == "yarn") read_yarn(config, has_factor, scaling);
    if (scaling.high_freq_factor <= scaling.low_freq_factor) {
      fields_.refuse(path("high_freq_factor"), "out_of_range",
                     fmt::format("{} is not above low_freq_factor {}", scaling.high_freq_factor,
                                 scaling.low_freq_factor));
    }
    refuse_others(type);
    return scaling;
  }

 private:
  std::string path(std::string_view key) const { return fmt::format("{}.{}", name_, key); }

  // The value unless it is absent or null.
  const Json* take(const std::string& key) {
    taken_.push_back(key);
    const auto it = json_.find(key);
    return it == json_.end() || it->is_null() ? nullptr : &*it;
  }

  const Type& read_type() {
    std::string name;
    for (const char* key : {"rope_type", "type"}) {  // the second one is the older spelling
      const Json* value = take(key);
      if (!value) continue;
      const std::string text = value->is_string() ? value->get<std::string>() : "";
      const auto known = std::ranges::find(types(), text, &Type::name);
      if (known == types().end()) {
        fields_.refuse(path(key), "unsupported",
                       fmt::format("{} is not supported; default, linear, dynamic, yarn and llama3 "
                                   "RoPE are",
                                   ConfigFields::shown(*value)));
      }
      if (!name.empty() && text != name)
        fields_.refuse(path(key), "contradiction",
                       fmt::format("\"{}\" contradicts rope_type \"{}\"", text, name));
      name = text;
    }
    return type_named(name.empty() ? "default" : name);
  }

  bool read_setting(const Setting& setting, RopeScaling& scaling) {
    const Json* value = take(setting.name);
    if (value)
      setting.set(scaling, fields_.in_range(path(setting.name), *value, setting.low, setting.high));
    return value != nullptr;
  }

  // As in transformers: the one at the top of the file wins, max_position_embeddings stands in.
  void read_original_context(const ModelConfig& config, RopeScaling& scaling) {
    constexpr const char* kName = "original_max_position_embeddings";
    constexpr double kMax = static_cast<double>(int64_t{1} << 40);
    const Json* inside = take(kName);
    const Json* top = fields_.find(kName);
    scaling.original_max_position_embeddings = config.max_position_embeddings;
    if (!inside && !top) return;
    const std::string where = top ? kName : path(kName);
    const int64_t length = fields_.integer(where, top ? *top : *inside);
    fields_.in_range(where, length, 1, kMax);
    scaling.original_max_position_embeddings = length;
  }

  void read_yarn(const ModelConfig& config, bool has_factor, RopeScaling& scaling) {
    const Json* truncate = take("truncate");
    if (truncate) scaling.truncate = fields_.truth(path("truncate"), *truncate);
    take("finetuned");  // a remark of the authors' own checkpoints
    if (has_factor) return;
    scaling.factor = static_cast<double>(config.max_position_embeddings) /
                     static_cast<double>(scaling.original_max_position_embeddings);
  }

  void refuse_others(const Type& type) {
    const Json* rotated = take("partial_rotary_factor");
    if (rotated && *rotated != 1.0)
      fields_.refuse(path("partial_rotary_factor"), "unsupported",
                     fmt::format("{} is not supported, only 1 is", ConfigFields::shown(*rotated)));
    for (const auto& [key, value] : json_.items()) {
      if (value.is_null() || std::ranges::count(taken_, key) > 0) continue;
      fields_.refuse(path(key), "unsupported",
                     fmt::format("{} is not supported: {} RoPE has no such setting",
                                 ConfigFields::shown(value), type.name));
    }
  }

  const ConfigFields& fields_;
  const char* name_;
  const Json& json_;
  std::vector<std::string> taken_;  // keys that the type has
};

// A theta found in one place against one found before.
void merge_theta(const ConfigFields& fields, const std::string& where, double theta,
                 std::optional<double>& known) {
  if (known && *known != theta) {
    fields.refuse(where, "contradiction",
                  fmt::format("{} contradicts rope_theta {}; make them agree", theta, *known));
  }
  known = theta;
}

}  // namespace

void read_rope(const ConfigFields& fields, ModelConfig& config) {
  std::optional<double> theta;
  if (const Json* top = fields.find("rope_theta"))
    theta = fields.in_range("rope_theta", *top, 1.0, kMaxTheta);
  bool found = false;
  for (const char* name : {"rope_scaling", "rope_parameters"}) {
    const Json* json = fields.find(name);
    if (!json || (json->is_object() && json->empty())) continue;
    Block block(fields, name, *json);
    if (const auto own = block.theta())
      merge_theta(fields, fmt::format("{}.rope_theta", name), *own, theta);
    const RopeScaling scaling = block.scaling(config);
    if (found && scaling != config.rope_scaling)
      fields.refuse(name, "contradiction", "contradicts rope_scaling; make them agree");
    config.rope_scaling = scaling;
    found = true;
  }
  config.rope_theta = theta.value_or(10000.0);
  if (config.rope_scaling.type == "yarn" && config.rope_theta <= 1.0)
    fields.refuse("rope_theta", "out_of_range", "yarn RoPE needs one above 1");
  if (config.rope_scaling.type == "dynamic") config.limit_positions(config.max_position_embeddings);
}

void write_rope(const ModelConfig& config, Json& json) {
  const RopeScaling& scaling = config.rope_scaling;
  const Type& type = type_named(scaling.type);
  std::map<std::string, Json> settings = {{"rope_type", scaling.type}};  // sorted by key
  for (const auto& list : {type.required, type.optional}) {
    for (const Setting& setting : list) {
      if (const auto value = setting.get(scaling)) settings[setting.name] = *value;
    }
  }
  if (type.original_context)
    settings["original_max_position_embeddings"] = scaling.original_max_position_embeddings;
  if (scaling.truncate) settings["truncate"] = *scaling.truncate;
  json.erase("rope_scaling");
  if (scaling.type != "default") json["rope_scaling"] = settings;
  settings["rope_theta"] = config.rope_theta;
  json["rope_theta"] = config.rope_theta;
  json["rope_parameters"] = settings;
}

}  // namespace r1::model
