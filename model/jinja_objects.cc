// Namespaces, iterators, loops, and how functions get their arguments.
#include <fmt/format.h>

#include <algorithm>

#include "model/jinja_interpreter.h"

namespace r1::model::jinja {

std::optional<Value> ArgumentReader::next(std::string_view name) {
  if (position_ < arguments_.positional.size()) return arguments_.positional[position_++];
  ++position_;
  const auto named = std::find_if(arguments_.named.begin(), arguments_.named.end(),
                                  [&](const auto& argument) { return argument.first == name; });
  if (named == arguments_.named.end()) return std::nullopt;
  Value value = std::move(named->second);
  arguments_.named.erase(named);
  return value;
}

Value ArgumentReader::required(std::string_view name) {
  auto value = next(name);
  if (!value) throw Failure{fmt::format("{} needs the argument '{}'", what_, name)};
  return *value;
}

int64_t ArgumentReader::integer(std::string_view name, int64_t fallback) {
  const auto value = next(name);
  return value && !value->is_none() ? value->as_integer(std::string(name).c_str()) : fallback;
}

bool ArgumentReader::boolean(std::string_view name, bool fallback) {
  const auto value = next(name);
  return value ? value->truthy() : fallback;
}

std::optional<std::string> ArgumentReader::string(std::string_view name) {
  const auto value = next(name);
  if (!value || value->is_none()) return std::nullopt;
  if (value->is_undefined()) throw Failure{value->undefined_message()};
  if (!value->string())
    throw Failure{fmt::format("{}: '{}' must be str, not {}", what_, name, value->type_name())};
  return *value->string();
}

void ArgumentReader::finish() const {
  if (!arguments_.named.empty())
    throw Failure{
        fmt::format("{} got an unexpected argument '{}'", what_, arguments_.named[0].first)};
  if (position_ < arguments_.positional.size())
    throw Failure{fmt::format("{} takes at most {} arguments ({} given)", what_, position_,
                              arguments_.positional.size())};
}

const Value* Namespace::find(std::string_view name) const {
  for (const auto& [known, value] : attributes_)
    if (known == name) return &value;
  return nullptr;
}

void Namespace::set(const std::string& name, Value value) {
  for (auto& [known, old] : attributes_) {
    if (known != name) continue;
    old = std::move(value);
    return;
  }
  attributes_.emplace_back(name, std::move(value));
}

Values Iterator::drain() {
  Values rest(std::make_move_iterator(items_.begin() + static_cast<std::ptrdiff_t>(next_)),
              std::make_move_iterator(items_.end()));
  items_.clear();
  next_ = 0;
  return rest;
}

std::optional<Value> Iterator::next() {
  if (next_ == items_.size()) return std::nullopt;
  return std::move(items_[next_++]);
}

std::optional<Value> Loop::pull() {
  while (position_ < items_.size()) {
    Value& item = items_[position_++];
    if (!condition_ || condition_(item)) return std::move(item);
  }
  return std::nullopt;
}

bool Loop::advance() {
  auto next = ahead_ ? std::exchange(ahead_, std::nullopt) : pull();
  if (!next) return false;
  previous_ = std::exchange(current_, std::move(next));
  ++index0_;
  return true;
}

bool Loop::has_next() {
  if (!ahead_) ahead_ = pull();
  return ahead_.has_value();
}

int64_t Loop::length() {
  if (condition_) {  // asks for all that is left
    Values rest;
    while (auto item = pull()) rest.push_back(std::move(*item));
    items_ = std::move(rest);
    position_ = 0;
    condition_ = nullptr;
  }
  return index0_ + 1 + (ahead_ ? 1 : 0) + static_cast<int64_t>(items_.size() - position_);
}

Value Loop::changed(Interpreter& interpreter, Arguments& arguments) {
  const Value now = Value::tuple(std::move(arguments.positional), interpreter.meter());
  const bool is_new = !last_changed_ || !equal(*last_changed_, now, interpreter.meter());
  if (is_new) last_changed_ = now;
  return is_new;
}

std::optional<Value> Loop::attribute(Interpreter& interpreter, const std::string& name) {
  if (name == "index0") return Value(index0_);
  if (name == "index") return Value(index0_ + 1);
  if (name == "first") return Value(index0_ == 0);
  if (name == "last") return Value(!has_next());
  if (name == "length") return Value(length());
  if (name == "revindex") return Value(length() - index0_);
  if (name == "revindex0") return Value(length() - index0_ - 1);
  if (name == "depth") return Value(int64_t{1});
  if (name == "depth0") return Value(int64_t{0});
  if (name == "previtem")
    return previous_ ? *previous_ : Value::undefined("there is no previous item");
  if (name == "nextitem") return has_next() ? *ahead_ : Value::undefined("there is no next item");
  if (name == "changed") {
    return Value(interpreter.make<Function>(
        [this](Interpreter& i, Arguments& arguments) { return changed(i, arguments); }));
  }
  if (name == "cycle") {
    return Value(interpreter.make<Function>([this](Interpreter&, Arguments& arguments) {
      if (arguments.positional.empty()) throw Failure{"no items for cycling given"};
      return arguments.positional[static_cast<size_t>(index0_) % arguments.positional.size()];
    }));
  }
  return std::nullopt;
}

}  // namespace r1::model::jinja
