// Template text to tokens, as jinja2 3.1 does with trim_blocks and lstrip_blocks (which
// transformers sets).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/jinja_value.h"

namespace r1::model::jinja {

enum class TokenKind {
  kData,  // text outside of tags
  kPrintBegin,
  kPrintEnd,
  kBlockBegin,
  kBlockEnd,
  kName,
  kString,
  kInteger,
  kFloat,
  kOperator,
  kEnd,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  int line = 1;
  std::string text;  // of a string: unescaped
  int64_t integer = 0;
  double real = 0;
};

// A Failure with the line it belongs to.
struct LineFailure {
  int line;
  std::string message;
};

// The tokens of `source`, the last one kEnd. Comments are dropped, raw blocks become data. Throws
// LineFailure for a tag that is not closed, unbalanced brackets and unknown characters.
std::vector<Token> tokenize(std::string_view source);

// How a message names a token.
std::string describe(const Token& token);

}  // namespace r1::model::jinja
