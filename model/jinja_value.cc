#include "model/jinja_value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/jinja_text.h"

namespace r1::model::jinja {
namespace {

int checked_nesting(int deepest, Meter& meter) {
  if (deepest + 1 > meter.limits().max_nesting)
    throw Failure{
        fmt::format("a value is nested deeper than {} levels", meter.limits().max_nesting)};
  return deepest + 1;
}

// -1, 0, 1; 2 when a NaN is among them. Exact also where an int does not fit a double.
int compare_numbers(const Value& a, const Value& b) {
  const auto whole = [](const Value& v) {
    return v.boolean() ? int64_t{*v.boolean()} : *v.integer();
  };
  if (!a.real() && !b.real()) return whole(a) < whole(b) ? -1 : whole(a) > whole(b);
  const auto wide = [&](const Value& v) {
    return v.real() ? static_cast<long double>(*v.real()) : static_cast<long double>(whole(v));
  };
  const long double x = wide(a), y = wide(b);
  if (std::isnan(x) || std::isnan(y)) return 2;
  return x < y ? -1 : x > y;
}

bool equal_dicts(const Dict& a, const Value& b, Meter& meter) {
  if (a.entries.size() != b.dict()->entries.size()) return false;
  return std::all_of(a.entries.begin(), a.entries.end(), [&](const auto& entry) {
    const Value* other = b.find(entry.first, meter);
    return other != nullptr && equal(entry.second, *other, meter);
  });
}

bool comparable(const Sequence& a, const Sequence& b) {
  return a.kind == b.kind && (a.kind == SequenceKind::kList || a.kind == SequenceKind::kTuple);
}

class Representation {
 public:
  explicit Representation(Meter& meter) : meter_(meter), out_(meter) {}
  std::string of(const Value& value) {
    add(value);
    return out_.take();
  }

 private:
  void add(const Value& value) {
    meter_.step();
    if (const std::string* text = value.string()) {
      meter_.charge(4 * text->size());
      out_.append(value.is_markup() ? "Markup(" + repr_of(*text) + ")" : repr_of(*text));
    } else if (value.sequence()) {
      add_sequence(*value.sequence());
    } else if (value.dict()) {
      out_.append("{");
      bool first = true;
      for (const auto& [key, item] : value.dict()->entries) {
        if (!first) out_.append(", ");
        first = false;
        add(key);
        out_.append(": ");
        add(item);
      }
      out_.append("}");
    } else if (value.is_undefined()) {
      out_.append("Undefined");
    } else {
      out_.append(to_text(value, meter_));
    }
  }

  void add_sequence(const Sequence& sequence) {
    switch (sequence.kind) {
      case SequenceKind::kList:
        return add_items(sequence.items, "[", "]");
      case SequenceKind::kTuple:
        return add_items(sequence.items, "(", sequence.items.size() == 1 ? ",)" : ")");
      case SequenceKind::kKeys:
        return add_items(sequence.items, "dict_keys([", "])");
      case SequenceKind::kValues:
        return add_items(sequence.items, "dict_values([", "])");
      case SequenceKind::kItems:
        return add_items(sequence.items, "dict_items([", "])");
      case SequenceKind::kRange:
        throw Failure{"printing a range is not supported; use | list"};
    }
  }

  void add_items(const Values& items, const char* open, const char* close) {
    out_.append(open);
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_.append(", ");
      add(items[i]);
    }
    out_.append(close);
  }

  Meter& meter_;
  TextBuilder out_;
};

}  // namespace

void Meter::too_many_steps() const {
  throw Failure{
      fmt::format("the template takes more than {} steps: does it end?", limits_.max_steps)};
}

void Meter::too_much_memory() const {
  throw Failure{
      fmt::format("the template makes more than {} MiB of values", limits_.max_memory >> 20)};
}

Value Value::undefined(std::string message) {
  Value value;
  value.data_ = std::make_shared<const Undefined>(Undefined{std::move(message)});
  return value;
}

Value Value::text(std::string utf8, Meter& meter, bool markup) {
  meter.charge(sizeof(Text) + utf8.size());
  Value value;
  value.data_ = std::make_shared<const Text>(Text{std::move(utf8), markup});
  return value;
}

Value Value::sequence(SequenceKind kind, Values items, Meter& meter) {
  meter.charge(sizeof(Sequence) + items.size() * sizeof(Value));
  int deepest = 0;
  for (const Value& item : items) deepest = std::max(deepest, item.nesting());
  Value value;
  value.data_ = std::make_shared<const Sequence>(
      Sequence{kind, std::move(items), checked_nesting(deepest, meter)});
  return value;
}

Value Value::dict(std::vector<std::pair<Value, Value>> entries, Meter& meter, bool unique) {
  meter.charge(sizeof(Dict) + entries.size() * 2 * sizeof(Value));
  Dict dict;
  int deepest = 0;
  for (auto& [key, item] : entries) {
    const auto same = [&key = key, &meter](const auto& entry) {
      return equal(entry.first, key, meter);
    };
    const auto known =
        unique ? dict.entries.end() : std::find_if(dict.entries.begin(), dict.entries.end(), same);
    deepest = std::max({deepest, key.nesting(), item.nesting()});
    if (known != dict.entries.end())
      known->second = std::move(item);
    else
      dict.entries.emplace_back(std::move(key), std::move(item));
  }
  dict.nesting = checked_nesting(deepest, meter);
  Value value;
  value.data_ = std::make_shared<const Dict>(std::move(dict));
  return value;
}

Value Value::from_json(const Json& json, Meter& meter) {
  switch (json.type()) {
    case Json::value_t::boolean:
      return json.get<bool>();
    case Json::value_t::number_integer:
      return json.get<int64_t>();
    case Json::value_t::number_unsigned:
      if (json.get<uint64_t>() > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        throw Failure{fmt::format("the integer {} has more than 64 bits", json.get<uint64_t>())};
      return json.get<int64_t>();
    case Json::value_t::number_float:
      return json.get<double>();
    case Json::value_t::string:
      return text(json.get<std::string>(), meter);
    case Json::value_t::array: {
      Values items;
      for (const Json& item : json) items.push_back(from_json(item, meter));
      return list(std::move(items), meter);
    }
    case Json::value_t::object: {
      std::vector<std::pair<Value, Value>> entries;
      for (const auto& [key, item] : json.items())
        entries.emplace_back(text(key, meter), from_json(item, meter));
      return dict(std::move(entries), meter, true);
    }
    default:
      return Value();
  }
}

int64_t Value::as_integer(const char* what) const {
  if (is_undefined()) throw Failure{undefined_message()};
  if (boolean()) return *boolean();
  if (!integer()) throw Failure{fmt::format("{} must be an integer, not {}", what, type_name())};
  return *integer();
}

double Value::as_double(const char* what) const {
  if (real()) return *real();
  if (!is_undefined() && !is_number())
    throw Failure{fmt::format("{} must be a number, not {}", what, type_name())};
  return static_cast<double>(as_integer(what));
}

const Value* Value::find(const Value& key, Meter& meter) const {
  if (!dict()) return nullptr;
  for (const auto& [known, value] : dict()->entries)
    if (equal(known, key, meter)) return &value;
  return nullptr;
}

const Value* Value::find(std::string_view key) const {
  if (!dict()) return nullptr;
  for (const auto& [known, value] : dict()->entries)
    if (known.string() && *known.string() == key) return &value;
  return nullptr;
}

bool Value::truthy() const {
  if (is_none() || is_undefined()) return false;
  if (boolean()) return *boolean();
  if (integer()) return *integer() != 0;
  if (real()) return *real() != 0;
  if (string()) return !string()->empty();
  if (sequence()) return !sequence()->items.empty();
  if (dict()) return !dict()->entries.empty();
  return true;
}

int Value::nesting() const {
  return sequence() ? sequence()->nesting : dict() ? dict()->nesting : 0;
}

const char* Value::type_name() const {
  if (is_none()) return "NoneType";
  if (is_undefined()) return "Undefined";
  if (boolean()) return "bool";
  if (integer()) return "int";
  if (real()) return "float";
  if (string()) return "str";
  if (dict()) return "dict";
  if (object()) return object()->type_name();
  constexpr const char* kNames[] = {"list",      "tuple",       "range",
                                    "dict_keys", "dict_values", "dict_items"};
  return kNames[static_cast<int>(sequence()->kind)];
}

bool Value::same_object(const Value& other) const {
  if (data_.index() != other.data_.index()) return false;
  if (string()) return *get<TextPtr>() == *other.get<TextPtr>();
  if (sequence()) return sequence() == other.sequence();
  if (dict()) return dict() == other.dict();
  if (object()) return object() == other.object();
  if (boolean()) return *boolean() == *other.boolean();
  if (integer()) return *integer() == *other.integer();
  return is_none();
}

bool equal(const Value& a, const Value& b, Meter& meter) {
  meter.step();
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == 0;
  if (a.string() && b.string()) return *a.string() == *b.string();
  if (a.is_undefined() || b.is_undefined()) return a.is_undefined() && b.is_undefined();
  if (a.same_object(b)) return true;
  if (a.dict() && b.dict()) return equal_dicts(*a.dict(), b, meter);
  if (!a.sequence() || !b.sequence() || !comparable(*a.sequence(), *b.sequence())) return false;
  const Values &x = a.sequence()->items, &y = b.sequence()->items;
  return x.size() == y.size() &&
         std::equal(x.begin(), x.end(), y.begin(),
                    [&](const Value& i, const Value& j) { return equal(i, j, meter); });
}

bool less(const Value& a, const Value& b, const char* op, Meter& meter) {
  meter.step();
  if (a.is_undefined()) throw Failure{a.undefined_message()};
  if (b.is_undefined()) throw Failure{b.undefined_message()};
  if (a.is_number() && b.is_number()) return compare_numbers(a, b) == -1;
  if (a.string() && b.string()) return *a.string() < *b.string();
  if (a.sequence() && b.sequence() && comparable(*a.sequence(), *b.sequence())) {
    const Values &x = a.sequence()->items, &y = b.sequence()->items;
    for (size_t i = 0; i < std::min(x.size(), y.size()); ++i)
      if (!equal(x[i], y[i], meter)) return less(x[i], y[i], op, meter);
    return x.size() < y.size();
  }
  throw Failure{fmt::format("'{}' not supported between instances of '{}' and '{}'", op,
                            a.type_name(), b.type_name())};
}

std::string to_text(const Value& value, Meter& meter) {
  if (value.string()) return *value.string();
  if (value.is_undefined()) return "";
  if (value.is_none()) return "None";
  if (value.boolean()) return *value.boolean() ? "True" : "False";
  if (value.integer()) return std::to_string(*value.integer());
  if (value.real()) return float_text(*value.real());
  if (value.object()) throw Failure{fmt::format("a {} cannot be printed", value.type_name())};
  return to_repr(value, meter);
}

std::string to_repr(const Value& value, Meter& meter) { return Representation(meter).of(value); }

}  // namespace r1::model::jinja
