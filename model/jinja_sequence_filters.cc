// Filters of lists, dicts and iterators.
#include <fmt/format.h>

#include <algorithm>

#include "model/jinja_interpreter.h"
#include "model/jinja_text.h"

namespace r1::model::jinja {
namespace {

// The parts of "a.b.0", numbers as numbers.
Values attribute_path(Interpreter& i, const Value& attribute) {
  if (!attribute.string()) return {attribute};
  Values parts;
  const std::string& path = *attribute.string();
  for (size_t begin = 0; begin <= path.size();) {
    const size_t dot = std::min(path.find('.', begin), path.size());
    const std::string part = path.substr(begin, dot - begin);
    const bool number = !part.empty() && part.size() < 10 &&
                        part.find_first_not_of("0123456789") == std::string::npos;
    parts.push_back(number ? Value(int64_t{std::stoll(part)}) : i.text(part));
    begin = dot + 1;
  }
  return parts;
}

Value follow(Interpreter& i, Value value, const Values& path, const Value& otherwise = Value()) {
  for (const Value& part : path) {
    value = i.item(value, part);
    if (value.is_undefined() && !otherwise.is_none()) value = otherwise;
  }
  return value;
}

Value folded(Interpreter& i, const Value& value, bool case_sensitive) {
  return value.string() && !case_sensitive ? i.text(lower(*value.string())) : value;
}

Value length(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "length").finish();
  if (subject.string()) return static_cast<int64_t>(count_code_points(*subject.string()));
  if (subject.sequence()) return static_cast<int64_t>(subject.sequence()->items.size());
  if (subject.dict()) return static_cast<int64_t>(subject.dict()->entries.size());
  if (subject.is_undefined()) return int64_t{0};
  if (dynamic_cast<Loop*>(subject.object())) return i.attribute(subject, "length");
  throw Failure{fmt::format("object of type '{}' has no len()", subject.type_name())};
}

Value first(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "first").finish();
  std::optional<Value> item;
  if (auto* iterator = dynamic_cast<Iterator*>(subject.object())) {
    item = iterator->next();
  } else if (const Values items = i.iterate(subject); !items.empty()) {
    item = items.front();
  }
  return item ? *item : Value::undefined("No first item, sequence was empty.");
}

Value last(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "last").finish();
  if (subject.object())
    throw Failure{fmt::format("'{}' object is not reversible", subject.type_name())};
  const Values items = i.iterate(subject);
  return items.empty() ? Value::undefined("No last item, sequence was empty.") : items.back();
}

Value list(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "list").finish();
  return Value::list(i.iterate(subject), i.meter());
}

Value items(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "items").finish();
  if (!subject.dict() && !subject.is_undefined())
    throw Failure{"Can only get item pairs from a mapping."};
  Values pairs;
  if (subject.dict())
    for (const auto& [key, value] : subject.dict()->entries)
      pairs.push_back(Value::tuple({key, value}, i.meter()));
  return i.iterator(std::move(pairs));
}

Value reverse(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "reverse").finish();
  Values reversed = i.iterate(subject);
  std::reverse(reversed.begin(), reversed.end());
  if (!subject.string()) return i.iterator(std::move(reversed));
  TextBuilder out(i.meter());
  for (const Value& one : reversed) out.append(*one.string());
  return i.text(out.take());
}

Value join(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "join");
  const auto between = reader.next("d"), attribute = reader.next("attribute");
  reader.finish();
  const std::string separator = between ? i.to_string(*between) : "";
  const bool mapped = attribute && !attribute->is_none();
  const Values path = mapped ? attribute_path(i, *attribute) : Values();
  TextBuilder out(i.meter());
  bool any = false;
  for (const Value& item : i.iterate(subject)) {
    if (any) out.append(separator);
    any = true;
    out.append(i.to_string(follow(i, item, path)));
  }
  return i.text(out.take());
}

Value map(Interpreter& i, const Value& subject, Arguments& arguments) {
  Values mapped;
  if (arguments.positional.empty() && !arguments.named.empty()) {
    ArgumentReader reader(arguments, "map");
    const Values path = attribute_path(i, reader.required("attribute"));
    const Value otherwise = reader.next("default").value_or(Value());
    reader.finish();
    for (const Value& item : i.iterate(subject)) mapped.push_back(follow(i, item, path, otherwise));
    return i.iterator(std::move(mapped));
  }
  if (arguments.positional.empty()) throw Failure{"map requires a filter argument"};
  const std::string name = i.to_string(arguments.positional[0]);
  arguments.positional.erase(arguments.positional.begin());
  for (const Value& item : i.iterate(subject)) {
    Arguments copy = arguments;
    mapped.push_back(apply_filter(i, name, item, copy));
  }
  return i.iterator(std::move(mapped));
}

// select, reject, selectattr and rejectattr: keeps the items whose (attribute's) test says
// `wanted`.
template <bool by_attribute, bool wanted>
Value select(Interpreter& i, const Value& subject, Arguments& arguments) {
  if (!subject.truthy()) return i.iterator({});  // None as well
  Values& given = arguments.positional;
  const auto take = [&] {
    Value value = given.front();
    given.erase(given.begin());
    return value;
  };
  if (by_attribute && given.empty()) throw Failure{"Missing parameter for attribute name"};
  const Values path = by_attribute ? attribute_path(i, take()) : Values();
  const std::string test = given.empty() ? "" : i.to_string(take());
  Values kept;
  for (const Value& item : i.iterate(subject)) {
    const Value value = follow(i, item, path);
    Arguments copy = arguments;
    const bool holds = test.empty() ? value.truthy() : apply_test(i, test, value, copy);
    if (holds == wanted) kept.push_back(item);
  }
  return i.iterator(std::move(kept));
}

// Items with the keys they are ordered by.
using Keyed = std::vector<std::pair<Value, Value>>;

Value sorted(Interpreter& i, Keyed keyed, bool backwards) {
  const auto before = [&](const auto& a, const auto& b) {
    return backwards ? less(b.first, a.first, "<", i.meter())
                     : less(a.first, b.first, "<", i.meter());
  };
  std::stable_sort(keyed.begin(), keyed.end(), before);
  Values values;
  for (auto& entry : keyed) values.push_back(std::move(entry.second));
  return Value::list(std::move(values), i.meter());
}

Value sort(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "sort");
  const bool backwards = reader.boolean("reverse", false),
             sensitive = reader.boolean("case_sensitive", false);
  const auto attribute = reader.next("attribute");
  reader.finish();
  std::vector<Values> paths;
  if (attribute && attribute->string()) {
    const std::string& names = *attribute->string();
    for (size_t begin = 0; begin <= names.size();) {
      const size_t comma = std::min(names.find(',', begin), names.size());
      paths.push_back(attribute_path(i, i.text(names.substr(begin, comma - begin))));
      begin = comma + 1;
    }
  } else {
    paths.push_back(attribute && !attribute->is_none() ? Values{*attribute} : Values());
  }
  Keyed keyed;
  for (const Value& item : i.iterate(subject)) {
    Values key;
    for (const Values& path : paths) key.push_back(folded(i, follow(i, item, path), sensitive));
    keyed.emplace_back(Value::list(std::move(key), i.meter()), item);
  }
  return sorted(i, std::move(keyed), backwards);
}

Value dict_sort(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "dictsort");
  const bool sensitive = reader.boolean("case_sensitive", false);
  const std::string by = reader.string("by").value_or("key");
  const bool backwards = reader.boolean("reverse", false);
  reader.finish();
  if (by != "key" && by != "value")
    throw Failure{"You can only sort by either \"key\" or \"value\""};
  if (!subject.dict())
    throw Failure{fmt::format("'{}' object has no attribute 'items'", subject.type_name())};
  Keyed keyed;
  for (const auto& [key, value] : subject.dict()->entries)
    keyed.emplace_back(folded(i, by == "key" ? key : value, sensitive),
                       Value::tuple({key, value}, i.meter()));
  return sorted(i, std::move(keyed), backwards);
}

Value unique(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "unique");
  const bool sensitive = reader.boolean("case_sensitive", false);
  const auto attribute = reader.next("attribute");
  reader.finish();
  const Values path = attribute && !attribute->is_none() ? attribute_path(i, *attribute) : Values();
  Values seen, kept;
  for (const Value& item : i.iterate(subject)) {
    Value key = folded(i, follow(i, item, path), sensitive);
    if (std::any_of(seen.begin(), seen.end(),
                    [&](const Value& known) { return equal(known, key, i.meter()); }))
      continue;
    seen.push_back(std::move(key));
    kept.push_back(item);
  }
  return i.iterator(std::move(kept));
}

template <bool largest>
Value extreme(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, largest ? "max" : "min");
  const bool sensitive = reader.boolean("case_sensitive", false);
  const auto attribute = reader.next("attribute");
  reader.finish();
  const Values path = attribute && !attribute->is_none() ? attribute_path(i, *attribute) : Values();
  std::optional<std::pair<Value, Value>> best;
  for (const Value& item : i.iterate(subject)) {
    Value key = folded(i, follow(i, item, path), sensitive);
    const bool better = !best || (largest ? less(best->first, key, ">", i.meter())
                                          : less(key, best->first, "<", i.meter()));
    if (better) best.emplace(std::move(key), item);
  }
  return best ? best->second : Value::undefined("No aggregated item, sequence was empty.");
}

Value sum(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "sum");
  const auto attribute = reader.next("attribute");
  Value total = reader.next("start").value_or(Value(int64_t{0}));
  reader.finish();
  const Values path = attribute && !attribute->is_none() ? attribute_path(i, *attribute) : Values();
  for (const Value& item : i.iterate(subject))
    total = binary_operator("+", total, follow(i, item, path), i.meter());
  return total;
}

Value batch(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "batch");
  const int64_t size = reader.required("linecount").as_integer("linecount");
  const Value fill = reader.next("fill_with").value_or(Value());
  reader.finish();
  Values rows, row;
  const auto finish = [&] { rows.push_back(Value::list(std::exchange(row, {}), i.meter())); };
  for (const Value& item : i.iterate(subject)) {
    if (static_cast<int64_t>(row.size()) == size) finish();
    row.push_back(item);
  }
  if (row.empty()) return i.iterator(std::move(rows));
  while (!fill.is_none() && static_cast<int64_t>(row.size()) < size) {
    i.meter().step();
    row.push_back(fill);
  }
  finish();
  return i.iterator(std::move(rows));
}

Value attribute_filter(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "attr");
  const std::string name = i.to_string(reader.required("name"));
  reader.finish();
  const bool has = has_method(subject, name) || subject.object();
  return has ? i.attribute(subject, name)
             : Value::undefined(fmt::format("'{} object' has no attribute '{}'",
                                            subject.type_name(), name.substr(0, 200)));
}

}  // namespace

const std::vector<FilterEntry>& sequence_filters() {
  static const std::vector<FilterEntry> table = {
      {"length", length},
      {"count", length},
      {"first", first},
      {"last", last},
      {"list", list},
      {"items", items},
      {"reverse", reverse},
      {"join", join},
      {"map", map},
      {"select", select<false, true>},
      {"reject", select<false, false>},
      {"selectattr", select<true, true>},
      {"rejectattr", select<true, false>},
      {"sort", sort},
      {"dictsort", dict_sort},
      {"unique", unique},
      {"min", extreme<false>},
      {"max", extreme<true>},
      {"sum", sum},
      {"batch", batch},
      {"attr", attribute_filter},
  };
  return table;
}

}  // namespace r1::model::jinja
