// The three visitors behind read_config, write_config and describe_config. Include base/config.h,
// not this.
#pragma once

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/config.h"

namespace r1 {
namespace config_detail {

// The options of one field, in whatever order they were given.
struct Limits {
  Range range;
  std::vector<std::string> one_of;
  bool required = false;

  void add(const Range& r) { range = r; }
  void add(const OneOf& o) { one_of = o.values; }
  void add(const Required&) { required = true; }
  std::string text() const;  // "[0, 1]", "one of: a, b" or empty
};

template <class... Options>
Limits collect(const Options&... options) {
  Limits limits;
  (limits.add(options), ...);
  return limits;
}

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};

// ---- messages and scalars (config.cc); all throw ConfigError ----
std::string join(const std::string& path, std::string_view key);
void require_object(const Json& json, const std::string& path);
void require_array(const Json& json, const std::string& path);
void check_keys(const Json& json, const std::string& path, const std::vector<std::string>& known);
[[noreturn]] void missing(const std::string& path, std::string_view help);
bool read_bool(const Json& json, const std::string& path);
int64_t read_signed(const Json& json, const std::string& path, int64_t low, int64_t high, const Limits& limits);
uint64_t read_unsigned(const Json& json, const std::string& path, uint64_t high, const Limits& limits);
double read_number(const Json& json, const std::string& path, const Limits& limits);
std::string read_string(const Json& json, const std::string& path, const Limits& limits);

class KeyCollector {
 public:
  template <class T, class... Options>
  void field(const char* name, T&, std::string_view, const Options&...) {
    keys.emplace_back(name);
  }
  std::vector<std::string> keys;
};

template <class T>
void read_value(const Json& json, const std::string& path, const Limits& limits, T& out);

class Reader {
 public:
  Reader(const Json& json, const std::string& path) : json_(json), path_(path) {}
  template <class T, class... Options>
  void field(const char* name, T& member, std::string_view help, const Options&... options) {
    const Limits limits = collect(options...);
    const auto it = json_.find(name);
    if (it != json_.end()) {
      read_value(*it, join(path_, name), limits, member);
    } else if (limits.required) {
      missing(join(path_, name), help);
    }
  }

 private:
  const Json& json_;
  const std::string& path_;
};

template <class T>
concept HasVisit = requires(T& value, KeyCollector& visitor) {
  value.visit(visitor);
};

template <class T>
void read_value(const Json& json, const std::string& path, const Limits& limits, T& out) {
  if constexpr (std::same_as<T, Json>) {
    out = json;
  } else if constexpr (std::same_as<T, bool>) {
    out = read_bool(json, path);
  } else if constexpr (std::signed_integral<T>) {
    out = T(read_signed(json, path, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), limits));
  } else if constexpr (std::unsigned_integral<T>) {
    out = T(read_unsigned(json, path, std::numeric_limits<T>::max(), limits));
  } else if constexpr (std::floating_point<T>) {
    out = T(read_number(json, path, limits));
  } else if constexpr (std::same_as<T, std::string> || std::same_as<T, std::filesystem::path>) {
    out = read_string(json, path, limits);
  } else if constexpr (IsOptional<T>::value) {
    if (json.is_null()) return out.reset();
    typename T::value_type value{};
    read_value(json, path, limits, value);
    out = std::move(value);
  } else if constexpr (IsVector<T>::value) {
    require_array(json, path);
    T values;
    for (size_t i = 0; i < json.size(); ++i) {
      typename T::value_type value{};
      read_value(json[i], path + "[" + std::to_string(i) + "]", limits, value);
      values.push_back(std::move(value));
    }
    out = std::move(values);
  } else if constexpr (IsMap<T>::value) {
    require_object(json, path);
    T values;
    for (const auto& [key, item] : json.items()) read_value(item, join(path, key), limits, values[key]);
    out = std::move(values);
  } else {
    static_assert(HasVisit<T>, "a config field needs a supported type or a visit() member");
    read_config(json, path, out);
  }
}

template <class T>
Json write_value(const T& value) {
  if constexpr (std::same_as<T, std::filesystem::path>) {
    return value.string();
  } else if constexpr (IsOptional<T>::value) {
    return value ? write_value(*value) : Json(nullptr);
  } else if constexpr (IsVector<T>::value) {
    Json list = Json::array();
    for (const typename T::value_type& item : value) list.push_back(write_value(item));
    return list;
  } else if constexpr (IsMap<T>::value) {
    Json object = Json::object();
    for (const auto& [key, item] : value) object[key] = write_value(item);
    return object;
  } else if constexpr (HasVisit<T>) {
    return write_config(value);
  } else {
    return value;
  }
}

class Writer {
 public:
  template <class T, class... Options>
  void field(const char* name, T& member, std::string_view, const Options&...) {
    json[name] = write_value(member);
  }
  Json json = Json::object();
};

template <class T>
std::string type_name() {
  if constexpr (std::same_as<T, Json>) {
    return "any";
  } else if constexpr (std::same_as<T, bool>) {
    return "bool";
  } else if constexpr (std::integral<T>) {
    return "int";
  } else if constexpr (std::floating_point<T>) {
    return "number";
  } else if constexpr (std::same_as<T, std::string>) {
    return "string";
  } else if constexpr (std::same_as<T, std::filesystem::path>) {
    return "path";
  } else if constexpr (IsOptional<T>::value) {
    return type_name<typename T::value_type>() + " or null";
  } else if constexpr (IsVector<T>::value) {
    return "list of " + type_name<typename T::value_type>();
  } else if constexpr (IsMap<T>::value) {
    return "map of " + type_name<typename T::mapped_type>();
  } else {
    return "object";
  }
}

class Describer {
 public:
  Describer(std::string prefix, std::vector<FieldHelp>& rows) : prefix_(std::move(prefix)), rows_(rows) {}
  template <class T, class... Options>
  void field(const char* name, T& member, std::string_view help, const Options&... options) {
    const Limits limits = collect(options...);
    const std::string full = prefix_ + name;
    const bool bare = limits.required || HasVisit<T>;
    rows_.push_back({full, type_name<T>(), bare ? "" : dump_json(write_value(member)), std::string(help), limits.text()});
    descend(full, member);
  }

 private:
  template <class T>
  void descend(const std::string& name, T& member) {
    if constexpr (HasVisit<T>) {
      Describer inner(name + ".", rows_);
      member.visit(inner);
    } else if constexpr (IsOptional<T>::value) {
      typename T::value_type item{};
      descend(name, item);
    } else if constexpr (IsVector<T>::value) {
      typename T::value_type item{};
      descend(name + "[]", item);
    } else if constexpr (IsMap<T>::value) {
      typename T::mapped_type item{};
      descend(name + ".*", item);
    }
  }
  std::string prefix_;
  std::vector<FieldHelp>& rows_;
};

}  // namespace config_detail

template <class T>
void read_config(const Json& json, const std::string& path, T& config) {
  config_detail::require_object(json, path);
  config_detail::KeyCollector collector;
  config.visit(collector);
  config_detail::check_keys(json, path, collector.keys);  // first: a typo explains a missing key
  config_detail::Reader reader(json, path);
  config.visit(reader);
}

template <class T>
Json write_config(const T& config) {
  T copy = config;  // visit() is not const: the same listing also reads
  config_detail::Writer writer;
  copy.visit(writer);
  return std::move(writer.json);
}

template <class T>
std::vector<FieldHelp> describe_config() {
  T defaults{};
  std::vector<FieldHelp> rows;
  config_detail::Describer describer("", rows);
  defaults.visit(describer);
  return rows;
}

}  // namespace r1
