// Strict reading of the fields of a config.json.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"

namespace r1::model {

// One JSON object under the name of its file. Every complaint is a CheckpointError
// "<where>: <field>: <problem> [<code>]"; the codes are missing, wrong_type, out_of_range,
// unsupported and contradiction. Holds references: json and where must outlive it.
class ConfigFields {
 public:
  // Throws when json is not an object.
  ConfigFields(const Json& json, const std::string& where);

  [[noreturn]] void refuse(std::string_view field, std::string_view code,
                           const std::string& problem) const;

  // The value, or null when the field is absent or null (Hugging Face treats the two alike).
  const Json* find(const char* field) const;
  // The field is there, be it null.
  bool has(const char* field) const { return json_.contains(field); }

  // A whole number in [1, max]. `fallback` stands for an absent field; 0: it must be there.
  int64_t size(const char* field, int64_t max, int64_t fallback = 0) const;
  double number(const char* field, double low, double high, double fallback) const;
  bool boolean(const char* field, bool fallback) const;
  std::string text(const char* field, const char* fallback) const;
  // A token id below vocab_size, or -1, which means none in old Llama configs.
  int64_t token(const char* field, const Json& value, int64_t vocab_size) const;

  // `value` as a number in [low, high], a whole number, true or false; `field` is for the message.
  double in_range(std::string_view field, const Json& value, double low, double high) const;
  int64_t integer(std::string_view field, const Json& value) const;
  bool truth(std::string_view field, const Json& value) const;

  // The value as it may be printed: cut when long.
  static std::string shown(const Json& value);

 private:
  const Json& json_;
  const std::string& where_;
};

}  // namespace r1::model
