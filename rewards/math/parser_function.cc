// Functions, with and without brackets; sums and products with limits.
#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "rewards/math/parser_impl.h"

namespace r1::rewards::math::engine {
namespace {

constexpr std::pair<std::string_view, Function> kFunctions[] = {
    {"sin", Function::kSin},        {"cos", Function::kCos},        {"tan", Function::kTan},
    {"cot", Function::kCot},        {"sec", Function::kSec},        {"csc", Function::kCsc},
    {"tg", Function::kTan},         {"ctg", Function::kCot},        {"cosec", Function::kCsc},
    {"arcsin", Function::kArcsin},  {"arccos", Function::kArccos},  {"arctan", Function::kArctan},
    {"asin", Function::kArcsin},    {"acos", Function::kArccos},    {"atan", Function::kArctan},
    {"arctg", Function::kArctan},   {"arccot", Function::kArccot},  {"arcctg", Function::kArccot},
    {"sinh", Function::kSinh},      {"cosh", Function::kCosh},      {"tanh", Function::kTanh},
    {"arcsinh", Function::kArsinh}, {"arccosh", Function::kArcosh}, {"arctanh", Function::kArtanh},
    {"arsinh", Function::kArsinh},  {"arcosh", Function::kArcosh},  {"artanh", Function::kArtanh},
    {"asinh", Function::kArsinh},   {"acosh", Function::kArcosh},   {"atanh", Function::kArtanh},
    {"exp", Function::kExp},        {"ln", Function::kLn},          {"Re", Function::kReal},
    {"Im", Function::kImaginary},   {"conj", Function::kConjugate}};
constexpr std::string_view kNamedFunctions[] = {"gcd",  "lcm",   "min",  "max", "log",
                                                "lg",   "sqrt",  "cbrt", "abs", "floor",
                                                "ceil", "binom", "det",  "sgn", "factorial"};

std::optional<Function> find_function(std::string_view name) {
  for (const auto& [known, function] : kFunctions) {
    if (known == name) return function;
  }
  return std::nullopt;
}

Function inverse_of(Function function) {
  switch (function) {
    case Function::kSin:
      return Function::kArcsin;
    case Function::kCos:
      return Function::kArccos;
    case Function::kTan:
      return Function::kArctan;
    case Function::kCot:
      return Function::kArccot;
    case Function::kSinh:
      return Function::kArsinh;
    case Function::kCosh:
      return Function::kArcosh;
    case Function::kTanh:
      return Function::kArtanh;
    default:
      return function;
  }
}

}  // namespace

bool Parser::is_function(std::string_view name) const {
  return find_function(name).has_value() ||
         std::find(std::begin(kNamedFunctions), std::end(kNamedFunctions), name) !=
             std::end(kNamedFunctions);
}

// The name has been read.
const Node* Parser::function(std::string_view name) {
  std::optional<Function> function = find_function(name);
  if (!function) return named_function(name);
  const uint32_t begin = tokens_[position_ - 1].begin;
  if (++depth_ > kMaxDepth) return fail_too_large("nested too deep");
  const Node* exponent = nullptr;
  if (peek().is('^')) {  // \sin^2 x, \sin^{-1} x
    next();
    exponent = peek().is('-') ? signed_factor() : argument();
    if (exponent == nullptr) return nullptr;
    const bool minus_one = exponent->kind == Kind::kNegate &&
                           exponent->children[0]->kind == Kind::kNumber &&
                           *exponent->children[0]->number == Rational(1);
    if (minus_one && inverse_of(*function) != *function) {
      function = inverse_of(*function);
      exponent = nullptr;
    }
  }
  const Node* inner = function_argument();
  --depth_;
  if (inner == nullptr) return nullptr;
  Node* node = tree_.make(Kind::kFunction, {inner}, begin, last_end());
  node->function = *function;
  node->grouped = true;
  return exponent == nullptr ? node : tree_.make(Kind::kPower, {node, exponent}, begin, last_end());
}

// Brackets, or the product that follows up to a sign or another function: \sin 2x\cos x, \cos
// 2\pi/7.
const Node* Parser::function_argument() {
  if (peek().is('(') || peek().is('[') || peek().is('|')) {
    const bool bracket = !peek().is('|');
    const Node* inner = primary();
    if (inner == nullptr || bracket) return inner;
    return inner;
  }
  if (peek().is('{')) {
    const Node* group = braces();
    return group == nullptr ? nullptr : postfix(group);
  }
  const uint32_t begin = peek().begin;
  const Node* left = signed_factor();
  if (left == nullptr) return nullptr;
  left = mixed_number(left);
  bool constant_only = left != nullptr && !contains(*left, Kind::kSymbol);
  while (left != nullptr && starts_factor(left) && left->kind != Kind::kDegrees) {
    const Token& token = peek();
    const bool another_function = (token.kind == TokenKind::kCommand && is_function(token.text)) ||
                                  (token.run >= 2 && is_function(run())) || token.is('(') ||
                                  token.kind == TokenKind::kText || token.is_command("$");
    if (another_function) break;
    const Node* right = factor();
    if (right == nullptr) return nullptr;
    constant_only = constant_only && !contains(*right, Kind::kSymbol);
    left = tree_.make(Kind::kMultiply, {left, right}, begin, last_end());
  }
  if (left != nullptr && constant_only && peek().is('/') && peek(1).kind == TokenKind::kDigits) {
    next();
    const Node* below = number();
    if (below == nullptr) return nullptr;
    left = tree_.make(Kind::kDivide, {left, below}, begin, last_end());
  }
  return left;
}

// Functions of several arguments, and those that have a node kind of their own. The name has been
// read.
const Node* Parser::named_function(std::string_view name) {
  const uint32_t begin = tokens_[position_ - 1].begin;
  if (++depth_ > kMaxDepth) return fail_too_large("nested too deep");
  const Node* base = nullptr;
  if (name == "log" && peek().is('_')) {
    next();
    base = argument();
    if (base == nullptr) return nullptr;
  }
  if (name == "lg") base = tree_.number(Rational(10));
  const Node* exponent = nullptr;
  if (peek().is('^')) {
    next();
    exponent = argument();
    if (exponent == nullptr) return nullptr;
  }
  if (name == "sqrt" || name == "cbrt") {
    const Node* radicand = root_argument();
    if (radicand == nullptr) return nullptr;
    --depth_;
    return tree_.make(Kind::kRoot, {radicand, tree_.number(Rational(name == "sqrt" ? 2 : 3))},
                      begin, last_end());
  }
  const Node* inner = function_argument();
  if (inner == nullptr) return nullptr;
  --depth_;
  const Node* node = nullptr;
  if (name == "log" || name == "lg") {
    node = base == nullptr ? tree_.make(Kind::kLogarithm, {inner}, begin, last_end())
                           : tree_.make(Kind::kLogarithm, {inner, base}, begin, last_end());
  } else if (name == "abs") {
    node = tree_.make(Kind::kAbsolute, {inner}, begin, last_end());
  } else if (name == "floor") {
    node = tree_.make(Kind::kFloor, {inner}, begin, last_end());
  } else if (name == "ceil") {
    node = tree_.make(Kind::kCeiling, {inner}, begin, last_end());
  } else if (name == "factorial") {
    node = tree_.make(Kind::kFactorial, {inner}, begin, last_end());
  } else {
    const bool several =
        inner->kind == Kind::kTuple || inner->kind == Kind::kList || inner->kind == Kind::kSet;
    const bool pair = several && inner->children.size() == 2;
    if (name == "binom") {
      if (!pair) return fail("binom needs two arguments");
      node = tree_.make(Kind::kBinomial, inner->children, begin, last_end());
    } else {
      Node* call = several ? tree_.make(Kind::kNamed, inner->children, begin, last_end())
                           : tree_.make(Kind::kNamed, {inner}, begin, last_end());
      call->text = tree_.keep(name);
      node = call;
    }
  }
  return exponent == nullptr ? node : tree_.make(Kind::kPower, {node, exponent}, begin, last_end());
}

// \sum_{k=first}^{last} body. The command has been read.
const Node* Parser::big_operator(Kind kind) {
  const uint32_t begin = tokens_[position_ - 1].begin;
  if (++depth_ > kMaxDepth) return fail_too_large("nested too deep");
  const Node* start = nullptr;
  const Node* last = nullptr;
  for (int k = 0; k < 2; ++k) {
    if (peek().is('_')) {
      next();
      start = argument();
      if (start == nullptr) return nullptr;
    } else if (peek().is('^')) {
      next();
      last = argument();
      if (last == nullptr) return nullptr;
    }
  }
  if (start == nullptr || start->kind != Kind::kRelation || start->text != "=" || last == nullptr) {
    return fail("a sum needs limits like k=1 and n");
  }
  const Node* variable = start->children[0];
  if (variable->kind == Kind::kConstant && variable->constant == Constant::kI) {
    Node* name = tree_.make(Kind::kSymbol, variable->begin, variable->end);
    name->text = "i";
    variable = name;
  }
  if (variable->kind != Kind::kSymbol) return fail("the variable of a sum must be a name");
  const bool outer = i_is_a_name_;
  i_is_a_name_ = outer || variable->text == "i";
  const Node* body = term();
  i_is_a_name_ = outer;
  if (body == nullptr) return nullptr;
  --depth_;
  return tree_.make(kind, {variable, start->children[1], last, body}, begin, last_end());
}

// f(x): a value that nothing is known of but its name and argument.
const Node* Parser::opaque_call(const Node* name) {
  if (!peek().is('(') || peek().space != Space::kNone) return name;
  const Node* inner = primary();
  if (inner == nullptr) return nullptr;
  Node* node = tree_.make(Kind::kSymbol, name->begin, last_end());
  node->text = tree_.keep(std::string(name->text) + "(" + canonical(*inner) + ")");
  return node;
}

}  // namespace r1::rewards::math::engine
