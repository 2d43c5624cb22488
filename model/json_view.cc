#include "model/json_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace r1::model {
namespace {

std::string shortened(const Json& value) {
  if (value.is_array() || value.is_object())
    return fmt::format("an {} of {}", value.type_name(), value.size());
  std::string text = dump_json(value);
  if (text.size() > 80) text = text.substr(0, 80) + "...";
  return text;
}

}  // namespace

void JsonView::fail(const std::string& reason) const {
  throw CheckpointError(fmt::format("{}: {}{}{}", file_, path_, path_.empty() ? "" : ": ", reason));
}

void JsonView::wrong_type(const char* wanted) const {
  fail(fmt::format("expected {}, found {}", wanted, shortened(*value_)));
}

bool JsonView::has(const char* key) const {
  if (!value_->is_object()) wrong_type("an object");
  const auto found = value_->find(key);
  return found != value_->end() && !found->is_null();
}

JsonView JsonView::at(const char* key) const {
  if (!value_->is_object()) wrong_type("an object");
  const auto found = value_->find(key);
  if (found == value_->end()) fail(fmt::format("\"{}\" is missing", key));
  return {*found, file_, path_.empty() ? key : path_ + "." + key};
}

JsonView JsonView::at(size_t index) const {
  return {value_->at(index), file_, fmt::format("{}[{}]", path_, index)};
}

size_t JsonView::size() const {
  if (!value_->is_array()) wrong_type("an array");
  return value_->size();
}

const std::string& JsonView::string() const {
  if (!value_->is_string()) wrong_type("a string");
  return value_->get_ref<const std::string&>();
}

bool JsonView::boolean() const {
  if (!value_->is_boolean()) wrong_type("true or false");
  return value_->get<bool>();
}

int64_t JsonView::integer(int64_t low, int64_t high) const {
  if (!value_->is_number_integer()) wrong_type("an integer");
  const bool huge = value_->is_number_unsigned() && value_->get<uint64_t>() > INT64_MAX;
  const int64_t number = huge ? high : value_->get<int64_t>();
  if (huge || number < low || number > high)
    fail(fmt::format("{} is outside [{}, {}]", shortened(*value_), low, high));
  return number;
}

bool JsonView::boolean_or(const char* key, bool fallback) const {
  return has(key) ? at(key).boolean() : fallback;
}

void JsonView::only(std::initializer_list<std::string_view> known) const {
  if (!value_->is_object()) wrong_type("an object");
  for (const auto& [key, value] : value_->items()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      fail(fmt::format("the option \"{}\" is not supported", key));
  }
}

void JsonView::unsupported_type(const char* known) const {
  at("type").fail(fmt::format("\"{}\" is not supported; supported are {}", type(), known));
}

}  // namespace r1::model
