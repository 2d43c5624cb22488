// Expressions, members and calls.
#include <fmt/format.h>

#include <algorithm>

#include "model/jinja_interpreter.h"
#include "model/jinja_text.h"

namespace r1::model::jinja {
namespace {

// How jinja2 names an object in the message of an undefined value.
std::string described(const Value& object) {
  return object.is_none() ? "None" : fmt::format("{} object", object.type_name());
}

Value no_attribute(const Value& object, const std::string& name) {
  return Value::undefined(
      fmt::format("'{}' has no attribute '{}'", described(object), name.substr(0, 200)));
}

Value unsafe_attribute(const Value& object, const std::string& name) {
  return Value::undefined(fmt::format("access to attribute '{}' of '{}' object is unsafe",
                                      name.substr(0, 200), object.type_name()));
}

// Python's slice.indices: first index, how many, step.
struct SliceRange {
  int64_t start, count, step;
};
SliceRange slice_range(int64_t length, const Value& start, const Value& stop,
                       const Value& step_value) {
  const int64_t step = step_value.is_none() ? 1 : step_value.as_integer("a slice index");
  if (step == 0) throw Failure{"slice step cannot be zero"};
  const int64_t low = step > 0 ? 0 : -1, high = step > 0 ? length : length - 1;
  const auto bound = [&](const Value& value, int64_t fallback) {
    if (value.is_none()) return fallback;
    int64_t index = value.as_integer("a slice index");
    if (index < 0) index = index < -length ? -length - 1 : index;
    return std::clamp(index < 0 ? index + length : index, low, high);
  };
  const int64_t first = bound(start, step > 0 ? low : high),
                last = bound(stop, step > 0 ? high : low);
  if (step > 0 ? first >= last : first <= last) return {first, 0, step};
  const auto magnitude =
      step > 0 ? static_cast<uint64_t>(step) : uint64_t{0} - static_cast<uint64_t>(step);
  const auto distance = static_cast<uint64_t>(step > 0 ? last - first : first - last);
  return {first, static_cast<int64_t>((distance - 1) / magnitude) + 1, step};
}

std::string sliced_text(std::string_view text, const SliceRange& range) {
  std::vector<size_t> starts;
  for (size_t at = 0; at < text.size(); next_code_point(text, at)) starts.push_back(at);
  starts.push_back(text.size());
  std::string out;
  for (int64_t i = 0; i < range.count; ++i) {
    const auto index = static_cast<size_t>(range.start + i * range.step);
    out += text.substr(starts[index], starts[index + 1] - starts[index]);
  }
  return out;
}

}  // namespace

void Interpreter::too_deep() const {
  throw Failure{fmt::format("calls are nested deeper than {} levels", meter_.limits().max_depth)};
}

Value Interpreter::eval(const Expr& expr) {
  meter_.step();
  const Depth depth(*this);
  line_ = expr.line;
  switch (expr.kind) {
    case ExprKind::kConst:
      return expr.value;
    case ExprKind::kName:
      return eval_name(expr.text);
    case ExprKind::kList:
      return Value::list(eval_all(expr.args, 0), meter_);
    case ExprKind::kTuple:
      return Value::tuple(eval_all(expr.args, 0), meter_);
    case ExprKind::kDict:
      return eval_dict(expr);
    case ExprKind::kNot:
      return !eval(*expr.args[0]).truthy();
    case ExprKind::kNegative:
      return negate(eval(*expr.args[0]));
    case ExprKind::kPositive:
      return negate(negate(eval(*expr.args[0])));
    case ExprKind::kBinary:
      return eval_binary(expr);
    case ExprKind::kConcat:
      return eval_concat(expr);
    case ExprKind::kAnd:
    case ExprKind::kOr:
      return eval_logic(expr);
    case ExprKind::kCompare:
      return eval_compare(expr);
    case ExprKind::kCondition:
      return eval_condition(expr);
    case ExprKind::kAttribute:
      return eval_attribute(expr);
    case ExprKind::kItem:
      return eval_item(expr);
    case ExprKind::kSlice:
      throw Failure{"a slice is allowed between [ and ] only"};
    case ExprKind::kCall:
      return eval_call(expr);
    case ExprKind::kFilter:
      return eval_filter(expr, nullptr);
    case ExprKind::kTest:
      return eval_test(expr);
  }
  return Value();
}

Value Interpreter::eval_binary(const Expr& expr) {
  const Value left = eval(*expr.args[0]), right = eval(*expr.args[1]);
  line_ = expr.line;
  return binary_operator(expr.text, left, right, meter_);
}

Value Interpreter::eval_logic(const Expr& expr) {
  Value left = eval(*expr.args[0]);
  const bool decided = left.truthy() == (expr.kind == ExprKind::kOr);
  return decided ? left : eval(*expr.args[1]);
}

Value Interpreter::eval_condition(const Expr& expr) {
  if (eval(*expr.args[0]).truthy()) return eval(*expr.args[1]);
  if (expr.args[2]) return eval(*expr.args[2]);
  return Value::undefined(
      "the inline if-expression evaluated to false and no else section was defined");
}

Value Interpreter::eval_attribute(const Expr& expr) {
  const Value object = eval(*expr.args[0]);
  line_ = expr.line;
  return attribute(object, expr.text);
}

Value Interpreter::eval_name(const std::string& name) {
  for (const Scope* scope = scope_.get(); scope != nullptr; scope = scope->parent.get())
    for (const auto& [known, value] : scope->variables)
      if (known == name) return value;
  return Value::undefined(fmt::format("'{}' is undefined", name.substr(0, 200)));
}

Values Interpreter::eval_all(const std::vector<ExprPtr>& exprs, size_t first) {
  Values values;
  for (size_t i = first; i < exprs.size(); ++i) values.push_back(eval(*exprs[i]));
  return values;
}

Arguments Interpreter::eval_arguments(const Expr& expr) {
  Arguments arguments{eval_all(expr.args, 1), {}};
  for (const auto& [name, value] : expr.kwargs) {
    for (const auto& known : arguments.named)
      if (known.first == name) throw Failure{fmt::format("keyword argument repeated: {}", name)};
    arguments.named.emplace_back(name, eval(*value));
  }
  line_ = expr.line;
  return arguments;
}

Value Interpreter::eval_dict(const Expr& expr) {
  std::vector<std::pair<Value, Value>> entries;
  for (size_t i = 0; i < expr.args.size(); i += 2) {
    Value key = eval(*expr.args[i]);
    if (key.is_list() || key.dict())
      throw Failure{fmt::format("unhashable type: '{}'", key.type_name())};
    entries.emplace_back(std::move(key), eval(*expr.args[i + 1]));
  }
  return Value::dict(std::move(entries), meter_);
}

Value Interpreter::eval_concat(const Expr& expr) {
  TextBuilder out(meter_);
  for (const ExprPtr& arg : expr.args) out.append(to_string(eval(*arg)));
  return text(out.take());
}

Value Interpreter::eval_compare(const Expr& expr) {
  Value left = eval(*expr.args[0]);
  for (size_t i = 0; i < expr.ops.size(); ++i) {
    const std::string& op = expr.ops[i];
    const Value right = eval(*expr.args[i + 1]);
    line_ = expr.line;
    bool holds = false;
    if (op == "==" || op == "!=") holds = equal(left, right, meter_) == (op == "==");
    if (op == "in" || op == "not in") holds = contains(right, left) == (op == "in");
    if (op == "<") holds = less(left, right, "<", meter_);
    if (op == ">") holds = less(right, left, ">", meter_);
    if (op == "<=") holds = less(left, right, "<=", meter_) || equal(left, right, meter_);
    if (op == ">=") holds = less(right, left, ">=", meter_) || equal(left, right, meter_);
    if (!holds) return false;
    left = right;
  }
  return true;
}

bool Interpreter::contains(const Value& container, const Value& wanted) {
  if (const std::string* text = container.string()) {
    if (wanted.is_undefined()) throw Failure{wanted.undefined_message()};
    if (!wanted.string())
      throw Failure{
          fmt::format("'in <string>' requires string as left operand, not {}", wanted.type_name())};
    meter_.step(static_cast<int64_t>(text->size() / 64));
    return text->find(*wanted.string()) != std::string::npos;
  }
  if (container.dict()) return container.find(wanted, meter_) != nullptr;
  if (auto* iterator = dynamic_cast<Iterator*>(container.object())) {
    while (const auto next = iterator->next())
      if (equal(*next, wanted, meter_)) return true;
    return false;
  }
  if (container.is_undefined()) return false;
  if (!container.sequence())
    throw Failure{fmt::format("argument of type '{}' is not iterable", container.type_name())};
  const Values& items = container.sequence()->items;
  return std::any_of(items.begin(), items.end(),
                     [&](const Value& one) { return equal(one, wanted, meter_); });
}

Values Interpreter::iterate(const Value& value) {
  const auto count = [&](size_t items) { meter_.charge(items * sizeof(Value)); };
  if (value.is_undefined()) return {};
  if (value.sequence()) {
    count(value.sequence()->items.size());
    return value.sequence()->items;
  }
  if (auto* iterator = dynamic_cast<Iterator*>(value.object())) return iterator->drain();
  Values items;
  if (value.dict()) {
    count(value.dict()->entries.size());
    for (const auto& entry : value.dict()->entries) items.push_back(entry.first);
    return items;
  }
  if (const std::string* characters = value.string()) {
    count(characters->size());
    for (size_t at = 0; at < characters->size();) {
      const size_t begin = at;
      next_code_point(*characters, at);
      items.push_back(text(characters->substr(begin, at - begin)));
    }
    return items;
  }
  throw Failure{fmt::format("'{}' object is not iterable", value.type_name())};
}

std::optional<Value> Interpreter::member(const Value& object, const std::string& name) {
  if (auto* space = dynamic_cast<Namespace*>(object.object())) {
    const Value* value = space->find(name);
    return value ? std::optional<Value>(*value) : std::nullopt;
  }
  if (auto* loop = dynamic_cast<Loop*>(object.object())) return loop->attribute(*this, name);
  if (!has_method(object, name)) return std::nullopt;
  if (name.starts_with('_') || is_mutating_method(object, name))
    return unsafe_attribute(object, name);
  const auto method = [object, name](Interpreter& interpreter, Arguments& arguments) {
    return call_method(interpreter, object, name, arguments);
  };
  return Value(make<Function>(method));
}

Value Interpreter::attribute(const Value& object, const std::string& name) {
  if (object.is_undefined()) throw Failure{object.undefined_message()};
  if (auto found = member(object, name)) return *found;
  if (const Value* value = object.find(name)) return *value;
  return no_attribute(object, name);
}

Value Interpreter::item(const Value& object, const Value& key) {
  if (object.is_undefined()) throw Failure{object.undefined_message()};
  if (object.dict()) {
    if (const Value* value = object.find(key, meter_)) return *value;
  } else if (key.integer() || key.boolean()) {
    int64_t index = key.as_integer("an index");
    const std::string* characters = object.string();
    const Sequence* sequence = object.sequence();
    const bool indexable = sequence && (object.is_list() || object.is_tuple() ||
                                        object.is_sequence(SequenceKind::kRange));
    const auto length = static_cast<int64_t>(characters  ? count_code_points(*characters)
                                             : indexable ? sequence->items.size()
                                                         : 0);
    if (index < 0) index += length;
    if (index >= 0 && index < length && indexable)
      return sequence->items[static_cast<size_t>(index)];
    if (index >= 0 && index < length) {
      size_t end = byte_offset(*characters, static_cast<size_t>(index));
      const size_t begin = end;
      next_code_point(*characters, end);
      return text(characters->substr(begin, end - begin));
    }
  }
  if (const std::string* name = key.string()) {
    if (auto found = member(object, *name)) return *found;
    return no_attribute(object, *name);
  }
  return Value::undefined(
      fmt::format("{} has no element {}", described(object), to_repr(key, meter_).substr(0, 200)));
}

Value Interpreter::eval_item(const Expr& expr) {
  const Value object = eval(*expr.args[0]);
  if (expr.args[1]->kind == ExprKind::kSlice) return slice(object, *expr.args[1]);
  const Value key = eval(*expr.args[1]);
  line_ = expr.line;
  return item(object, key);
}

Value Interpreter::slice(const Value& object, const Expr& expr) {
  const auto part = [&](size_t i) { return expr.args[i] ? eval(*expr.args[i]) : Value(); };
  const Value start = part(0), stop = part(1), step = part(2);
  line_ = expr.line;
  if (object.is_undefined()) throw Failure{object.undefined_message()};
  if (const std::string* characters = object.string()) {
    meter_.charge(characters->size() * sizeof(size_t));
    return text(sliced_text(
        *characters,
        slice_range(static_cast<int64_t>(count_code_points(*characters)), start, stop, step)));
  }
  if (!object.is_list() && !object.is_tuple() && !object.is_sequence(SequenceKind::kRange))
    return Value::undefined(fmt::format("{} has no element slice", described(object)));
  const Values& items = object.sequence()->items;
  const SliceRange range = slice_range(static_cast<int64_t>(items.size()), start, stop, step);
  Values taken;
  for (int64_t i = 0; i < range.count; ++i)
    taken.push_back(items[static_cast<size_t>(range.start + i * range.step)]);
  return Value::sequence(object.sequence()->kind, std::move(taken), meter_);
}

Value Interpreter::eval_call(const Expr& expr) {
  const Expr& callee = *expr.args[0];
  if (callee.kind != ExprKind::kAttribute) {
    const Value function = eval(callee);
    Arguments arguments = eval_arguments(expr);
    return call(function, arguments);
  }
  const Value self = eval(*callee.args[0]);
  line_ = callee.line;
  if (has_method(self, callee.text) && !is_mutating_method(self, callee.text)) {
    Arguments arguments = eval_arguments(expr);
    return call_method(*this, self, callee.text, arguments);
  }
  const Value function = attribute(self, callee.text);
  Arguments arguments = eval_arguments(expr);
  return call(function, arguments);
}

Value Interpreter::call(const Value& callee, Arguments& arguments) {
  if (callee.is_undefined()) throw Failure{callee.undefined_message()};
  auto* callable = dynamic_cast<Callable*>(callee.object());
  if (callable == nullptr)
    throw Failure{fmt::format("'{}' object is not callable", callee.type_name())};
  return callable->call(*this, arguments);
}

Value Interpreter::eval_filter(const Expr& expr, const Value* subject) {
  // A chain of filters in a filter block has the block's text at its root.
  const Value value = expr.args[0] == nullptr ? *subject
                      : subject != nullptr && expr.args[0]->kind == ExprKind::kFilter
                          ? eval_filter(*expr.args[0], subject)
                          : eval(*expr.args[0]);
  Arguments arguments = eval_arguments(expr);
  return apply_filter(*this, expr.text, value, arguments);
}

Value Interpreter::eval_test(const Expr& expr) {
  const Value subject = eval(*expr.args[0]);
  Arguments arguments = eval_arguments(expr);
  return apply_test(*this, expr.text, subject, arguments);
}

}  // namespace r1::model::jinja
