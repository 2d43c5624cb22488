// Values of a template, with Python's semantics. Immutable and cheap to copy; what can change or
// refer to itself (namespaces, loops, macros, iterators) is an Object that the interpreter owns.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/json.h"

namespace r1::model::jinja {

// What goes wrong while a template is parsed or rendered; whoever knows the line makes an Error of
// it.
struct Failure {
  std::string message;
};

struct Limits {
  int64_t max_steps = 20'000'000;  // as ChatLimits in chat_template.h
  size_t max_memory = size_t{512} << 20;
  size_t max_output = size_t{64} << 20;
  int max_depth = 400;                    // nested evaluations, macro calls included
  size_t max_template = size_t{1} << 20;  // bytes of a template
  int max_nesting = 100;                  // of expressions, blocks and values
};

// Counts work against the limits; throws Failure when one is passed.
class Meter {
 public:
  explicit Meter(const Limits& limits) : limits_(limits) {}
  void step(int64_t count = 1) {
    if ((steps_ += count) > limits_.max_steps) too_many_steps();
  }
  void charge(size_t bytes) {
    if (bytes > limits_.max_memory || (memory_ += bytes) > limits_.max_memory) too_much_memory();
  }
  const Limits& limits() const { return limits_; }

 private:
  [[noreturn]] void too_many_steps() const;
  [[noreturn]] void too_much_memory() const;
  Limits limits_;
  int64_t steps_ = 0;
  size_t memory_ = 0;
};

class Value;
using Values = std::vector<Value>;

// Something with identity: lives as long as the interpreter.
class Object {
 public:
  virtual ~Object() = default;
  virtual const char* type_name() const = 0;  // as Python calls it
};

struct Undefined {
  std::string message;  // why, for the error of whoever uses it
};
struct None {};
struct Text {
  std::string utf8;
  bool markup = false;  // the filter `safe` made it
};
enum class SequenceKind { kList, kTuple, kRange, kKeys, kValues, kItems };
struct Sequence {
  SequenceKind kind = SequenceKind::kList;
  Values items;
  int nesting = 1;
};
struct Dict {
  std::vector<std::pair<Value, Value>> entries;  // in the order of insertion
  int nesting = 1;
};

class Value {
 public:
  Value() : data_(None{}) {}
  Value(bool value) : data_(value) {}
  Value(int64_t value) : data_(value) {}
  Value(double value) : data_(value) {}
  Value(Object* object) : data_(object) {}
  Value(const char*) = delete;

  // Each of these charges the meter and keeps max_nesting.
  static Value undefined(std::string message);
  static Value text(std::string utf8, Meter& meter, bool markup = false);
  static Value sequence(SequenceKind kind, Values items, Meter& meter);
  static Value list(Values items, Meter& meter) {
    return sequence(SequenceKind::kList, std::move(items), meter);
  }
  static Value tuple(Values items, Meter& meter) {
    return sequence(SequenceKind::kTuple, std::move(items), meter);
  }
  // Later entries replace earlier ones of the same key; `unique` promises that there are none.
  static Value dict(std::vector<std::pair<Value, Value>> entries, Meter& meter,
                    bool unique = false);
  static Value from_json(const Json& json, Meter& meter);

  bool is_undefined() const { return get<UndefinedPtr>() != nullptr; }
  bool is_none() const { return get<None>() != nullptr; }
  bool is_string() const { return get<TextPtr>() != nullptr; }
  bool is_list() const { return is_sequence(SequenceKind::kList); }
  bool is_tuple() const { return is_sequence(SequenceKind::kTuple); }
  bool is_sequence(SequenceKind kind) const { return sequence() && sequence()->kind == kind; }
  bool is_number() const { return boolean() || integer() || real(); }

  const bool* boolean() const { return get<bool>(); }
  const int64_t* integer() const { return get<int64_t>(); }
  const double* real() const { return get<double>(); }
  const std::string* string() const { return is_string() ? &(*get<TextPtr>())->utf8 : nullptr; }
  bool is_markup() const { return is_string() && (*get<TextPtr>())->markup; }
  const Sequence* sequence() const {
    return get<SequencePtr>() ? get<SequencePtr>()->get() : nullptr;
  }
  const Dict* dict() const { return get<DictPtr>() ? get<DictPtr>()->get() : nullptr; }
  Object* object() const { return get<Object*>() ? *get<Object*>() : nullptr; }
  const std::string& undefined_message() const { return (*get<UndefinedPtr>())->message; }

  // An int or a bool as a number. Throws Failure naming `what` for anything else.
  int64_t as_integer(const char* what) const;
  double as_double(const char* what) const;  // a float as well
  // The value under a key of a dict; null when it is no dict or has no such key.
  const Value* find(const Value& key, Meter& meter) const;
  const Value* find(std::string_view key) const;

  bool truthy() const;
  int nesting() const;
  const char* type_name() const;  // Python's: "str", "dict", "NoneType"
  bool same_object(const Value& other) const;

 private:
  using UndefinedPtr = std::shared_ptr<const Undefined>;
  using TextPtr = std::shared_ptr<const Text>;
  using SequencePtr = std::shared_ptr<const Sequence>;
  using DictPtr = std::shared_ptr<const Dict>;
  template <class T>
  const T* get() const {
    return std::get_if<T>(&data_);
  }
  std::variant<None, UndefinedPtr, bool, int64_t, double, TextPtr, SequencePtr, DictPtr, Object*>
      data_;
};

// Text that grows under the meter's eye.
class TextBuilder {
 public:
  explicit TextBuilder(Meter& meter) : meter_(meter) {}
  void append(std::string_view text) {
    meter_.charge(text.size());
    text_ += text;
  }
  std::string take() { return std::move(text_); }

 private:
  Meter& meter_;
  std::string text_;
};

bool equal(const Value& a, const Value& b, Meter& meter);  // ==
// a < b for numbers, strings, lists and tuples. Throws Failure for other pairs, with Python's
// words; `op` is what it quotes.
bool less(const Value& a, const Value& b, const char* op, Meter& meter);
std::string to_text(const Value& value, Meter& meter);  // str()
std::string to_repr(const Value& value, Meter& meter);  // repr()

struct JsonStyle {
  bool ensure_ascii = false, sort_keys = false, pretty = false;
  std::string indent, item_separator = ", ", key_separator = ": ";
};
// json.dumps. Throws Failure for what JSON cannot hold.
std::string to_json_text(const Value& value, const JsonStyle& style, Meter& meter);

}  // namespace r1::model::jinja
