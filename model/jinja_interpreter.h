// Runs a parsed template. One Interpreter renders once.
#pragma once

#include <ctime>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/jinja_ast.h"
#include "model/jinja_value.h"

namespace r1::model::jinja {

class Interpreter;

struct Arguments {
  Values positional;
  std::vector<std::pair<std::string, Value>> named;
};

// Hands out the arguments of a function by position or name; whatever is left over at the end is an
// error.
class ArgumentReader {
 public:
  // `what` names the function in messages.
  ArgumentReader(Arguments& arguments, std::string what)
      : arguments_(arguments), what_(std::move(what)) {}
  // The next parameter; nothing when it was not given.
  std::optional<Value> next(std::string_view name);
  Value required(std::string_view name);
  int64_t integer(std::string_view name, int64_t fallback);
  bool boolean(std::string_view name, bool fallback);
  // A string argument, nothing when it is absent or None. Throws Failure for another type.
  std::optional<std::string> string(std::string_view name);
  void finish() const;

 private:
  Arguments& arguments_;
  std::string what_;
  size_t position_ = 0;
};

class Callable : public Object {
 public:
  const char* type_name() const override { return "function"; }
  virtual Value call(Interpreter& interpreter, Arguments& arguments) = 0;
};

class Function : public Callable {
 public:
  using Body = std::function<Value(Interpreter&, Arguments&)>;
  explicit Function(Body body) : body_(std::move(body)) {}
  Value call(Interpreter& interpreter, Arguments& arguments) override {
    return body_(interpreter, arguments);
  }

 private:
  Body body_;
};

class Namespace : public Object {
 public:
  const char* type_name() const override { return "Namespace"; }
  const Value* find(std::string_view name) const;
  void set(const std::string& name, Value value);

 private:
  std::vector<std::pair<std::string, Value>> attributes_;
};

// What filters such as map return: read once, from front to back, always true.
class Iterator : public Object {
 public:
  explicit Iterator(Values items) : items_(std::move(items)) {}
  const char* type_name() const override { return "generator"; }
  Values drain();
  std::optional<Value> next();

 private:
  Values items_;
  size_t next_ = 0;
};

// The variable `loop`. Items that a condition drops are never seen; the condition is asked as late
// as possible.
class Loop : public Object {
 public:
  using Condition = std::function<bool(const Value&)>;
  Loop(Values items, Condition condition)
      : items_(std::move(items)), condition_(std::move(condition)) {}
  const char* type_name() const override { return "LoopContext"; }
  bool advance();  // to the next item; false when there is none
  const Value& item() const { return *current_; }
  std::optional<Value> attribute(Interpreter& interpreter, const std::string& name);

 private:
  std::optional<Value> pull();
  bool has_next();
  int64_t length();
  Value changed(Interpreter& interpreter, Arguments& arguments);

  Values items_;
  Condition condition_;
  size_t position_ = 0;
  int64_t index0_ = -1;
  std::optional<Value> previous_, current_, ahead_, last_changed_;
};

// Variables of a block; parents are the blocks around it in the template.
struct Scope {
  std::shared_ptr<Scope> parent;
  std::vector<std::pair<std::string, Value>> variables = {};
};

class Macro : public Callable {
 public:
  Macro(const Stmt& stmt, std::shared_ptr<Scope> scope) : stmt_(stmt), scope_(std::move(scope)) {}
  const char* type_name() const override { return "Macro"; }
  Value call(Interpreter& interpreter, Arguments& arguments) override;

 private:
  const Stmt& stmt_;
  std::shared_ptr<Scope> scope_;
};

struct Rendered {
  std::string text;
  // Byte ranges [begin, end) of `text` that generation blocks wrote, in order.
  std::vector<std::pair<size_t, size_t>> generated;
};

class Interpreter {
 public:
  Interpreter(const Limits& limits, const std::tm& now);

  Meter& meter() { return meter_; }
  const std::tm& now() const { return now_; }
  int line() const { return line_; }  // of what is being evaluated: where a Failure belongs

  // Variables of the template, before run().
  void define(const std::string& name, Value value) { assign(name, std::move(value)); }
  Rendered run(const Body& body);

  // ---- for functions, filters and tests
  template <class T, class... Args>
  T* make(Args&&... args) {
    meter_.charge(sizeof(T) + 64);
    objects_.push_back(std::make_unique<T>(std::forward<Args>(args)...));
    return static_cast<T*>(objects_.back().get());
  }
  Value text(std::string utf8) { return Value::text(std::move(utf8), meter_); }
  std::string to_string(const Value& value) { return to_text(value, meter_); }
  // The items that a for loop would visit. Throws Failure for what cannot be iterated.
  Values iterate(const Value& value);
  Value iterator(Values items) { return make<Iterator>(std::move(items)); }
  Value attribute(const Value& object, const std::string& name);  // object.name
  Value item(const Value& object, const Value& key);              // object[key]
  Value call(const Value& callee, Arguments& arguments);
  // Runs a macro's body in a scope of its own below `scope`.
  Value call_macro(const Stmt& macro, const std::shared_ptr<Scope>& scope, Arguments& arguments);

 private:
  friend class Macro;
  enum class Flow { kNext, kBreak, kContinue };
  // Counts nested evaluations while it lives.
  class Depth {
   public:
    explicit Depth(Interpreter& interpreter) : depth_(interpreter.depth_) {
      if (depth_ == interpreter.meter_.limits().max_depth) interpreter.too_deep();
      ++depth_;
    }
    ~Depth() { --depth_; }

   private:
    int& depth_;
  };
  class ScopeGuard;
  [[noreturn]] void too_deep() const;

  Flow run_body(const Body& body);
  Flow run_statement(const Stmt& stmt);
  Flow run_if(const Stmt& stmt);
  Flow run_for(const Stmt& stmt);
  Flow run_with(const Stmt& stmt);
  void run_set_block(const Stmt& stmt);
  void run_call_block(const Stmt& stmt);
  void run_generation(const Stmt& stmt);
  // What `body` writes, in a scope of its own.
  std::string capture(const Body& body);
  std::string capture_here(const Body& body);
  void write(std::string_view text);
  void assign(const std::string& name, Value value);
  void assign(const Target& target, const Value& value);
  static std::shared_ptr<Scope> new_scope(const std::shared_ptr<Scope>& parent) {
    return std::make_shared<Scope>(Scope{parent});
  }
  void bind_parameters(const Stmt& macro, Arguments& arguments);
  void bind_extras(const Stmt& macro, Arguments& arguments);

  Value eval(const Expr& expr);
  Value eval_name(const std::string& name);
  Value eval_binary(const Expr& expr);
  Value eval_logic(const Expr& expr);
  Value eval_condition(const Expr& expr);
  Value eval_attribute(const Expr& expr);
  Value eval_compare(const Expr& expr);
  Value eval_concat(const Expr& expr);
  Value eval_item(const Expr& expr);
  Value eval_call(const Expr& expr);
  Value eval_filter(const Expr& expr, const Value* subject);
  Value eval_test(const Expr& expr);
  Value eval_dict(const Expr& expr);
  Value slice(const Value& object, const Expr& expr);
  bool contains(const Value& container, const Value& item);
  Values eval_all(const std::vector<ExprPtr>& exprs, size_t first);
  Arguments eval_arguments(const Expr& expr);
  // A method or member that Python's object has; nothing when it has none of that name.
  std::optional<Value> member(const Value& object, const std::string& name);

  Meter meter_;
  std::tm now_;
  std::vector<std::unique_ptr<Object>> objects_;
  std::shared_ptr<Scope> scope_;
  std::string root_;           // the result
  std::string* out_ = &root_;  // where text goes: the result, or what captures it
  std::vector<std::pair<size_t, size_t>> generated_;
  int depth_ = 0;
  int line_ = 1;
};

// In jinja_operators.cc. `op` is one of + - * / // % **.
Value binary_operator(const std::string& op, const Value& a, const Value& b, Meter& meter);
Value negate(const Value& value);
std::string html_escaped(const std::string& text, Meter& meter);
std::string format_percent(const std::string& format, const Values& values, Meter& meter);
std::string format_braces(const std::string& format, Arguments& arguments, Meter& meter);
std::optional<int64_t> parse_integer(std::string_view text, int base);
std::optional<double> parse_double(std::string_view text);

// In jinja_filters.cc, jinja_sequence_filters.cc and jinja_tests.cc.
Value apply_filter(Interpreter& interpreter, const std::string& name, const Value& subject,
                   Arguments& arguments);
bool apply_test(Interpreter& interpreter, const std::string& name, const Value& subject,
                Arguments& arguments);
using FilterFunction = Value (*)(Interpreter&, const Value& subject, Arguments&);
using FilterEntry = std::pair<const char*, FilterFunction>;
const std::vector<FilterEntry>& sequence_filters();

// In jinja_methods.cc and jinja_container_methods.cc: methods of str, list, tuple and dict. A null
// function: Python has the method, this does not.
using Method = Value (*)(Interpreter&, const Value& self, Arguments&);
using MethodTable = std::vector<std::pair<const char*, Method>>;
const MethodTable& list_methods();
const MethodTable& tuple_methods();
const MethodTable& dict_methods();
bool has_method(const Value& object, std::string_view name);
bool is_mutating_method(const Value& object, std::string_view name);
Value call_method(Interpreter& interpreter, const Value& self, const std::string& name,
                  Arguments& arguments);

// In jinja_globals.cc: range, dict, namespace, raise_exception, strftime_now.
void define_globals(Interpreter& interpreter);

}  // namespace r1::model::jinja
