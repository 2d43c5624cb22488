// Regular expressions of tokenizer files, matched in one pass without backtracking.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace r1::model {

// A pattern in Oniguruma's (Ruby) syntax as a deterministic automaton over classes of characters.
// It finds what a backtracking matcher would: the leftmost match, earlier alternatives and greedy
// or lazy repetition preferred in the order they are written (Russ Cox, "Regular Expression
// Matching: the Virtual Machine Approach", 2009). A look-ahead of one character is decided when
// that character is read. Immutable after construction.
class Regex {
 public:
  struct Match {
    size_t begin, end;
  };
  // What is read behind the end of a match is read again: for some patterns the time of a whole
  // text is quadratic. This bounds it.
  class Budget {
   public:
    explicit Budget(size_t text_size) : steps_(10'000 + 64 * text_size) {}
    // Throws DataError when the steps are used up.
    void spend(size_t steps) {
      if (steps > steps_) exhausted();
      steps_ -= steps;
    }

   private:
    [[noreturn]] static void exhausted();
    size_t steps_;
  };

  // Throws DataError naming the character of the pattern and what is wrong or not supported there,
  // or that the automaton would be too large.
  explicit Regex(std::string_view pattern);

  // The first match that begins at or after `from`, a character border of `text` (valid UTF-8).
  // False: there is none.
  bool find(std::string_view text, size_t from, Match& match, Budget& budget) const;

 private:
  friend class RegexCompiler;
  static constexpr size_t kNoMatch = static_cast<size_t>(-1);

  size_t match_at(std::string_view text, size_t begin, Budget& budget) const;
  uint32_t symbol(uint32_t code_point) const {
    return symbols_[page_starts_[code_point >> 8] + (code_point & 255)];
  }

  // A step: index of the next state's row in table_, times two, plus one if a match ends before the
  // character read. Row 0 is the dead state.
  std::vector<uint32_t> table_;
  uint32_t start_ = 0;       // row of the first state
  uint32_t end_symbol_ = 0;  // what is read at the end of the text
  std::array<uint8_t, 128> ascii_symbols_{};
  std::vector<uint32_t> page_starts_;  // by code point / 256, into symbols_
  std::vector<uint8_t> symbols_;
};

// All matches of `regex` in `text`, one after the other, as Oniguruma's callers iterate: an empty
// match right behind the last match is skipped. Calls part(begin, end, is_match) for the matches
// and the stretches between them, in order; together they are the text.
template <class Part>
void for_each_part(const Regex& regex, std::string_view text, const Part& part) {
  Regex::Budget budget(text.size());
  size_t previous = 0, from = 0;
  bool any = false;
  Regex::Match match{};
  while (from <= text.size() && regex.find(text, from, match, budget)) {
    if (match.begin == match.end && any && match.end == previous) {
      if (from == text.size()) break;
      do {
        ++from;
      } while (from < text.size() && (text[from] & 0xc0) == 0x80);
      continue;
    }
    if (previous != match.begin) part(previous, match.begin, false);
    part(match.begin, match.end, true);
    previous = from = match.end;
    any = true;
  }
  if (previous != text.size()) part(previous, text.size(), false);
}

}  // namespace r1::model
