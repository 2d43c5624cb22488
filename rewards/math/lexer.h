// Splits an answer, LaTeX or plain text, into tokens. Unicode signs become the LaTeX they stand
// for; sizing and styling commands, zero-width characters and math delimiters vanish.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/math/ast.h"

namespace r1::rewards::math::engine {

enum class TokenKind : uint8_t {
  kEnd,
  kDigits,   // text: 0-9 only
  kLetter,   // text: one ASCII letter, or a run of other letters
  kCommand,  // text: name of a LaTeX command, without the backslash
  kText,     // text: content of \text{...} and its relatives
  kMark,     // mark: one ASCII character
  kRowEnd,   // a double backslash
};

// The gap before a token; the widest wins. kNegative: \!, as in 12,\!345.
enum class Space : uint8_t { kNone, kPlain, kThin, kWide, kNegative };

struct Token {
  TokenKind kind = TokenKind::kEnd;
  Space space = Space::kNone;  // before it
  char mark = 0;               // kMark, else 0
  uint16_t run = 0;            // kLetter: how many ASCII letters without a gap start here
  uint32_t begin = 0, end = 0;
  std::string_view text;

  bool is(char expected) const { return kind == TokenKind::kMark && mark == expected; }
  bool is_command(std::string_view name) const {
    return kind == TokenKind::kCommand && text == name;
  }
};

// Where and why an answer cannot be read.
struct Failure {
  std::string problem;  // empty: none
  uint32_t position = 0;
};

// The tokens of `source`, a kEnd last; texts point into `source`, `tree` or static memory. Fails on
// invalid UTF-8 and control characters. Linear in the length.
std::vector<Token> tokenize(std::string_view source, Tree& tree, Failure& failure);

// One code point at `position`, which moves behind it; -1 for invalid UTF-8.
int32_t next_code_point(std::string_view text, size_t& position);

}  // namespace r1::rewards::math::engine
