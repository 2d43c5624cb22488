// Methods of list, tuple and dict.
#include <fmt/format.h>

#include <algorithm>

#include "model/jinja_interpreter.h"

namespace r1::model::jinja {
namespace {

Value index_of(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, "index()");
  const Value wanted = reader.required("value");
  reader.finish();
  const Values& items = self.sequence()->items;
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const Value& v) { return equal(v, wanted, i.meter()); });
  if (found == items.end())
    throw Failure{fmt::format("{} is not in list", to_repr(wanted, i.meter()).substr(0, 200))};
  return static_cast<int64_t>(found - items.begin());
}

Value count_of(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, "count()");
  const Value wanted = reader.required("value");
  reader.finish();
  const Values& items = self.sequence()->items;
  return static_cast<int64_t>(std::count_if(
      items.begin(), items.end(), [&](const Value& v) { return equal(v, wanted, i.meter()); }));
}

Value itself(Interpreter&, const Value& self, Arguments& arguments) {
  ArgumentReader(arguments, "copy()").finish();
  return self;
}

}  // namespace

const MethodTable& list_methods() {
  static const MethodTable table = {
      {"index", index_of}, {"count", count_of},  {"copy", itself},    {"append", nullptr},
      {"clear", nullptr},  {"extend", nullptr},  {"insert", nullptr}, {"pop", nullptr},
      {"remove", nullptr}, {"reverse", nullptr}, {"sort", nullptr},
  };
  return table;
}

const MethodTable& tuple_methods() {
  static const MethodTable table = {{"index", index_of}, {"count", count_of}};
  return table;
}

namespace {

Value get(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, "get()");
  const Value key = reader.required("key");
  const Value otherwise = reader.next("default").value_or(Value());
  reader.finish();
  const Value* value = self.find(key, i.meter());
  return value ? *value : otherwise;
}

template <SequenceKind kind>
Value view(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader(arguments, "the method").finish();
  Values items;
  for (const auto& [key, value] : self.dict()->entries) {
    if (kind == SequenceKind::kItems)
      items.push_back(Value::tuple({key, value}, i.meter()));
    else
      items.push_back(kind == SequenceKind::kKeys ? key : value);
  }
  return Value::sequence(kind, std::move(items), i.meter());
}

}  // namespace

const MethodTable& dict_methods() {
  static const MethodTable table = {
      {"get", get},
      {"items", view<SequenceKind::kItems>},
      {"keys", view<SequenceKind::kKeys>},
      {"copy", itself},
      {"values", view<SequenceKind::kValues>},
      {"clear", nullptr},
      {"fromkeys", nullptr},
      {"pop", nullptr},
      {"popitem", nullptr},
      {"setdefault", nullptr},
      {"update", nullptr},
  };
  return table;
}

}  // namespace r1::model::jinja
