// Characters of UTF-8 text and sets of them, by the data of Unicode 16 (unicode_tables.cc).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace r1::model {

inline constexpr uint32_t kMaxCodePoint = 0x10ffff;

// Code points in rising, disjoint, non-adjacent closed ranges.
class CodePointSet {
 public:
  using Range = std::pair<uint32_t, uint32_t>;
  CodePointSet() = default;
  explicit CodePointSet(std::vector<Range> ranges);  // any order, may overlap
  const std::vector<Range>& ranges() const { return ranges_; }
  bool contains(uint32_t code_point) const;
  bool empty() const { return ranges_.empty(); }
  CodePointSet inverted() const;  // within U+0000-U+10FFFF
  CodePointSet united(const CodePointSet& other) const;
  CodePointSet intersected(const CodePointSet& other) const;

 private:
  std::vector<Range> ranges_;
};

// Of a general category ("L", "Lu", "Nd", "P", ...): one letter takes all categories that begin
// with it. Empty for an unknown name; no category has no members.
CodePointSet category(std::string_view name);
CodePointSet white_space();      // property White_Space
CodePointSet word_characters();  // Alphabetic, M, Nd, Pc, Join_Control: \w of UTS 18
CodePointSet numeric();          // what the pre-tokenizer Digits takes for one
CodePointSet punctuation();      // what the pre-tokenizer Punctuation takes for one

// Decodes the character at text[at], which must be valid UTF-8, and moves `at` behind it.
uint32_t next_code_point(std::string_view text, size_t& at);
// Start of the character that ends before text[at].
size_t previous_character(std::string_view text, size_t at);
void append_utf8(std::string& text, uint32_t code_point);

}  // namespace r1::model
