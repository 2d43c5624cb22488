// Statements, scopes and macros.
#include "model/jinja_interpreter.h"

#include <fmt/format.h>

#include <algorithm>

namespace r1::model::jinja {

// Makes a scope the current one while it lives.
class Interpreter::ScopeGuard {
 public:
  ScopeGuard(Interpreter& interpreter, std::shared_ptr<Scope> scope)
      : interpreter_(interpreter), before_(std::exchange(interpreter.scope_, std::move(scope))) {}
  ~ScopeGuard() { interpreter_.scope_ = std::move(before_); }

 private:
  Interpreter& interpreter_;
  std::shared_ptr<Scope> before_;
};

Interpreter::Interpreter(const Limits& limits, const std::tm& now)
    : meter_(limits), now_(now), scope_(std::make_shared<Scope>()) {
  define_globals(*this);
  scope_ = new_scope(scope_);
}

Rendered Interpreter::run(const Body& body) {
  scope_ = new_scope(scope_);
  run_body(body);
  return {std::move(root_), std::move(generated_)};
}

void Interpreter::write(std::string_view text) {
  if (out_ != &root_) {
    meter_.charge(text.size());
  } else if (root_.size() + text.size() > meter_.limits().max_output) {
    throw Failure{
        fmt::format("the template writes more than {} MiB", meter_.limits().max_output >> 20)};
  }
  *out_ += text;
}

void Interpreter::assign(const std::string& name, Value value) {
  for (auto& [known, variable] : scope_->variables) {
    if (known != name) continue;
    variable = std::move(value);
    return;
  }
  meter_.charge(name.size() + sizeof(Value));
  scope_->variables.emplace_back(name, std::move(value));
}

void Interpreter::assign(const Target& target, const Value& value) {
  if (target.is_tuple) {
    const Values items = iterate(value);
    if (items.size() != target.parts.size())
      throw Failure{fmt::format("{} values to unpack (expected {}, got {})",
                                items.size() < target.parts.size() ? "not enough" : "too many",
                                target.parts.size(), items.size())};
    for (size_t i = 0; i < items.size(); ++i) assign(target.parts[i], items[i]);
  } else if (target.attribute.empty()) {
    assign(target.name, value);
  } else {
    const Value object = eval_name(target.name);
    auto* space = dynamic_cast<Namespace*>(object.object());
    if (space == nullptr) throw Failure{"cannot assign attribute on non-namespace object"};
    if (target.attribute.starts_with('_'))
      throw Failure{
          fmt::format("a namespace takes no attribute that begins with an underscore, such as '{}'",
                      target.attribute)};
    meter_.charge(target.attribute.size() + sizeof(Value));
    space->set(target.attribute, value);
  }
}

Interpreter::Flow Interpreter::run_body(const Body& body) {
  for (const auto& stmt : body) {
    const Flow flow = run_statement(*stmt);
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Interpreter::Flow Interpreter::run_statement(const Stmt& stmt) {
  meter_.step();
  const Depth depth(*this);
  line_ = stmt.line;
  switch (stmt.kind) {
    case StmtKind::kData:
      write(stmt.text);
      break;
    case StmtKind::kPrint:
      for (const ExprPtr& expr : stmt.exprs) write(to_string(eval(*expr)));
      break;
    case StmtKind::kIf:
      return run_if(stmt);
    case StmtKind::kFor:
      return run_for(stmt);
    case StmtKind::kSet:
      assign(stmt.targets[0], eval(*stmt.exprs[0]));
      break;
    case StmtKind::kSetBlock:
      run_set_block(stmt);
      break;
    case StmtKind::kMacro:
      assign(stmt.text, Value(make<Macro>(stmt, scope_)));
      break;
    case StmtKind::kCallBlock:
      run_call_block(stmt);
      break;
    case StmtKind::kFilter: {
      const Value body = text(capture(stmt.body));
      write(to_string(eval_filter(*stmt.exprs[0], &body)));
      break;
    }
    case StmtKind::kWith:
      return run_with(stmt);
    case StmtKind::kGeneration:
      run_generation(stmt);
      break;
    case StmtKind::kBreak:
      return Flow::kBreak;
    case StmtKind::kContinue:
      return Flow::kContinue;
  }
  return Flow::kNext;
}

Interpreter::Flow Interpreter::run_if(const Stmt& stmt) {
  for (size_t i = 0; i < stmt.exprs.size(); ++i)
    if (eval(*stmt.exprs[i]).truthy()) return run_body(stmt.branches[i]);
  return run_body(stmt.otherwise);
}

Interpreter::Flow Interpreter::run_for(const Stmt& stmt) {
  const Value source = eval(*stmt.exprs[0]);
  const Expr* test = stmt.exprs[1].get();
  const auto holds = [this, &stmt, test, outside = scope_](const Value& item) {
    const ScopeGuard guard(*this, new_scope(outside));
    assign(stmt.targets[0], item);
    return eval(*test).truthy();
  };
  auto* loop = make<Loop>(iterate(source), test ? Loop::Condition(holds) : Loop::Condition());
  bool any = false;
  while (loop->advance()) {
    any = true;
    const ScopeGuard guard(*this, new_scope(scope_));
    assign("loop", Value(loop));
    assign(stmt.targets[0], loop->item());
    if (run_body(stmt.body) == Flow::kBreak) break;
  }
  if (any) return Flow::kNext;
  const ScopeGuard guard(*this, new_scope(scope_));
  return run_body(stmt.otherwise);
}

Interpreter::Flow Interpreter::run_with(const Stmt& stmt) {
  const Values values = eval_all(stmt.exprs, 0);
  const ScopeGuard guard(*this, new_scope(scope_));
  for (size_t i = 0; i < values.size(); ++i) assign(stmt.targets[i], values[i]);
  return run_body(stmt.body);
}

void Interpreter::run_set_block(const Stmt& stmt) {
  Value value = text(capture(stmt.body));
  if (stmt.exprs[0]) value = eval_filter(*stmt.exprs[0], &value);
  assign(stmt.targets[0], value);
}

void Interpreter::run_call_block(const Stmt& stmt) {
  const Expr& expr = *stmt.exprs[0];
  const Value callee = eval(*expr.args[0]);
  Arguments arguments = eval_arguments(expr);
  arguments.named.emplace_back("caller", Value(make<Macro>(stmt, scope_)));
  write(to_string(call(callee, arguments)));
}

void Interpreter::run_generation(const Stmt& stmt) {
  const std::string written = capture(stmt.body);
  // As transformers counts: from what the whole template has written so far, even where the block
  // is inside of a macro.
  generated_.emplace_back(root_.size(), root_.size() + written.size());
  write(written);
}

std::string Interpreter::capture(const Body& body) {
  const ScopeGuard guard(*this, new_scope(scope_));
  return capture_here(body);
}

std::string Interpreter::capture_here(const Body& body) {
  std::string captured;
  std::string* before = std::exchange(out_, &captured);
  try {
    run_body(body);
  } catch (...) {
    out_ = before;
    throw;
  }
  out_ = before;
  return captured;
}

Value Macro::call(Interpreter& interpreter, Arguments& arguments) {
  return interpreter.call_macro(stmt_, scope_, arguments);
}

Value Interpreter::call_macro(const Stmt& macro, const std::shared_ptr<Scope>& scope,
                              Arguments& arguments) {
  const Depth depth(*this);
  const ScopeGuard guard(*this, new_scope(scope));
  bind_parameters(macro, arguments);
  bind_extras(macro, arguments);
  return text(capture_here(macro.body));
}

void Interpreter::bind_parameters(const Stmt& macro, Arguments& arguments) {
  for (size_t i = 0; i < macro.parameters.size(); ++i) {
    const Parameter& parameter = macro.parameters[i];
    const auto named =
        std::find_if(arguments.named.begin(), arguments.named.end(),
                     [&](const auto& argument) { return argument.first == parameter.name; });
    if (i < arguments.positional.size()) {
      assign(parameter.name, arguments.positional[i]);
    } else if (named != arguments.named.end()) {
      assign(parameter.name, std::move(named->second));
      arguments.named.erase(named);
    } else if (parameter.fallback) {
      assign(parameter.name, eval(*parameter.fallback));
    } else {
      assign(parameter.name,
             Value::undefined(fmt::format("parameter '{}' was not provided", parameter.name)));
    }
  }
}

// caller, kwargs and varargs, for a macro that uses them; otherwise what is too much is an error.
void Interpreter::bind_extras(const Stmt& macro, Arguments& arguments) {
  const auto caller = std::find_if(arguments.named.begin(), arguments.named.end(),
                                   [](const auto& argument) { return argument.first == "caller"; });
  if (macro.uses_caller) {
    const bool given = caller != arguments.named.end();
    assign("caller", given ? caller->second : Value::undefined("No caller defined"));
    if (given) arguments.named.erase(caller);
  }
  if (macro.uses_kwargs) {
    std::vector<std::pair<Value, Value>> entries;
    for (auto& [name, value] : arguments.named) entries.emplace_back(text(name), std::move(value));
    assign("kwargs", Value::dict(std::move(entries), meter_));
  } else if (!arguments.named.empty()) {
    throw Failure{fmt::format("macro '{}' takes no keyword argument '{}'", macro.text,
                              arguments.named[0].first)};
  }
  const size_t count = std::min(arguments.positional.size(), macro.parameters.size());
  if (macro.uses_varargs) {
    assign("varargs",
           Value::tuple({arguments.positional.begin() + static_cast<std::ptrdiff_t>(count),
                         arguments.positional.end()},
                        meter_));
  } else if (arguments.positional.size() > count) {
    throw Failure{fmt::format("macro '{}' takes not more than {} argument(s)", macro.text,
                              macro.parameters.size())};
  }
}

}  // namespace r1::model::jinja
