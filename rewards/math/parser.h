// Reads an answer, LaTeX or plain text, by recursive descent: bounded in bytes, depth and nodes,
// every failure with a position.
#pragma once

#include <string_view>
#include <vector>

#include "rewards/math/ast.h"
#include "rewards/math/lexer.h"

namespace r1::rewards::math::engine {

struct Parsed {
  const Node* root = nullptr;      // null: see failure
  const Node* as_words = nullptr;  // the whole answer as words, if it holds any
  Failure failure;
  bool too_large = false;     // the failure is a bound on bytes, depth or nodes
  std::vector<Token> tokens;  // for comparing two answers as written
};

Parsed parse(std::string_view answer, Tree& tree);

// Whether both answers are the same tokens, whatever their spacing.
bool same_tokens(const std::vector<Token>& a, const std::vector<Token>& b);

}  // namespace r1::rewards::math::engine
