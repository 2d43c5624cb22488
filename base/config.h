// One listing per config struct reads it strictly, prints help, writes the resolved file and makes
// the JSON schema.
//
//   struct ClipConfig {
//     double epsilon = 0.2;
//     template <class V>
//     void visit(V& v) {
//       v.field("epsilon", epsilon, "clip range of the ratio", Range{0.0, 100.0});
//     }
//   };
//   ClipConfig c;
//   read_config(json, "recipe.json: stages[1].clip", c);  // ConfigError names path, value, range
//   Json resolved = write_config(c);
//
// Field types: bool, integers, double, float, std::string, std::filesystem::path, std::optional<T>
// (null: none), std::vector<T>, std::map<std::string, T>, Json (anything, kept as it is) and nested
// structs with visit(), in any combination. After name, member and help come Range, OneOf and
// Required, as many as apply; limits on a list hold for its elements. visit() must list the same
// fields whatever their values: help and typo checks call it on defaults.
#pragma once

#include <filesystem>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace r1 {

// Closed range of a number (elements of a vector included).
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};
// Allowed values of a string.
struct OneOf {
  OneOf(std::initializer_list<const char*> list) : values(list.begin(), list.end()) {}
  std::vector<std::string> values;
};
struct Required {};  // a field without default: reading an object that lacks it is an error

// ---- callers need only read_config, write_config and describe_config ----

// Reads `json` into `config`; fields that it lacks keep their values, lists are replaced whole.
// `path` is how messages name the place: with "recipe.json: stages[2]" they begin
// "recipe.json: stages[2].key: "; after "recipe.json: " or "" no dot is added. Throws ConfigError for an
// unknown key (naming the nearest known one), a missing Required key, a wrong type (2.0 or true for
// an int, -1 for an unsigned; an int is fine for a double) and a value out of range. `config` may
// be changed in part when it throws.
template <class T>
void read_config(const Json& json, const std::string& path, T& config);

// Every field in listed order, so that read_config(write_config(c)) gives c again (finite numbers
// only).
template <class T>
Json write_config(const T& config);

struct FieldHelp {
  // Dotted from the struct's root: "clip.epsilon", "stages[].name", "weights.*" (map entries).
  std::string name;
  // int, number, string, path, bool, any, object, "list of int", "map of number", "int or null".
  std::string type;
  // Default as JSON text; empty when required, and for an object (its fields follow as own rows).
  std::string fallback;
  std::string help;
  std::string limits;  // "[0, 1]" or "one of: a, b"; may be empty
};
template <class T>
std::vector<FieldHelp> describe_config();

// The entry of `known` nearest to `word` by Damerau-Levenshtein distance (case-insensitive); empty
// when nothing is within max(2, length of word / 3).
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace r1

#include "base/config_visitors.h"
