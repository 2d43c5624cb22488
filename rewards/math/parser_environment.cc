// \begin{...} ... \end{...}: matrices, determinants, systems.
#include <algorithm>
#include <utility>

#include "rewards/math/parser_impl.h"

namespace r1::rewards::math::engine {

// {pmatrix} or {align*}; the name without its star.
bool Parser::environment_name(std::string& name) {
  name.clear();
  if (!accept('{')) return fail("the name of an environment is missing") != nullptr;
  while (peek().kind == TokenKind::kLetter || peek().is('*')) {
    const Token& token = next();
    if (token.kind == TokenKind::kLetter) name += token.text;
  }
  return accept('}') || fail("the name of an environment is missing") != nullptr;
}

// \begin has been read.
const Node* Parser::environment() {
  const uint32_t begin = tokens_[position_ - 1].begin;
  if (depth_ >= kMaxDepth) return fail_too_large("nested too deep");
  std::string name;
  if (!environment_name(name)) return nullptr;
  const Nested nested(*this, {});
  if (name == "array") {  // {c|cc}
    if (accept('[')) {
      while (!at_end() && !accept(']')) next();
    }
    if (!accept('{')) return fail("the columns of an array are missing");
    while (!at_end() && !accept('}')) next();
    return matrix("array", begin);
  }
  if (name.ends_with("matrix")) return matrix(name, begin);
  if (name == "cases" || name == "aligned" || name == "align" || name == "gathered" ||
      name == "split" || name == "gather" || name == "equation") {
    return rows(name, begin);
  }
  return fail("an environment that is not known: " + name);
}

const Node* Parser::matrix(std::string_view name, uint32_t begin) {
  std::vector<const Node*> entries;
  size_t columns = 0, row = 0;
  int count = 0;
  for (;;) {
    const bool row_end = peek().kind == TokenKind::kRowEnd;
    const bool end = peek().is_command("end");
    if (row_end || end) {
      if (row > 0) {
        if (count > 0 && row != columns) return fail("rows of different lengths");
        columns = row;
        row = 0;
        ++count;
      }
      next();
      if (end) break;
      continue;
    }
    if (accept_command("hline") || (row > 0 && accept('&'))) continue;
    const Node* entry = relation();
    if (entry == nullptr) return nullptr;
    entries.push_back(entry);
    ++row;
    if (!peek().is('&') && peek().kind != TokenKind::kRowEnd && !peek().is_command("end")) {
      return fail("cannot read on from here");
    }
  }
  std::string closing;
  if (!environment_name(closing)) return nullptr;
  if (closing != name) return fail("an environment that ends under another name");
  if (entries.empty()) return fail("an empty matrix");
  Node* node = tree_.make(Kind::kMatrix, entries, begin, last_end());
  node->rows = count;
  node->columns = static_cast<int32_t>(columns);
  node->grouped = true;
  return name == "vmatrix" ? tree_.make(Kind::kAbsolute, {node}, begin, last_end()) : node;
}

// The rows of a system: a list joined by "and".
const Node* Parser::rows(std::string_view name, uint32_t begin) {
  // Alignment marks say nothing.
  int depth = 1;
  for (size_t k = position_; k < tokens_.size() && depth > 0;) {
    if (tokens_[k].is_command("begin")) ++depth;
    if (tokens_[k].is_command("end")) --depth;
    if (depth == 1 && tokens_[k].is('&')) {
      tokens_.erase(tokens_.begin() + static_cast<std::ptrdiff_t>(k));
    } else {
      ++k;
    }
  }
  std::vector<const Node*> found;
  while (!peek().is_command("end")) {
    if (peek().kind == TokenKind::kRowEnd) {
      next();
      continue;
    }
    const Node* row = list();
    if (row == nullptr) return nullptr;
    found.push_back(row);
    if (peek().kind != TokenKind::kRowEnd && !peek().is_command("end"))
      return fail("cannot read on from here");
  }
  next();
  std::string closing;
  if (!environment_name(closing)) return nullptr;
  if (closing != name || found.empty()) return fail("an environment that ends under another name");
  if (found.size() == 1) return found[0];
  Node* node = tree_.make(Kind::kList, found, begin, last_end());
  node->text = "and";
  return node;
}

}  // namespace r1::rewards::math::engine
