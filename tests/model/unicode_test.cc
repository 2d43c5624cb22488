#include "model/unicode.h"

#include <gtest/gtest.h>

#include "model/unicode_normalization.h"

namespace r1::model {
namespace {

TEST(Unicode, CategoriesOfVersion16) {
  EXPECT_TRUE(category("L").contains('a'));
  EXPECT_FALSE(category("L").contains('1'));
  EXPECT_TRUE(category("Lu").contains(0xc0));
  EXPECT_TRUE(category("Nd").contains(0x967));
  EXPECT_TRUE(category("M").contains(0x301));
  EXPECT_TRUE(category("Ll").contains(0x1c8a));   // new in version 16
  EXPECT_FALSE(category("L").contains(0x323b0));  // new in version 17
  EXPECT_TRUE(category("Cn").contains(0x10ffff));
  EXPECT_TRUE(category("X").empty());
  EXPECT_TRUE(category("").empty());
  EXPECT_TRUE(category("Lux").empty());
  int64_t all = 0;
  for (const char* name : {"L", "M", "N", "P", "S", "Z", "C"}) {
    const CodePointSet set = category(name);
    for (const auto& [first, last] : set.ranges()) all += last - first + 1;
  }
  EXPECT_EQ(all, 0x110000);
}

TEST(Unicode, SpacesWordsNumbersPunctuation) {
  for (const uint32_t space : {0x9, 0xd, 0x20, 0x85, 0xa0, 0x1680, 0x2003, 0x2028, 0x3000})
    EXPECT_TRUE(white_space().contains(space)) << space;
  for (const uint32_t other : {0x1c, 0x180e, 0x200b, 0xfeff})
    EXPECT_FALSE(white_space().contains(other)) << other;
  EXPECT_TRUE(word_characters().contains('_'));
  EXPECT_TRUE(word_characters().contains(0x200d));
  EXPECT_FALSE(word_characters().contains(0xb2));
  EXPECT_TRUE(numeric().contains(0xb2));
  EXPECT_TRUE(numeric().contains(0x11de0));  // of version 17, which Rust knows already
  EXPECT_TRUE(punctuation().contains('$'));
  EXPECT_FALSE(punctuation().contains(0xa3));
}

TEST(CodePointSet, Algebra) {
  using Ranges = std::vector<CodePointSet::Range>;
  const CodePointSet set({{5, 9}, {1, 2}, {3, 3}, {8, 12}});
  EXPECT_EQ(set.ranges(), (Ranges{{1, 3}, {5, 12}}));
  EXPECT_EQ(set.inverted().ranges(), (Ranges{{0, 0}, {4, 4}, {13, kMaxCodePoint}}));
  EXPECT_EQ(set.inverted().inverted().ranges(), set.ranges());
  EXPECT_EQ(set.united(CodePointSet({{4, 4}})).ranges(), (Ranges{{1, 12}}));
  EXPECT_EQ(set.intersected(CodePointSet({{3, 6}})).ranges(), (Ranges{{3, 3}, {5, 6}}));
  EXPECT_EQ(CodePointSet().inverted().ranges(), (Ranges{{0, kMaxCodePoint}}));
  for (uint32_t c = 0; c < 14; ++c)
    EXPECT_EQ(set.contains(c), (c >= 1 && c <= 3) || (c >= 5 && c <= 12));
}

std::string nfc(std::string_view text) { return normalized(text, NormalForm::kNfc); }
std::string nfd(std::string_view text) { return normalized(text, NormalForm::kNfd); }

// Examples of UAX 15.
TEST(Normalisation, ComposesAndDecomposes) {
  EXPECT_EQ(nfc("plain text"), "plain text");
  EXPECT_EQ(nfc("A\u030a"), "\u00c5");
  EXPECT_EQ(nfc("\u212b"), "\u00c5");
  EXPECT_EQ(nfd("\u212b"), "A\u030a");
  EXPECT_EQ(nfc("s\u0323\u0307"), "\u1e69");
  EXPECT_EQ(nfc("s\u0307\u0323"), "\u1e69");
  EXPECT_EQ(nfc("\u1e0b\u0323"), "\u1e0d\u0307");
  EXPECT_EQ(nfd("\u1e0b\u0323"), "d\u0323\u0307");
  EXPECT_EQ(nfc("\u0958"), "\u0915\u093c");  // excluded from composition
  EXPECT_EQ(nfc("\u0344"), "\u0308\u0301");
  EXPECT_EQ(nfc("q\u0344y"), "q\u0308\u0301y");
  EXPECT_EQ(nfc("e\u0301e\u0301"), "\u00e9\u00e9");
}

TEST(Normalisation, BlockedMarksStay) {
  EXPECT_EQ(nfc("a\u0308\u0308\u0301"), "\u00e4\u0308\u0301");
  EXPECT_EQ(nfc("a\u0327\u0308"), "\u00e4\u0327");  // another class between does not block
  EXPECT_EQ(nfc("\u0301a"), "\u0301a");
  EXPECT_EQ(nfc("a\u200d\u0301"), "a\u200d\u0301");
}

TEST(Normalisation, Hangul) {
  EXPECT_EQ(nfc("\u1100\u1161"), "\uac00");
  EXPECT_EQ(nfc("\u1100\u1161\u11a8"), "\uac01");
  EXPECT_EQ(nfc("\uac00\u11a8"), "\uac01");
  EXPECT_EQ(nfc("\uac00\u11a7"), "\uac00\u11a7");
  EXPECT_EQ(nfd("\uac01"), "\u1100\u1161\u11a8");
  EXPECT_EQ(nfd("\ud7a3"), "\u1112\u1175\u11c2");
}

TEST(Normalisation, Compatibility) {
  EXPECT_EQ(normalized("\ufb01ne \u2460 \uff21", NormalForm::kNfkc), "fine 1 A");
  EXPECT_EQ(normalized("\u03d3", NormalForm::kNfkc), "\u038e");
  EXPECT_EQ(normalized("\u1e9b\u0323", NormalForm::kNfkd), "s\u0323\u0307");
  EXPECT_EQ(normalized("\u1e9b\u0323", NormalForm::kNfkc), "\u1e69");
}

TEST(LowerCase, ByCharacter) {
  EXPECT_EQ(lower_case("AbC \u00c4\u0416\u03a3\u1e9e"), "abc \u00e4\u0436\u03c3\u00df");
  EXPECT_EQ(lower_case("\u0130\u2126\u212a"), "i\u0307\u03c9k");
  EXPECT_EQ(lower_case("\u01c4\u01c5\u01c6\u0100\u0101\u0102"),
            "\u01c6\u01c6\u01c6\u0101\u0101\u0103");
  EXPECT_EQ(lower_case("\U00010400"), "\U00010428");
}

TEST(CodePoints, ThereAndBack) {
  std::string text;
  const std::vector<uint32_t> all = {0,      0x7f,   0x80,   0x7ff,   0x800,
                                     0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
  for (const uint32_t c : all) append_utf8(text, c);
  size_t at = 0;
  for (const uint32_t c : all) EXPECT_EQ(next_code_point(text, at), c);
  EXPECT_EQ(at, text.size());
  EXPECT_EQ(previous_character(text, at), at - 4);
}

}  // namespace
}  // namespace r1::model
