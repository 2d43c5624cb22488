// json.dumps of template values.
#include <fmt/format.h>

#include <algorithm>

#include "model/jinja_text.h"
#include "model/jinja_value.h"

namespace r1::model::jinja {
namespace {

class JsonWriter {
 public:
  JsonWriter(const JsonStyle& style, Meter& meter) : style_(style), meter_(meter), out_(meter) {}

  std::string write(const Value& value) {
    add(value);
    return out_.take();
  }

 private:
  void add(const Value& value) {
    meter_.step();
    if (const std::string* text = value.string()) {
      add_string(*text);
    } else if (value.is_none()) {
      out_.append("null");
    } else if (value.boolean()) {
      out_.append(*value.boolean() ? "true" : "false");
    } else if (value.is_number()) {
      out_.append(number(value));
    } else if (value.is_list() || value.is_tuple()) {
      add_list(value.sequence()->items);
    } else if (value.dict()) {
      add_dict(*value.dict());
    } else {
      throw Failure{fmt::format("Object of type {} is not JSON serializable", value.type_name())};
    }
  }

  void add_string(const std::string& text) {
    meter_.charge(text.size());
    out_.append(json_quoted(text, style_.ensure_ascii));
  }

  static std::string number(const Value& value) {
    if (value.integer()) return std::to_string(*value.integer());
    const std::string text = float_text(*value.real());
    return text == "nan" ? "NaN" : text == "inf" ? "Infinity" : text == "-inf" ? "-Infinity" : text;
  }

  void add_list(const Values& items) {
    if (items.empty()) return out_.append("[]");
    open("[");
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) separate();
      add(items[i]);
    }
    close("]");
  }

  void add_dict(const Dict& dict) {
    if (dict.entries.empty()) return out_.append("{}");
    open("{");
    bool first = true;
    for (const auto* entry : ordered(dict)) {
      if (!first) separate();
      first = false;
      add_key(entry->first);
      out_.append(style_.key_separator);
      add(entry->second);
    }
    close("}");
  }

  std::vector<const std::pair<Value, Value>*> ordered(const Dict& dict) {
    meter_.charge(dict.entries.size() * sizeof(void*));
    std::vector<const std::pair<Value, Value>*> entries;
    for (const auto& entry : dict.entries) entries.push_back(&entry);
    if (style_.sort_keys)
      std::stable_sort(entries.begin(), entries.end(), [&](const auto* a, const auto* b) {
        return less(a->first, b->first, "<", meter_);
      });
    return entries;
  }

  void add_key(const Value& key) {
    if (key.string()) return add_string(*key.string());
    if (key.is_none() || key.boolean())
      return add_string(key.is_none() ? "null" : *key.boolean() ? "true" : "false");
    if (!key.is_number())
      throw Failure{
          fmt::format("keys must be str, int, float, bool or None, not {}", key.type_name())};
    add_string(number(key));
  }

  void open(const char* bracket) {
    out_.append(bracket);
    ++depth_;
    new_line();
  }
  void close(const char* bracket) {
    --depth_;
    new_line();
    out_.append(bracket);
  }
  void separate() {
    out_.append(style_.item_separator);
    new_line();
  }
  void new_line() {
    if (!style_.pretty) return;
    out_.append("\n");
    for (int i = 0; i < depth_; ++i) out_.append(style_.indent);
  }

  const JsonStyle& style_;
  Meter& meter_;
  TextBuilder out_;
  int depth_ = 0;
};

}  // namespace

std::string to_json_text(const Value& value, const JsonStyle& style, Meter& meter) {
  return JsonWriter(style, meter).write(value);
}

}  // namespace r1::model::jinja
