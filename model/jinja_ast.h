// The tree of a parsed template.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/jinja_value.h"

namespace r1::model::jinja {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

enum class ExprKind {
  kConst,      // value
  kName,       // text
  kList,       // args
  kTuple,      // args
  kDict,       // args: key, value, key, value ...
  kNot,        // args[0]
  kNegative,   // args[0]
  kPositive,   // args[0]
  kBinary,     // text: + - * / // % **; args[0], args[1]
  kConcat,     // args
  kAnd,        // args[0], args[1]
  kOr,         // args[0], args[1]
  kCompare,    // args[0] ops[0] args[1] ops[1] args[2] ...
  kCondition,  // args[1] if args[0] else args[2], which may be null
  kAttribute,  // args[0].text
  kItem,       // args[0][args[1]]
  kSlice,      // args[0]:args[1]:args[2], each may be null
  kCall,       // args[0](args[1...], kwargs...)
  kFilter,     // args[0] | text(args[1...], kwargs...); args[0] is null in a filter block
  kTest,       // args[0] is text(args[1...], kwargs...)
};

struct Expr {
  ExprKind kind;
  int line = 1;
  int depth = 1;  // of the tree below, itself included
  std::string text = {};
  Value value = {};
  std::vector<ExprPtr> args = {};
  std::vector<std::string> ops = {};
  std::vector<std::pair<std::string, ExprPtr>> kwargs = {};
};

struct Stmt;
using Body = std::vector<std::unique_ptr<Stmt>>;

enum class StmtKind {
  kData,        // text
  kPrint,       // exprs
  kFor,         // target in exprs[0] if exprs[1] (may be null); body; otherwise
  kIf,          // exprs[i] decides for branches[i]; otherwise
  kSet,         // target = exprs[0]
  kSetBlock,    // target = body, through the filter exprs[0] (may be null)
  kMacro,       // text(parameters): body
  kCallBlock,   // exprs[0] is the call, parameters those of the caller; body
  kFilter,      // body through the filter exprs[0]
  kWith,        // targets[i] = exprs[i]; body
  kGeneration,  // body: text that the assistant wrote
  kBreak,
  kContinue,
};

// What a value is assigned to: a name, an attribute of a namespace, or several of these.
struct Target {
  std::string name, attribute;
  std::vector<Target> parts;  // not empty, or is_tuple: unpacked
  bool is_tuple = false;
};

struct Parameter {
  std::string name;
  ExprPtr fallback;  // may be null
};

struct Stmt {
  StmtKind kind;
  int line = 1;
  std::string text = {};
  std::vector<Target> targets = {};
  std::vector<ExprPtr> exprs = {};
  std::vector<Parameter> parameters = {};
  bool uses_caller = false, uses_varargs = false, uses_kwargs = false;  // of a macro
  Body body = {}, otherwise = {};
  std::vector<Body> branches = {};
};

// Throws LineFailure for bad syntax, an unknown tag, filter or test, or nesting beyond
// limits.max_nesting.
Body parse_template(std::string_view source, const Limits& limits);

bool is_filter(const std::string& name);
bool is_test(const std::string& name);

}  // namespace r1::model::jinja
