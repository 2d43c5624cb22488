#include "model/unicode.h"

#include <algorithm>

#include "model/unicode_tables.h"

namespace r1::model {
namespace {

using Range = CodePointSet::Range;

// Rows first code point, count.
CodePointSet rows_of(const uint32_t* rows, size_t size) {
  std::vector<Range> ranges;
  for (size_t i = 0; i < size; i += 2) ranges.push_back({rows[i], rows[i] + rows[i + 1] - 1});
  return CodePointSet(std::move(ranges));
}

}  // namespace

CodePointSet::CodePointSet(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end());
  for (const Range& range : ranges) {
    if (!ranges_.empty() && range.first <= ranges_.back().second + 1) {
      ranges_.back().second = std::max(ranges_.back().second, range.second);
    } else {
      ranges_.push_back(range);
    }
  }
}

bool CodePointSet::contains(uint32_t code_point) const {
  const auto behind =
      std::upper_bound(ranges_.begin(), ranges_.end(), Range{code_point, UINT32_MAX});
  return behind != ranges_.begin() && std::prev(behind)->second >= code_point;
}

CodePointSet CodePointSet::inverted() const {
  CodePointSet rest;
  uint32_t next = 0;
  for (const auto& [first, last] : ranges_) {
    if (first > next) rest.ranges_.push_back({next, first - 1});
    next = last + 1;
  }
  if (next <= kMaxCodePoint) rest.ranges_.push_back({next, kMaxCodePoint});
  return rest;
}

CodePointSet CodePointSet::united(const CodePointSet& other) const {
  std::vector<Range> all = ranges_;
  all.insert(all.end(), other.ranges_.begin(), other.ranges_.end());
  return CodePointSet(std::move(all));
}

CodePointSet CodePointSet::intersected(const CodePointSet& other) const {
  return inverted().united(other.inverted()).inverted();
}

CodePointSet category(std::string_view name) {
  std::vector<Range> ranges;
  if (name.empty() || name.size() > 2) return {};
  for (size_t i = 0; i < kCategoryRangesSize; ++i) {
    if (!std::string_view(kCategoryNames[kCategoryRanges[i] & 31]).starts_with(name)) continue;
    const bool last = i + 1 == kCategoryRangesSize;
    ranges.push_back(
        {kCategoryRanges[i] >> 5, last ? kMaxCodePoint : (kCategoryRanges[i + 1] >> 5) - 1});
  }
  return CodePointSet(std::move(ranges));
}

CodePointSet white_space() {
  return category("Z").united(CodePointSet({{'\t', '\r'}, {0x85, 0x85}}));
}

CodePointSet word_characters() {
  // Alphabetic beyond letters, letter numbers and marks: the circled and squared letters.
  CodePointSet set({{0x200c, 0x200d},
                    {0x24b6, 0x24e9},
                    {0x1f130, 0x1f149},
                    {0x1f150, 0x1f169},
                    {0x1f170, 0x1f189}});
  for (const char* name : {"L", "M", "Nl", "Nd", "Pc"}) set = set.united(category(name));
  return set;
}

CodePointSet numeric() { return rows_of(kNumeric, kNumericSize); }

CodePointSet punctuation() { return rows_of(kPunctuation, kPunctuationSize); }

uint32_t next_code_point(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return uint32_t{static_cast<unsigned char>(text[at + i])}; };
  const uint32_t first = byte(0);
  uint32_t c = first;
  if (first < 0x80) {
    at += 1;
  } else if (first < 0xe0) {
    c = (first & 0x1f) << 6 | (byte(1) & 0x3f);
    at += 2;
  } else if (first < 0xf0) {
    c = (first & 0x0f) << 12 | (byte(1) & 0x3f) << 6 | (byte(2) & 0x3f);
    at += 3;
  } else {
    c = (first & 0x07) << 18 | (byte(1) & 0x3f) << 12 | (byte(2) & 0x3f) << 6 | (byte(3) & 0x3f);
    at += 4;
  }
  return c;
}

size_t previous_character(std::string_view text, size_t at) {
  do {
    --at;
  } while (at > 0 && (text[at] & 0xc0) == 0x80);
  return at;
}

void append_utf8(std::string& text, uint32_t c) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (c >> shift & 0x3f)); };
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xc0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    text += static_cast<char>(0xe0 | c >> 12);
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xf0 | c >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace r1::model
