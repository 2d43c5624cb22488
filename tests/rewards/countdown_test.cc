#include "rewards/countdown.h"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <random>
#include <string>

#include "tests/base/expect_error.h"
#include "tests/rewards/cases.h"

namespace r1::rewards {
namespace {

std::unique_ptr<Reward> countdown(const Json& config = Json::object()) { return make("countdown", config, "test"); }

void expect_case(const Reward& reward, const Json& row, int64_t line) {
  SCOPED_TRACE("line " + std::to_string(line) + ": " + row.at("why").get<std::string>());
  const std::string completion = assemble(row.at("completion"));
  const RewardScore score = score_one(reward, completion, row);
  EXPECT_DOUBLE_EQ(score.value, row.at("value").get<double>());
  EXPECT_STREQ(reason_name(score.reason), row.at("reason").get<std::string>().c_str());
  EXPECT_TRUE(score.details.is_object());
  EXPECT_LT(dump_json(score.details).size(), 2000u);
}

TEST(Countdown, CaseFile) {
  const auto reward = countdown();
  int attacks = 0;
  const int64_t rows = for_each_case("countdown.jsonl", [&](const Json& row, int64_t line) {
    expect_case(*reward, row, line);
    attacks += row.at("value").get<double>() < 1;
  });
  EXPECT_GE(rows, 90);
  EXPECT_GE(attacks, 60);
}

TEST(Countdown, LargeInputsStayCheap) {
  const auto reward = countdown();
  const auto begin = std::chrono::steady_clock::now();
  for_each_case("countdown_large.jsonl", [&](const Json& row, int64_t line) { expect_case(*reward, row, line); });
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(elapsed.count(), 5.0);  // takes 0.1 s; quadratic work would take hours
}

TEST(Countdown, DetailsSayWhy) {
  const auto reward = countdown();
  const Json problem = {{"nums", {3, 7}}, {"target", 10}};
  EXPECT_EQ(dump_json(score_one(*reward, "a</think><answer>7/3</answer>", problem).details),
            R"({"answer":"7/3","value":"7/3"})");
  EXPECT_EQ(dump_json(score_one(*reward, "a</think><answer>7+3</answer>", problem).details),
            R"({"answer":"7+3","value":"10"})");
  EXPECT_EQ(dump_json(score_one(*reward, "a</think><answer>7+4</answer>", problem).details),
            R"({"answer":"7+4","used":[7,4]})");
  EXPECT_EQ(dump_json(score_one(*reward, "a</think><answer>7**3</answer>", problem).details),
            R"({"answer":"7**3","problem":"'**' is not allowed","position":18})");
  EXPECT_EQ(dump_json(score_one(*reward, "a</think>", problem).details), R"({"position":9})");
}

TEST(Countdown, InvalidUtf8IsUnparsableAndPrintable) {
  const auto reward = countdown();
  const Json problem = {{"nums", {3, 4}}, {"target", 7}};
  for (const char* bytes : {"\xff", "\xc3", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80", "\xc0\xaf"}) {
    const std::string completion = std::string("a") + bytes + "</think><answer>3+4" + bytes + "</answer>";
    const RewardScore score = score_one(*reward, completion, problem);
    EXPECT_EQ(score.reason, Reason::kUnparsable);
    EXPECT_DOUBLE_EQ(score.value, 0.1);
    EXPECT_NE(dump_json(score.details).find("problem"), std::string::npos);
  }
  EXPECT_EQ(score_one(*reward, "\xff\xfe</think><answer>3+4</answer>", problem).reason, Reason::kCorrect);
}

TEST(Countdown, ExcerptCutsBetweenCharacters) {
  const auto reward = countdown();
  const Json problem = {{"nums", {3}}, {"target", 3}};
  std::string answer = "x";
  for (int i = 0; i < 200; ++i) answer += "\xe2\x82\xac";
  const RewardScore score = score_one(*reward, "a</think><answer>" + answer + "</answer>", problem);
  EXPECT_EQ(score.details.at("answer").get<std::string>().size(), 199u + 3u);
  EXPECT_EQ(dump_json(score.details).find("\xef\xbf\xbd"), std::string::npos);
}

TEST(Countdown, BrokenReferenceIsNobodysZero) {
  const auto reward = countdown();
  const char* const references[] = {
      R"({})",
      R"([])",
      R"({"nums": [3, 4]})",
      R"({"target": 7})",
      R"({"nums": [], "target": 7})",
      R"({"nums": "3 4", "target": 7})",
      R"({"nums": [3, "4"], "target": 7})",
      R"({"nums": [3, 4.0], "target": 7})",
      R"({"nums": [3, null], "target": 7})",
      R"({"nums": [3, true], "target": 7})",
      R"({"nums": [3, -4], "target": 7})",
      R"({"nums": [3, 1000000000000000000], "target": 7})",
      R"({"nums": [3, 18446744073709551615], "target": 7})",
      R"({"nums": [3, 4], "target": "7"})",
      R"({"nums": [3, 4], "target": 7.0})",
      R"({"nums": [3, 4], "target": null})",
      R"({"nums": [3, 4], "target": 18446744073709551615})",
  };
  for (const char* text : references) {
    SCOPED_TRACE(text);
    const RewardScore score = score_one(*reward, "a</think><answer>3+4</answer>", Json::parse(text));
    EXPECT_EQ(score.reason, Reason::kReferenceBroken);
    EXPECT_TRUE(is_rewarder_fault(score.reason));
    EXPECT_TRUE(score.details.contains("problem"));
  }
}

TEST(Countdown, ScoresTheWholeGroupInOrder) {
  const auto reward = countdown();
  const Json problem = {{"nums", {3, 4}}, {"target", 7}};
  RewardGroup group;
  group.reference = &problem;
  EXPECT_TRUE(reward->score(group).empty());
  group.completions = {
      {"p", "a</think><answer>3+4</answer>", 0, false}, {"p", "a</think><answer>3*4</answer>", 0, false}, {"p", "a", 0, true}};
  const std::vector<RewardScore> scores = reward->score(group);
  ASSERT_EQ(scores.size(), 3u);
  EXPECT_DOUBLE_EQ(scores[0].value, 1.0);
  EXPECT_DOUBLE_EQ(scores[1].value, 0.1);
  EXPECT_DOUBLE_EQ(scores[2].value, 0.0);
}

TEST(Countdown, ConfigSetsValuesAndTemplate) {
  const auto reward = countdown({{"correct", 2.0}, {"format", 0.5}, {"none", -1.0}, {"think_opened_by_prompt", false}});
  const Json problem = {{"nums", {3, 4}}, {"target", 7}};
  EXPECT_DOUBLE_EQ(score_one(*reward, "<think>a</think><answer>3+4</answer>", problem).value, 2);
  EXPECT_DOUBLE_EQ(score_one(*reward, "<answer>3+4</answer>", problem).value, 2);
  EXPECT_DOUBLE_EQ(score_one(*reward, "<answer>3*4</answer>", problem).value, 0.5);
  EXPECT_DOUBLE_EQ(score_one(*reward, "<think>a <answer>3+4</answer>", problem).value, -1);
  EXPECT_DOUBLE_EQ(score_one(*reward, "3+4", problem).value, -1);
}

TEST(Countdown, RefusesBadConfig) {
  EXPECT_ERROR(ConfigError, countdown({{"mode", "lenient"}}), "test.mode");
  EXPECT_ERROR(ConfigError, countdown({{"corect", 1.0}}), "correct");
  EXPECT_ERROR(ConfigError, countdown({{"correct", "1"}}), "test.correct");
  EXPECT_ERROR(ConfigError, countdown({{"format", 2.0}}), "none over format to correct");
  EXPECT_ERROR(ConfigError, countdown(Json::array()), "test");
}

// ---- random problems, built together with a solution and its exact value, by other code than the parser's ----

struct Term {
  std::string text;
  int64_t numerator, denominator;
  int strength;  // 1 sum, 2 product, 3 number or bracket
};

class Problems {
 public:
  explicit Problems(uint64_t seed) : random_(seed) {}

  // A random tree over 2 to 6 numbers from 1 to 99 with an integer value.
  Term make(std::vector<int64_t>& nums) {
    for (;;) {
      nums.clear();
      std::vector<Term> terms;
      const size_t count = 2 + below(5);
      for (size_t i = 0; i < count; ++i) {
        nums.push_back(1 + static_cast<int64_t>(below(99)));
        terms.push_back({std::to_string(nums.back()), nums.back(), 1, 3});
      }
      while (terms.size() > 1) {
        const Term right = take(terms), left = take(terms);
        terms.push_back(join(left, right));
      }
      if (terms[0].denominator == 1) return terms[0];
    }
  }

  uint64_t below(uint64_t n) { return random_() % n; }

 private:
  Term take(std::vector<Term>& terms) {
    const size_t i = below(terms.size());
    const Term term = terms[i];
    terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(i));
    return term;
  }

  std::string space() {
    const char* const choices[] = {"", "", "", " ", "  ", "\n", "\t"};
    return choices[below(7)];
  }

  // Brackets where they are needed, and now and then where they are not.
  std::string wrapped(const Term& term, int needed) {
    if (term.strength < needed || below(8) == 0) return "(" + space() + term.text + space() + ")";
    return term.text;
  }

  Term join(const Term& left, const Term& right) {
    const int64_t a = left.numerator, b = left.denominator;
    const int64_t c = right.numerator, d = right.denominator;
    int op = static_cast<int>(below(4));
    if (op == 3 && c == 0) op = 0;
    const bool sum = op < 2;
    Term result;
    result.strength = sum ? 1 : 2;
    // The right side of - and / needs brackets also around its own kind: a-(b-c), a/(b*c).
    const int right_strength = result.strength + (op == 1 || op == 3 ? 1 : 0);
    result.text = wrapped(left, result.strength) + space() + "+-*/"[op] + space() + wrapped(right, right_strength);
    if (op == 0) result.numerator = a * d + c * b;
    if (op == 1) result.numerator = a * d - c * b;
    if (op == 2) result.numerator = a * c;
    if (op == 3) result.numerator = a * d;
    result.denominator = op == 3 ? b * c : b * d;
    const int64_t divisor = std::gcd(result.numerator, result.denominator);
    const int64_t sign = result.denominator < 0 ? -1 : 1;
    result.numerator = result.numerator / divisor * sign;
    result.denominator = result.denominator / divisor * sign;
    return result;
  }

  std::mt19937_64 random_;
};

Json as_reference(std::vector<int64_t> nums, int64_t target, std::mt19937_64& random) {
  std::shuffle(nums.begin(), nums.end(), random);
  return {{"nums", nums}, {"target", target}};
}

// Replaces the `which`-th number of `text` by another one.
std::string with_number_changed(const std::string& text, size_t which, int64_t replacement) {
  size_t at = 0;
  for (size_t seen = 0;; ++seen) {
    at = text.find_first_of("0123456789", at);
    size_t end = text.find_first_not_of("0123456789", at);
    if (end == std::string::npos) end = text.size();
    if (seen == which) return text.substr(0, at) + std::to_string(replacement) + text.substr(end);
    at = end;
  }
}

std::string completed(const std::string& answer) { return "thinking</think>\n<answer>" + answer + "</answer>"; }

TEST(Countdown, RandomSolutionsAreCorrectAndNearMissesAreNot) {
  const auto reward = countdown();
  Problems problems(7);
  std::mt19937_64 random(8);
  int brackets = 0, divisions = 0;
  for (int round = 0; round < 2000; ++round) {
    std::vector<int64_t> nums;
    const Term solution = problems.make(nums);
    SCOPED_TRACE(solution.text + " = " + std::to_string(solution.numerator));
    const Json problem = as_reference(nums, solution.numerator, random);
    EXPECT_EQ(score_one(*reward, completed(solution.text), problem).reason, Reason::kCorrect);

    const Json other = as_reference(nums, solution.numerator + (round % 2 ? 1 : -1), random);
    EXPECT_EQ(score_one(*reward, completed(solution.text), other).reason, Reason::kWrong);

    // The numbers stand in the text in an order of their own; a value above all of them differs from each.
    const std::string changed =
        with_number_changed(solution.text, problems.below(nums.size()), 100 + static_cast<int64_t>(problems.below(100)));
    const RewardScore score = score_one(*reward, completed(changed), problem);
    EXPECT_NE(score.reason, Reason::kCorrect);
    EXPECT_DOUBLE_EQ(score.value, 0.1);
    brackets += solution.text.find('(') != std::string::npos;
    divisions += solution.text.find('/') != std::string::npos;
  }
  EXPECT_GT(brackets, 500);  // the generator does make them
  EXPECT_GT(divisions, 100);
}

// Random text over the characters of answers and tags: no crash, a known value, and correct only if it says so for a reason.
TEST(Countdown, SurvivesRandomText) {
  const auto reward = countdown();
  const auto compat = countdown({{"mode", "tinyzero_compat"}});
  const std::string pieces[] = {"1",  "2",        "3", "(",    ")",        "+", "-",  "*",       "/",         ".", " ",
                                "\n", "<answer>", "<", "\xff", "</think>", "x", "**", "<think>", "</answer>", "0"};
  const Json problem = {{"nums", {1, 2, 3}}, {"target", 6}};
  std::mt19937_64 random(9);
  for (int round = 0; round < 50000; ++round) {
    std::string text = round % 2 == 0 ? "a</think><answer>" : "";
    for (uint64_t length = random() % 20; length > 0; --length) text += pieces[random() % 21];
    if (round % 2 == 0) text += "</answer>";
    for (const Reward* each : {reward.get(), compat.get()}) {
      const RewardScore score = score_one(*each, text, problem);
      EXPECT_TRUE(score.value == 0.0 || score.value == 0.1 || score.value == 1.0);
      EXPECT_EQ(score.value == 1.0, score.reason == Reason::kCorrect);
      EXPECT_FALSE(is_rewarder_fault(score.reason));
    }
  }
}

}  // namespace
}  // namespace r1::rewards
