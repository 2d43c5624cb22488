// Tests: what may stand behind `is`.
#include <fmt/format.h>

#include <algorithm>

#include "model/jinja_interpreter.h"
#include "model/jinja_text.h"

namespace r1::model::jinja {
namespace {

using TestFunction = bool (*)(Interpreter&, const Value&, Arguments&);

const Value& other(Arguments& arguments) {
  if (arguments.positional.size() != 1) throw Failure{"a test needs a value to compare with"};
  return arguments.positional[0];
}

int64_t remainder(const Value& value, const Value& divisor, Meter& meter) {
  return binary_operator("%", value, divisor, meter).as_integer("a remainder");
}

bool has_case(Interpreter& interpreter, const Value& value, bool upper_case) {
  const std::string text = interpreter.to_string(value);
  const std::string up = upper(text), low = lower(text);
  return up != low && text == (upper_case ? up : low);
}

bool iterable(const Value& value) {
  const bool iterates =
      dynamic_cast<Iterator*>(value.object()) || dynamic_cast<Loop*>(value.object());
  return value.string() || value.sequence() || value.dict() || value.is_undefined() || iterates;
}

// What has a length and __getitem__: not views of a dict. Undefined has both.
bool sequence(const Value& value) {
  return value.string() || value.dict() || value.is_list() || value.is_tuple() ||
         value.is_undefined() || value.is_sequence(SequenceKind::kRange);
}

bool in(Interpreter& interpreter, const Value& value, const Value& container) {
  if (container.string() && value.string())
    return container.string()->find(*value.string()) != std::string::npos;
  const Values items = interpreter.iterate(container);
  return std::any_of(items.begin(), items.end(),
                     [&](const Value& item) { return equal(item, value, interpreter.meter()); });
}

const std::vector<std::pair<const char*, TestFunction>>& tests() {
  using I = Interpreter&;
  using V = const Value&;
  using A = Arguments&;
  static const std::vector<std::pair<const char*, TestFunction>> table = {
      {"defined", [](I, V v, A) { return !v.is_undefined(); }},
      {"undefined", [](I, V v, A) { return v.is_undefined(); }},
      {"none", [](I, V v, A) { return v.is_none(); }},
      {"boolean", [](I, V v, A) { return v.boolean() != nullptr; }},
      {"true", [](I, V v, A) { return v.boolean() && *v.boolean(); }},
      {"false", [](I, V v, A) { return v.boolean() && !*v.boolean(); }},
      {"integer", [](I, V v, A) { return v.integer() != nullptr; }},
      {"float", [](I, V v, A) { return v.real() != nullptr; }},
      {"number", [](I, V v, A) { return v.is_number(); }},
      {"string", [](I, V v, A) { return v.is_string(); }},
      {"mapping", [](I, V v, A) { return v.dict() != nullptr; }},
      {"sequence", [](I, V v, A) { return sequence(v); }},
      {"iterable", [](I, V v, A) { return iterable(v); }},
      {"callable",
       [](I, V v, A) {
         return dynamic_cast<Callable*>(v.object()) != nullptr || v.is_undefined();
       }},
      {"lower", [](I i, V v, A) { return has_case(i, v, false); }},
      {"upper", [](I i, V v, A) { return has_case(i, v, true); }},
      {"odd", [](I i, V v, A) { return remainder(v, Value(int64_t{2}), i.meter()) == 1; }},
      {"even", [](I i, V v, A) { return remainder(v, Value(int64_t{2}), i.meter()) == 0; }},
      {"divisibleby", [](I i, V v, A a) { return remainder(v, other(a), i.meter()) == 0; }},
      {"sameas", [](I, V v, A a) { return v.same_object(other(a)); }},
      {"in", [](I i, V v, A a) { return in(i, v, other(a)); }},
      {"filter", [](I i, V v, A) { return is_filter(i.to_string(v)); }},
      {"test", [](I i, V v, A) { return is_test(i.to_string(v)); }},
      {"eq", [](I i, V v, A a) { return equal(v, other(a), i.meter()); }},
      {"ne", [](I i, V v, A a) { return !equal(v, other(a), i.meter()); }},
      {"lt", [](I i, V v, A a) { return less(v, other(a), "<", i.meter()); }},
      {"gt", [](I i, V v, A a) { return less(other(a), v, ">", i.meter()); }},
      {"le",
       [](I i, V v, A a) {
         return less(v, other(a), "<=", i.meter()) || equal(v, other(a), i.meter());
       }},
      {"ge",
       [](I i, V v, A a) {
         return less(other(a), v, ">=", i.meter()) || equal(v, other(a), i.meter());
       }},
  };
  return table;
}

std::string plain_name(const std::string& name) {
  static const std::vector<std::pair<std::string, std::string>> aliases = {
      {"equalto", "eq"}, {"==", "eq"}, {"!=", "ne"},          {"<", "lt"},  {"lessthan", "lt"},
      {">", "gt"},       {"<=", "le"}, {"greaterthan", "gt"}, {">=", "ge"},
  };
  for (const auto& [alias, plain] : aliases)
    if (alias == name) return plain;
  return name;
}

TestFunction find_test(const std::string& name) {
  for (const auto& [known, function] : tests())
    if (known == plain_name(name)) return function;
  return nullptr;
}

}  // namespace

bool is_test(const std::string& name) { return find_test(name) != nullptr; }

bool apply_test(Interpreter& interpreter, const std::string& name, const Value& subject,
                Arguments& arguments) {
  const TestFunction function = find_test(name);
  if (function == nullptr)
    throw Failure{fmt::format("the test \"{}\" is not supported", name.substr(0, 80))};
  return function(interpreter, subject, arguments);
}

}  // namespace r1::model::jinja
