#include "rewards/math/ast.h"

#include <algorithm>
#include <vector>

namespace r1::rewards::math::engine {
namespace {

constexpr const char* kKindNames[] = {
    "number",     "constant", "infinity",  "symbol",     "negate",     "add",
    "multiply",   "divide",   "power",     "root",       "function",   "logarithm",
    "named",      "absolute", "floor",     "ceiling",    "factorial",  "double_factorial",
    "binomial",   "sum",      "product",   "plus_minus", "minus_plus", "percent",
    "degrees",    "quantity", "based",     "ratio",      "time",       "tuple",
    "list",       "set",      "empty_set", "named_set",  "union",      "intersection",
    "difference", "relation", "matrix",    "text",       "labelled"};
static_assert(std::size(kKindNames) == static_cast<size_t>(Kind::kLabelled) + 1);

constexpr const char* kFunctionNames[] = {"sin",    "cos",    "tan",      "cot",    "sec",  "csc",
                                          "arcsin", "arccos", "arctan",   "arccot", "sinh", "cosh",
                                          "tanh",   "arsinh", "arcosh",   "artanh", "exp",  "ln",
                                          "re",     "im",     "conjugate"};
constexpr const char* kConstantNames[] = {"pi", "e", "i"};

// What a node is besides its children.
std::string label(const Node& node) {
  std::string text = kind_name(node.kind);
  if (node.kind == Kind::kFunction)
    text += std::string(" ") + kFunctionNames[static_cast<int>(node.function)];
  if (node.kind == Kind::kConstant)
    text += std::string(" ") + kConstantNames[static_cast<int>(node.constant)];
  if (node.number != nullptr) text += " " + node.number->text();
  if (node.kind == Kind::kBased) text += " base " + std::to_string(node.base);
  if (node.kind == Kind::kMatrix)
    text += " " + std::to_string(node.rows) + "x" + std::to_string(node.columns);
  if (node.open != 0) text += std::string(" ") + node.open + node.close;
  if (!node.text.empty()) text += " '" + std::string(node.text) + "'";
  return text;
}

void print_to(const Node& node, int depth, std::string& out) {
  out.append(static_cast<size_t>(depth) * 2, ' ');
  out += label(node);
  if (node.decimals >= 0) out += " (" + std::to_string(node.significant) + " significant digits)";
  out += '\n';
  for (const Node* child : node.children) print_to(*child, depth + 1, out);
  if (node.other_reading != nullptr) {
    out.append(static_cast<size_t>(depth) * 2 + 2, ' ');
    out += "or read as\n";
    print_to(*node.other_reading, depth + 2, out);
  }
}

}  // namespace

const char* kind_name(Kind kind) { return kKindNames[static_cast<size_t>(kind)]; }

Tree::Tree() : memory_(first_block_, sizeof(first_block_)) {}

Node* Tree::make(Kind kind, uint32_t begin, uint32_t end) {
  ++nodes_;
  Node* node = new (memory_.allocate(sizeof(Node), alignof(Node))) Node;
  node->kind = kind;
  node->begin = begin;
  node->end = end;
  return node;
}

Node* Tree::make(Kind kind, std::span<const Node* const> children, uint32_t begin, uint32_t end) {
  Node* node = make(kind, begin, end);
  const size_t bytes = children.size() * sizeof(const Node*);
  auto** copied = static_cast<const Node**>(memory_.allocate(bytes + 1, alignof(const Node*)));
  std::copy(children.begin(), children.end(), copied);
  node->children = {copied, children.size()};
  return node;
}

Node* Tree::make(Kind kind, std::initializer_list<const Node*> children, uint32_t begin,
                 uint32_t end) {
  return make(kind, std::span<const Node* const>(children.begin(), children.size()), begin, end);
}

Node* Tree::number(Rational value) {
  Node* node = make(Kind::kNumber);
  node->number = &numbers_.emplace_back(std::move(value));
  return node;
}

Node* Tree::copy(const Node& node) {
  Node* result = make(node.kind, node.children, node.begin, node.end);
  const auto children = result->children;
  *result = node;
  result->children = children;
  return result;
}

std::string_view Tree::keep(std::string_view text) {
  auto* copied = static_cast<char*>(memory_.allocate(text.size() + 1, 1));
  std::copy(text.begin(), text.end(), copied);
  return {copied, text.size()};
}

bool contains(const Node& node, Kind kind) {
  if (node.kind == kind) return true;
  return std::any_of(node.children.begin(), node.children.end(),
                     [kind](const Node* child) { return contains(*child, kind); });
}

std::string canonical(const Node& node) {
  std::vector<std::string> parts;
  for (const Node* child : node.children) parts.push_back(canonical(*child));
  if (node.kind == Kind::kAdd || node.kind == Kind::kMultiply)
    std::sort(parts.begin(), parts.end());
  std::string text = label(node) + "(";
  for (const std::string& part : parts) text += part + ";";
  return text + ")";
}

std::string print_tree(const Node& node) {
  std::string out;
  print_to(node, 0, out);
  return out;
}

}  // namespace r1::rewards::math::engine
