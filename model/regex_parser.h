// Regular expressions as a tree: the part of Oniguruma's (Ruby) syntax that tokenizers use.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/unicode.h"

namespace r1::model {

struct RegexNode {
  enum class Kind {
    kEmpty,
    kSet,        // one character of `set`
    kConcat,     // the children one after the other
    kAlternate,  // the first child that leads to a match
    kRepeat,     // the one child, min to max times
    kLook,       // the next character is in `set`; if negative: it is not, or the text ends
  };
  static constexpr int kUnbounded = -1;

  Kind kind = Kind::kEmpty;
  CodePointSet set;
  std::vector<RegexNode> children;
  int min = 0, max = 0;
  bool lazy = false;
  bool negative = false;

  bool can_be_empty() const;
};

// Throws DataError with the character's number (1-based) and what is wrong or not supported there:
// look-behind, back references, anchors but \z and $, atomic groups, named groups, look-ahead of
// more than one character, POSIX brackets, scripts, case-insensitive letters beyond ASCII.
RegexNode parse_regex(std::string_view pattern);

}  // namespace r1::model
