#include "model/unicode_normalization.h"

#include <algorithm>
#include <vector>

#include "model/unicode.h"
#include "model/unicode_tables.h"

namespace r1::model {
namespace {

// Hangul syllables are composed by arithmetic: Unicode Standard 3.12.
constexpr uint32_t kSyllables = 0xac00, kLeading = 0x1100, kVowels = 0x1161, kTrailing = 0x11a7;
constexpr uint32_t kVowelCount = 21, kTrailingCount = 28;
constexpr uint32_t kSyllableCount = 19 * kVowelCount * kTrailingCount;

bool is_syllable(uint32_t c) { return c - kSyllables < kSyllableCount; }

class UnicodeNormalizer {
 public:
  static const UnicodeNormalizer& instance() {
    static const UnicodeNormalizer normalizer;
    return normalizer;
  }

  std::string run(std::string_view text, NormalForm form) const {
    std::string out;
    out.reserve(text.size());
    size_t copied = 0, previous = 0;  // text before `copied` is done; `previous` is the last inert
    for (size_t at = 0; at < text.size();) {
      if (static_cast<unsigned char>(text[at]) < 0x80) {
        previous = at++;
        continue;
      }
      const size_t here = at;
      if (is_inert(next_code_point(text, at), form)) {
        previous = here;
        continue;
      }
      size_t end = at;
      for (size_t next = at; end < text.size(); end = next) {
        if (is_inert(next_code_point(text, next), form)) break;
      }
      out.append(text, copied, previous - copied);
      append_segment(text.substr(previous, end - previous), form, out);
      copied = previous = at = end;
    }
    return out.append(text, copied);
  }

 private:
  struct Pair {
    uint32_t first, second, composed;
    auto operator<=>(const Pair&) const = default;
  };

  UnicodeNormalizer() : classes_(kMaxCodePoint + 1, 0), inert_(kMaxCodePoint + 1, 0) {
    for (size_t i = 0; i < kCombiningClassesSize; i += 3) {
      std::fill_n(classes_.begin() + kCombiningClasses[i], kCombiningClasses[i + 1],
                  static_cast<uint8_t>(kCombiningClasses[i + 2]));
    }
    const uint32_t* const not_composed_end = kNotComposed + kNotComposedSize;
    for (size_t i = 0; i < kCanonicalSize; i += 3) {
      const uint32_t* row = kCanonical + i;
      canonical_.push_back({row[0], i + 1});
      if (row[2] && !std::binary_search(kNotComposed, not_composed_end, row[0]))
        pairs_.push_back({row[1], row[2], row[0]});
    }
    for (size_t i = 0; i < kCompatibilitySize; i += 2 + kCompatibility[i + 1])
      compatibility_.push_back({kCompatibility[i], i + 1});
    std::sort(pairs_.begin(), pairs_.end());
    find_inert();
  }

  // Characters before which a text can be cut, and which stay as they are.
  void find_inert() {
    std::vector<bool> second(kMaxCodePoint + 1, false);
    for (const Pair& pair : pairs_) second[pair.second] = true;
    for (uint32_t i = 0; i < kVowelCount; ++i) second[kVowels + i] = true;
    for (uint32_t i = 1; i < kTrailingCount; ++i) second[kTrailing + i] = true;
    std::vector<uint32_t> parts;
    for (uint32_t c = 0; c <= kMaxCodePoint; ++c) {
      if (classes_[c] == 0) inert_[c] = 0b1111;
      if (second[c]) inert_[c] &= ~(bit(NormalForm::kNfc) | bit(NormalForm::kNfkc));
      if (is_syllable(c)) inert_[c] &= ~(bit(NormalForm::kNfd) | bit(NormalForm::kNfkd));
    }
    const auto clear_changed = [&](uint32_t c) {
      for (const NormalForm form :
           {NormalForm::kNfc, NormalForm::kNfd, NormalForm::kNfkc, NormalForm::kNfkd}) {
        parts.clear();
        decompose(c, is_compatibility(form), parts);
        if (composes(form)) compose(parts);
        if (parts != std::vector<uint32_t>{c}) inert_[c] &= ~bit(form);
      }
    };
    for (const auto& [c, row] : canonical_) clear_changed(c);
    for (const auto& [c, row] : compatibility_) clear_changed(c);
  }

  static uint8_t bit(NormalForm form) { return static_cast<uint8_t>(1 << static_cast<int>(form)); }
  static bool composes(NormalForm form) {
    return form == NormalForm::kNfc || form == NormalForm::kNfkc;
  }
  static bool is_compatibility(NormalForm form) {
    return form == NormalForm::kNfkc || form == NormalForm::kNfkd;
  }
  bool is_inert(uint32_t c, NormalForm form) const { return inert_[c] & bit(form); }

  void append_segment(std::string_view text, NormalForm form, std::string& out) const {
    std::vector<uint32_t> characters;
    for (size_t at = 0; at < text.size();)
      decompose(next_code_point(text, at), is_compatibility(form), characters);
    order(characters);
    if (composes(form)) compose(characters);
    for (const uint32_t c : characters) append_utf8(out, c);
  }

  using Index = std::vector<std::pair<uint32_t, size_t>>;  // code point, place in its table
  static const size_t* find(const Index& index, uint32_t c) {
    const auto found =
        std::lower_bound(index.begin(), index.end(), std::pair<uint32_t, size_t>{c, 0});
    return found != index.end() && found->first == c ? &found->second : nullptr;
  }

  void decompose(uint32_t c, bool compatibility, std::vector<uint32_t>& out) const {
    if (is_syllable(c)) {
      const uint32_t index = c - kSyllables, trailing = index % kTrailingCount;
      out.push_back(kLeading + index / (kVowelCount * kTrailingCount));
      out.push_back(kVowels + index / kTrailingCount % kVowelCount);
      if (trailing) out.push_back(kTrailing + trailing);
    } else if (const size_t* row = find(canonical_, c)) {
      decompose(kCanonical[*row], compatibility, out);
      if (kCanonical[*row + 1]) decompose(kCanonical[*row + 1], compatibility, out);
    } else if (const size_t* count = compatibility ? find(compatibility_, c) : nullptr) {
      for (size_t i = 1; i <= kCompatibility[*count]; ++i)
        decompose(kCompatibility[*count + i], compatibility, out);
    } else {
      out.push_back(c);
    }
  }

  // Sorts every run of combining characters by class, keeping the order of equal ones.
  void order(std::vector<uint32_t>& characters) const {
    const auto starts = [&](uint32_t c) { return classes_[c] == 0; };
    for (auto begin = characters.begin(); begin != characters.end();) {
      begin = std::find_if_not(begin, characters.end(), starts);
      const auto end = std::find_if(begin, characters.end(), starts);
      std::stable_sort(begin, end,
                       [&](uint32_t a, uint32_t b) { return classes_[a] < classes_[b]; });
      begin = end;
    }
  }

  void compose(std::vector<uint32_t>& characters) const {
    size_t starter = characters.size(), kept = 0;
    int last_class = -1;  // of the last character kept since the starter; -1: none
    for (const uint32_t c : characters) {
      const int combining_class = classes_[c];
      const bool blocked = last_class >= combining_class;
      const uint32_t composed =
          starter < kept && !blocked ? composition(characters[starter], c) : 0;
      if (composed) {
        characters[starter] = composed;
        continue;
      }
      if (combining_class == 0) starter = kept;
      last_class = combining_class == 0 ? -1 : combining_class;
      characters[kept++] = c;
    }
    characters.resize(kept);
  }

  uint32_t composition(uint32_t first, uint32_t second) const {
    if (first - kLeading < 19 && second - kVowels < kVowelCount)
      return kSyllables + ((first - kLeading) * kVowelCount + second - kVowels) * kTrailingCount;
    if (is_syllable(first) && (first - kSyllables) % kTrailingCount == 0 &&
        second - kTrailing - 1 < kTrailingCount - 1)
      return first + second - kTrailing;
    const auto found = std::lower_bound(pairs_.begin(), pairs_.end(), Pair{first, second, 0});
    const bool same = found != pairs_.end() && found->first == first && found->second == second;
    return same ? found->composed : 0;
  }

  std::vector<uint8_t> classes_;  // by code point
  std::vector<uint8_t> inert_;    // by code point: one bit for each form
  Index canonical_, compatibility_;
  std::vector<Pair> pairs_;
};

uint32_t lower_case_of(uint32_t c) {
  const auto row_of = [](size_t i) { return kLowerCase + 4 * i; };
  size_t low = 0, high = kLowerCaseSize / 4;  // the last row that begins at or before c
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (row_of(middle)[0] <= c) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  // rows with a step of 2 interleave: the row that holds c may be the one before
  for (size_t i = low; i-- > 0 && low - i <= 2;) {
    const uint32_t* row = row_of(i);
    const uint32_t offset = c - row[0];
    if (offset % row[2] == 0 && offset / row[2] < row[1]) return c + row[3];
  }
  return c;
}

}  // namespace

std::string normalized(std::string_view text, NormalForm form) {
  return UnicodeNormalizer::instance().run(text, form);
}

std::string lower_case(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const uint32_t c = next_code_point(text, at);
    if (c == 0x130) {
      out += "i\u0307";
    } else {
      append_utf8(out, lower_case_of(c));
    }
  }
  return out;
}

}  // namespace r1::model
