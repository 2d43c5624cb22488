#include "model/regex.h"

#include <gtest/gtest.h>

#include <chrono>

#include "base/error.h"
#include "tests/base/expect_error.h"

namespace r1::model {
namespace {

using Parts = std::vector<std::string>;

// Matches in brackets, what is between them without.
Parts parts(std::string_view pattern, std::string_view text) {
  Parts list;
  for_each_part(Regex(pattern), text, [&](size_t begin, size_t end, bool is_match) {
    const std::string part(text.substr(begin, end - begin));
    list.push_back(is_match ? "[" + part + "]" : part);
  });
  return list;
}

TEST(Regex, TheFirstAlternativeThatMatchesWins) {
  EXPECT_EQ(parts("a|ab", "abab"), (Parts{"[a]", "b", "[a]", "b"}));
  EXPECT_EQ(parts("ab|a", "abab"), (Parts{"[ab]", "[ab]"}));
  EXPECT_EQ(parts("(?:a|ab)(?:c|bcd)", "abcd"), (Parts{"[abcd]"}));
  EXPECT_EQ(parts("x|", "axb"), (Parts{"[]", "a", "[x]", "b", "[]"}));
}

TEST(Regex, GreedyLazyAndCounted) {
  EXPECT_EQ(parts("a+", "caaat"), (Parts{"c", "[aaa]", "t"}));
  EXPECT_EQ(parts("a+?", "aa"), (Parts{"[a]", "[a]"}));
  EXPECT_EQ(parts("<.*>", "<a><b>"), (Parts{"[<a><b>]"}));
  EXPECT_EQ(parts("<.*?>", "<a><b>"), (Parts{"[<a>]", "[<b>]"}));
  EXPECT_EQ(parts("\\d{1,3}", "1234567"), (Parts{"[123]", "[456]", "[7]"}));
  EXPECT_EQ(parts("\\d{2,3}?", "12345"), (Parts{"[12]", "[34]", "5"}));
  EXPECT_EQ(parts("a{2}", "aaaaa"), (Parts{"[aa]", "[aa]", "a"}));
  EXPECT_EQ(parts("a{,2}b", "aaab"), (Parts{"a", "[aab]"}));
  EXPECT_EQ(parts("a{2,}", "aaaaba"), (Parts{"[aaaa]", "ba"}));
  EXPECT_EQ(parts("a{x", "a{x"), (Parts{"[a{x]"}));
  // Ruby's reading: a count followed by + or ? has a second quantifier
  EXPECT_EQ(parts("a{2}+", "aaaaa"), (Parts{"[aaaa]", "a"}));
  EXPECT_EQ(parts("\\d{1,3}+", "1234567"), (Parts{"[1234567]"}));
}

TEST(Regex, PossessiveDoesNotGiveBack) {
  EXPECT_EQ(parts("a*+ab", "aaab"), (Parts{"aaab"}));
  EXPECT_EQ(parts("a*ab", "aaab"), (Parts{"[aaab]"}));
  EXPECT_EQ(parts("[^a]?+a+", "baab"), (Parts{"[baa]", "b"}));
  EXPECT_EQ(parts("a?+a", "a"), (Parts{"a"}));
}

TEST(Regex, LookAheadOfOneCharacter) {
  EXPECT_EQ(parts("\\s+(?!\\S)|\\s+", "a   b"), (Parts{"a", "[  ]", "[ ]", "b"}));
  EXPECT_EQ(parts("\\s+(?!\\S)", "a   "), (Parts{"a", "[   ]"}));
  EXPECT_EQ(parts("a(?=b|c)", "abacad"), (Parts{"[a]", "b", "[a]", "cad"}));
  EXPECT_EQ(parts("a(?=b)", "a"), (Parts{"a"}));
  EXPECT_EQ(parts("\\s+$", "a \n b "), (Parts{"a", "[ ]", "\n b", "[ ]"}));
  EXPECT_EQ(parts("a\\z", "aa"), (Parts{"a", "[a]"}));
}

TEST(Regex, Classes) {
  EXPECT_EQ(parts("[a-c\\]x-]+", "ab]-xd"), (Parts{"[ab]-x]", "d"}));
  EXPECT_EQ(parts("[^\\r\\n\\p{L}\\p{N}]+", "a .\n!"), (Parts{"a", "[ .]", "\n", "[!]"}));
  EXPECT_EQ(parts("[\\p{L}&&[^a-z]]+", "abCDé"), (Parts{"ab", "[CDé]"}));
  EXPECT_EQ(parts("[a[bc]]+", "abcd"), (Parts{"[abc]", "d"}));
  EXPECT_EQ(parts("[\u4e00-\u9fa5]+", "a\u4e2d\u6587b"), (Parts{"a", "[\u4e2d\u6587]", "b"}));
  EXPECT_EQ(parts("\\x{1F600}|\\x41|\\u00e9", "\U0001F600Aé"),
            (Parts{"[\U0001F600]", "[A]", "[é]"}));
  EXPECT_EQ(parts("\\P{L}+|\\p{^N}", "1a"), (Parts{"[1]", "[a]"}));
  EXPECT_EQ(parts("\\p{Lu}", "aÀ"), (Parts{"a", "[À]"}));
  EXPECT_EQ(parts(".", "\n"), (Parts{"\n"}));
}

TEST(Regex, CaseInsensitive) {
  EXPECT_EQ(parts("(?i:'s|'re)", "'S'rE's'\u017f"), (Parts{"['S]", "['rE]", "['s]", "['\u017f]"}));
  EXPECT_EQ(parts("(?i:k)k", "\u212ak"), (Parts{"[\u212ak]"}));
  EXPECT_EQ(parts("(?i)a|b", "AB"), (Parts{"[A]", "[B]"}));
  EXPECT_EQ(parts("(?i:[x-z])x", "Xx XX"), (Parts{"[Xx]", " XX"}));
}

TEST(Regex, EmptyMatchesAsInOniguruma) {
  EXPECT_EQ(parts("b*", "abc"), (Parts{"[]", "a", "[b]", "c", "[]"}));
  EXPECT_EQ(parts("", ""), (Parts{"[]"}));
  EXPECT_EQ(parts("", "é"), (Parts{"[]", "é", "[]"}));
}

TEST(Regex, RefusesWhatItDoesNotKnow) {
  const std::pair<const char*, const char*> kCases[] = {
      {"(a", "character 3: a ( without its )"},
      {"a)", "character 2: a ) without its ("},
      {"[a", "character 3: the pattern ends too early"},
      {"[]a]", "character 2: an empty class"},
      {"*a", "character 1: a quantifier with nothing before it"},
      {"a**", "a quantifier of a quantifier is not supported"},
      {"(?:a*)*", "a repetition of something that can be empty is not supported"},
      {"a{3,2}", "{3,2} counts down"},
      {"a{1001}", "a count is above 1000"},
      {"(?<=a)b", "character 1: look-behind is not supported"},
      {"(?<!a)b", "look-behind is not supported"},
      {"(?>ab)c", "an atomic group is not supported"},
      {"(?<name>a)", "this kind of group is not supported"},
      {"(?m:a)", "this kind of group is not supported"},
      {"(?:ab)*+", "a possessive quantifier of more than one character is not supported"},
      {"a(?=bc)", "look-ahead of more or less than one character is not supported"},
      {"^a", "the anchor ^ is not supported"},
      {"\\bword", "\\b is not supported"},
      {"(a)\\1", "\\1 is not supported"},
      {"\\p{Han}", "the property \"Han\" is not supported"},
      {"\\p{L", "the pattern ends too early"},
      {"\\pL", "\\p without { is not supported"},
      {"[[:alpha:]]", "a POSIX bracket is not supported"},
      {"[z-a]", "the range U+007A-U+0061 is empty"},
      {"(?i:\u00e9)", "a case-insensitive character beyond ASCII is not supported"},
      {"(?i:ss)", "case-insensitive ss, ff, fi, fl or st is not supported"},
      {"\\x{110000}", "not the number of a character"},
      {"\\", "the pattern ends too early"},
      {"a\xff", "invalid UTF-8"},
  };
  for (const auto& [pattern, message] : kCases) EXPECT_ERROR(DataError, Regex{pattern}, message);
  EXPECT_ERROR(DataError, Regex(std::string(70, '(') + "a" + std::string(70, ')')),
               "groups are nested deeper than 64");
  EXPECT_ERROR(DataError, Regex("(?:a|b)*a(?:a|b){14}"), "the pattern is too complex");
  EXPECT_ERROR(DataError, Regex("(?:(?:(?:a{99}){99}){99}){99}"), "the pattern is too complex");
}

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Patterns on which a backtracking matcher takes exponential time, and one whose look-ahead makes
// any matcher quadratic: that one is given up.
TEST(Regex, HostilePatternsAreBounded) {
  const std::string text(1 << 20, 'a');
  EXPECT_LT(seconds([&] { EXPECT_EQ(parts("(?:a+)+b|a", std::string(100, 'a')).size(), 100u); }),
            5);
  EXPECT_LT(seconds([&] { EXPECT_EQ(parts("(?:a|a)*", text).size(), 1u); }), 5);
  EXPECT_LT(seconds([&] { EXPECT_ERROR(DataError, parts("a*b|a", text), "needs too many steps"); }),
            5);
}

}  // namespace
}  // namespace r1::model
