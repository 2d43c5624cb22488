// Tokens that are found in the text before anything else is done to it.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/bpe.h"

namespace r1::model {

struct AddedToken {
  std::string content;
  int64_t id = -1;
  bool special = false;      // skip_special_tokens drops it
  bool normalized = false;   // looked for in the normalised text, in normalised form
  bool single_word = false;  // only where no word character stands beside it
  bool lstrip = false;       // takes the white space before it along
  bool rstrip = false;       // and behind it
};

// Bounds the work at one place of a text.
inline constexpr size_t kMaxAddedTokenBytes = 4096;

// Throws ConfigError if `content` cannot become a special token.
void check_special_token(std::string_view content);

// Finds tokens in a text as the `tokenizers` package does: the leftmost, of those the longest.
// Immutable after construction.
class AddedTokenMatcher {
 public:
  struct Part {
    size_t begin, end;
    int64_t id;  // -1: text between tokens
  };

  AddedTokenMatcher() = default;
  // `patterns[i]` is what to look for of `tokens[i]`. Throws CheckpointError if two are equal.
  AddedTokenMatcher(std::vector<AddedToken> tokens, const std::vector<std::string>& patterns);

  // Parts of `text` in order. With lstrip and rstrip two tokens may claim the same white space.
  std::vector<Part> split(std::string_view text) const;

 private:
  // The longest token at text[at]: its index, or -1. `end` is set behind it.
  int64_t token_at(std::string_view text, size_t at, size_t& end) const;
  bool is_single_word(std::string_view text, size_t begin, size_t end) const;

  std::vector<AddedToken> tokens_;
  std::bitset<256> starts_;  // first bytes of patterns
  KeyTable edges_;           // node << 8 | byte -> node
  std::vector<int64_t> token_of_node_ = {-1};
};

}  // namespace r1::model
