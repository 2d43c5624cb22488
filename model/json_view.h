// Strict reading of one value of a checkpoint's JSON file, with its place for messages.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/json.h"

namespace r1::model {

// Refers to `value`, which must outlive it. What is missing, of the wrong type or out of range is a
// CheckpointError "<file>: <path>: reason, value seen".
class JsonView {
 public:
  JsonView(const Json& value, std::string file) : JsonView(value, std::move(file), "") {}

  const Json& value() const { return *value_; }
  bool is_null() const { return value_->is_null(); }
  [[noreturn]] void fail(const std::string& reason) const;

  bool has(const char* key) const;  // there and not null; the value must be an object
  JsonView at(const char* key) const;
  JsonView at(size_t index) const;
  size_t size() const;  // of an array

  const std::string& string() const;
  bool boolean() const;
  int64_t integer(int64_t low, int64_t high) const;
  // Of a key that may be missing or null.
  bool boolean_or(const char* key, bool fallback) const;

  // Refuses keys that are not among `known`.
  void only(std::initializer_list<std::string_view> known) const;
  // Member "type".
  const std::string& type() const { return at("type").string(); }
  [[noreturn]] void unsupported_type(const char* known) const;

 private:
  JsonView(const Json& value, std::string file, std::string path)
      : value_(&value), file_(std::move(file)), path_(std::move(path)) {}
  [[noreturn]] void wrong_type(const char* wanted) const;

  const Json* value_;
  std::string file_, path_;
};

}  // namespace r1::model
