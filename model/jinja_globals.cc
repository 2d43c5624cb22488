// The functions that every chat template finds: range, dict, namespace, raise_exception,
// strftime_now.
#include <fmt/format.h>

#include <algorithm>

#include "model/jinja_interpreter.h"

namespace r1::model::jinja {
namespace {

constexpr int64_t kMaxRange = 100'000;  // of jinja2's sandbox

Value make_range(Interpreter& interpreter, Arguments& arguments) {
  ArgumentReader reader(arguments, "range()");
  const Value first = reader.required("start");
  const auto second = reader.next("stop");
  const int64_t step = reader.integer("step", 1);
  reader.finish();
  const int64_t start = second ? first.as_integer("range()") : 0;
  const int64_t stop = (second ? *second : first).as_integer("range()");
  if (step == 0) throw Failure{"range() arg 3 must not be zero"};
  Values items;
  for (int64_t i = start; step > 0 ? i < stop : i > stop;) {
    if (static_cast<int64_t>(items.size()) == kMaxRange)
      throw Failure{
          fmt::format("Range too big. The sandbox blocks ranges larger than {}", kMaxRange)};
    items.emplace_back(i);
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return Value::sequence(SequenceKind::kRange, std::move(items), interpreter.meter());
}

// The entries that dict(mapping or pairs, name=value ...) would have.
std::vector<std::pair<Value, Value>> entries_of(Interpreter& interpreter, Arguments& arguments,
                                                const char* what) {
  std::vector<std::pair<Value, Value>> entries;
  if (arguments.positional.size() > 1)
    throw Failure{fmt::format("{} takes at most 1 positional argument", what)};
  if (!arguments.positional.empty()) {
    const Value& source = arguments.positional[0];
    if (source.dict()) {
      entries = source.dict()->entries;
    } else {
      for (const Value& pair : interpreter.iterate(source)) {
        Values parts = interpreter.iterate(pair);
        if (parts.size() != 2)
          throw Failure{fmt::format("{} needs pairs; one has {} parts", what, parts.size())};
        entries.emplace_back(std::move(parts[0]), std::move(parts[1]));
      }
    }
  }
  for (auto& [name, value] : arguments.named)
    entries.emplace_back(interpreter.text(name), std::move(value));
  return entries;
}

Value make_dict(Interpreter& interpreter, Arguments& arguments) {
  return Value::dict(entries_of(interpreter, arguments, "dict()"), interpreter.meter());
}

Value make_namespace(Interpreter& interpreter, Arguments& arguments) {
  auto* space = interpreter.make<Namespace>();
  for (auto& [name, value] : entries_of(interpreter, arguments, "namespace()")) {
    if (!name.string()) throw Failure{"the attributes of a namespace need names"};
    if (name.string()->starts_with('_'))
      throw Failure{
          fmt::format("a namespace takes no attribute that begins with an underscore, such as '{}'",
                      *name.string())};
    space->set(*name.string(), std::move(value));
  }
  return Value(space);
}

Value raise_exception(Interpreter& interpreter, Arguments& arguments) {
  ArgumentReader reader(arguments, "raise_exception()");
  const Value message = reader.required("message");
  reader.finish();
  throw Failure{
      fmt::format("the template refuses this conversation: {}", interpreter.to_string(message))};
}

Value strftime_now(Interpreter& interpreter, Arguments& arguments) {
  ArgumentReader reader(arguments, "strftime_now()");
  const std::string format = reader.string("format").value_or("");
  reader.finish();
  constexpr size_t kMaxFormat = 1000;
  if (format.size() > kMaxFormat)
    throw Failure{fmt::format("the format of strftime_now() has more than {} bytes", kMaxFormat)};
  if (format.find("%f") != std::string::npos) throw Failure{"strftime_now() does not know %f"};
  if (format.empty()) return interpreter.text("");
  std::string out(16 * kMaxFormat, '\0');
  out.resize(std::strftime(out.data(), out.size(), format.c_str(), &interpreter.now()));
  return interpreter.text(std::move(out));
}

}  // namespace

void define_globals(Interpreter& interpreter) {
  const std::pair<const char*, Value (*)(Interpreter&, Arguments&)> functions[] = {
      {"range", make_range},          {"dict", make_dict},
      {"namespace", make_namespace},  {"raise_exception", raise_exception},
      {"strftime_now", strftime_now},
  };
  for (const auto& [name, function] : functions)
    interpreter.define(name, Value(interpreter.make<Function>(function)));
}

}  // namespace r1::model::jinja
