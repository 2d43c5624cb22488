// Properties of the math rewarder over generated pairs whose equality is known by construction.
#include <gtest/gtest.h>

#include <clocale>
#include <locale>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "rewards/math/math.h"
#include "tests/rewards/math_pairs.h"

namespace r1::rewards::math {
namespace {

constexpr size_t kPairs = 10'000;

const std::vector<Pair>& equal_pairs() {
  static const std::vector<Pair> pairs = generated_pairs(kPairs, true);
  return pairs;
}
const std::vector<Pair>& near_misses() {
  static const std::vector<Pair> pairs = generated_pairs(kPairs, false);
  return pairs;
}

std::string shown(const Pair& pair, const Judgement& judgement) {
  return "\n" + pair.kind + ": " + pair.gold + "   |   " + pair.prediction + "   |   " +
         verdict_name(judgement.verdict) + " by " + judgement.rule +
         (judgement.detail.empty() ? "" : " (" + judgement.detail + ")");
}

bool is_equal(const Judgement& judgement) { return judgement.verdict == Verdict::kEqual; }

TEST(MathProperties, EqualPairsAreEqual) {
  size_t refused = 0;
  std::string list;
  for (const Pair& pair : equal_pairs()) {
    const Judgement judgement = compare(pair.gold, pair.prediction);
    if (is_equal(judgement)) continue;
    if (++refused <= 100) list += shown(pair, judgement);
  }
  RecordProperty("refused", static_cast<int>(refused));
  EXPECT_LE(refused, kPairs / 200) << "of " << kPairs << list;  // at least 99.5 % are equal
}

TEST(MathProperties, NearMissesAreRefused) {
  for (const Pair& pair : near_misses()) {
    const Judgement judgement = compare(pair.gold, pair.prediction);
    EXPECT_FALSE(is_equal(judgement)) << shown(pair, judgement);
    EXPECT_NE(judgement.verdict, Verdict::kReferenceBroken) << shown(pair, judgement);
  }
}

TEST(MathProperties, Symmetric) {
  for (const std::vector<Pair>* pairs : {&equal_pairs(), &near_misses()}) {
    for (const Pair& pair : *pairs) {
      if (!pair.symmetric) continue;
      const Judgement there = compare(pair.gold, pair.prediction),
                      back = compare(pair.prediction, pair.gold);
      EXPECT_EQ(is_equal(there), is_equal(back)) << shown(pair, there) << shown(pair, back);
    }
  }
}

TEST(MathProperties, Reflexive) {
  for (const Pair& pair : equal_pairs()) {
    for (const std::string* text : {&pair.gold, &pair.prediction}) {
      const Judgement judgement = compare(*text, *text);
      EXPECT_TRUE(is_equal(judgement)) << *text << shown(pair, judgement);
    }
  }
}

// Verdict, rule and steps of a few hundred pairs of every kind.
std::vector<std::string> verdicts() {
  std::vector<std::string> result;
  for (const std::vector<Pair>* pairs : {&equal_pairs(), &near_misses()}) {
    for (size_t i = 0; i < 200; ++i) {
      const Judgement judgement = compare((*pairs)[i].gold, (*pairs)[i].prediction);
      result.push_back(verdict_name(judgement.verdict) + judgement.rule + " " +
                       std::to_string(judgement.steps));
    }
  }
  return result;
}

TEST(MathProperties, SameVerdictEveryTime) {
  for (size_t i = 0; i < 60; ++i) {
    const Pair& pair = i % 2 == 0 ? equal_pairs()[i] : near_misses()[i];
    const Judgement first = compare(pair.gold, pair.prediction);
    for (int repeat = 1; repeat < 1000; ++repeat) {
      const Judgement again = compare(pair.gold, pair.prediction);
      ASSERT_EQ(again.verdict, first.verdict) << "repeat " << repeat << shown(pair, again);
      ASSERT_EQ(again.rule, first.rule) << "repeat " << repeat << shown(pair, again);
      ASSERT_EQ(again.steps, first.steps) << "repeat " << repeat << shown(pair, again);
    }
  }
}

TEST(MathProperties, SameVerdictOnEveryThread) {
  const std::vector<std::string> alone = verdicts();
  std::vector<std::vector<std::string>> seen(16);
  std::vector<std::thread> threads;
  for (std::vector<std::string>& own : seen) threads.emplace_back([&own] { own = verdicts(); });
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<std::string>& own : seen) EXPECT_EQ(own, alone);
}

// Decimal comma, points between thousands, other words for true and false: what a German or Turkish
// locale changes.
class Continental : public std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

TEST(MathProperties, SameVerdictInEveryLocale) {
  const std::vector<std::string> expected = verdicts();
  const std::string before = std::setlocale(LC_ALL, nullptr);
  ASSERT_NE(std::setlocale(LC_ALL, "C.UTF-8"), nullptr);
  EXPECT_EQ(verdicts(), expected);
  for (const char* name : {"de_DE.UTF-8", "tr_TR.UTF-8"}) {  // where they are installed
    if (std::setlocale(LC_ALL, name) == nullptr) continue;
    EXPECT_EQ(verdicts(), expected) << name;
  }
  std::setlocale(LC_ALL, before.c_str());
  const std::locale old = std::locale::global(std::locale(std::locale::classic(), new Continental));
  const std::vector<std::string> continental = verdicts();
  std::locale::global(old);
  EXPECT_EQ(continental, expected);
}

}  // namespace
}  // namespace r1::rewards::math
