#include "model/config_fields.h"

#include <fmt/format.h>

#include "base/error.h"

namespace r1::model {

ConfigFields::ConfigFields(const Json& json, const std::string& where)
    : json_(json), where_(where) {
  if (!json.is_object()) {
    throw CheckpointError(
        fmt::format("{}: expected a JSON object, found {} [wrong_type]", where, shown(json)));
  }
}

void ConfigFields::refuse(std::string_view field, std::string_view code,
                          const std::string& problem) const {
  throw CheckpointError(fmt::format("{}: {}: {} [{}]", where_, field, problem, code));
}

const Json* ConfigFields::find(const char* field) const {
  const auto it = json_.find(field);
  return it == json_.end() || it->is_null() ? nullptr : &*it;
}

int64_t ConfigFields::size(const char* field, int64_t max, int64_t fallback) const {
  const Json* value = find(field);
  if (!value) {
    if (fallback > 0) return fallback;
    refuse(field, "missing", "missing; is this the config.json of a language model?");
  }
  const int64_t number = integer(field, *value);
  if (number < 1 || number > max)
    refuse(field, "out_of_range", fmt::format("{} is out of range [1, {}]", number, max));
  return number;
}

double ConfigFields::number(const char* field, double low, double high, double fallback) const {
  const Json* value = find(field);
  return value ? in_range(field, *value, low, high) : fallback;
}

double ConfigFields::in_range(std::string_view field, const Json& value, double low,
                              double high) const {
  if (!value.is_number())
    refuse(field, "wrong_type", fmt::format("expected a number, found {}", shown(value)));
  const double number = value.get<double>();
  if (!(number >= low && number <= high)) {
    refuse(field, "out_of_range", fmt::format("{} is out of range [{}, {}]", number, low, high));
  }
  return number;
}

bool ConfigFields::boolean(const char* field, bool fallback) const {
  const Json* value = find(field);
  return value ? truth(field, *value) : fallback;
}

bool ConfigFields::truth(std::string_view field, const Json& value) const {
  if (!value.is_boolean())
    refuse(field, "wrong_type", fmt::format("expected true or false, found {}", shown(value)));
  return value.get<bool>();
}

std::string ConfigFields::text(const char* field, const char* fallback) const {
  const Json* value = find(field);
  if (!value) return fallback;
  if (!value->is_string())
    refuse(field, "wrong_type", fmt::format("expected text, found {}", shown(*value)));
  return value->get<std::string>();
}

int64_t ConfigFields::token(const char* field, const Json& value, int64_t vocab_size) const {
  const int64_t id = integer(field, value);
  if (id < -1 || id >= vocab_size) {
    refuse(field, "out_of_range",
           fmt::format("token {} is outside the vocabulary of {}", id, vocab_size));
  }
  return id;
}

int64_t ConfigFields::integer(std::string_view field, const Json& value) const {
  const bool fits = value.is_number_integer() &&
                    (!value.is_number_unsigned() || value.get<uint64_t>() <= uint64_t{1} << 62);
  if (!fits)
    refuse(field, "wrong_type", fmt::format("expected a whole number, found {}", shown(value)));
  return value.get<int64_t>();
}

std::string ConfigFields::shown(const Json& value) {
  std::string text = dump_json(value);
  if (text.size() > 60) text.replace(57, std::string::npos, "...");
  return text;
}

}  // namespace r1::model
