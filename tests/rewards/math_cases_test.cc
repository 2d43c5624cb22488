// Cases kept as JSONL rows {gold, pred, equal, why}: `why` begins with the category. Rows of the
// categories extract and adversarial carry whole completions, the others bare answers.
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "base/json.h"
#include "rewards/math/math.h"

namespace r1::rewards::math {
namespace {

std::filesystem::path case_file(const std::string& name) {
  return std::filesystem::path(R1_TEST_DATA) / "math" / name;
}

std::string shown(const Json& row, const Judgement& judgement) {
  return "\n  gold:    " + row.at("gold").get<std::string>() +
         "\n  pred:    " + row.at("pred").get<std::string>() +
         "\n  why:     " + row.at("why").get<std::string>() +
         "\n  verdict: " + verdict_name(judgement.verdict) + " by " + judgement.rule +
         (judgement.detail.empty() ? "" : " (" + judgement.detail + ")");
}

void expect_row(const Json& row, int64_t line, const Judgement& judgement, const char* function) {
  EXPECT_EQ(judgement.verdict == Verdict::kEqual, row.at("equal").get<bool>())
      << "line " << line << ", " << function << shown(row, judgement);
}

int64_t expect_file(const std::string& name) {
  int64_t rows = 0;
  std::set<std::pair<std::string, std::string>> seen;
  read_jsonl(case_file(name), [&](const Json& row, int64_t line) {
    const std::string gold = row.at("gold").get<std::string>(),
                      pred = row.at("pred").get<std::string>();
    const std::string why = row.at("why").get<std::string>();
    EXPECT_TRUE(seen.insert({gold, pred}).second) << "line " << line << " repeats an earlier one";
    const bool completion = why.starts_with("extract:") || why.starts_with("adversarial:");
    expect_row(row, line, judge(gold, pred), "judge");
    if (!completion) expect_row(row, line, compare(gold, pred), "compare");
    ++rows;
  });
  return rows;
}

TEST(MathCases, Published) { EXPECT_EQ(expect_file("cases.jsonl"), 151); }

TEST(MathCases, Own) { EXPECT_GE(expect_file("own_cases.jsonl"), 850); }

// The marked answer of a reference that is a whole solution; other references stand as they are.
std::string reference(const std::string& gold) {
  const Extraction extraction = extract(gold);
  const bool marked = extraction.source == "box" || extraction.source == "phrase";
  return extraction.reason == ExtractReason::kFound && marked ? extraction.answer : gold;
}

// The published expectations of Math-Verify 0.8.0. A row where our verdict differs says why in
// `ours`.
TEST(MathCases, MathVerifyExpectations) {
  int64_t rows = 0, agreed = 0;
  read_jsonl(case_file("math_verify_pairs.jsonl"), [&](const Json& row, int64_t line) {
    Policy policy;
    policy.rounding_digits = row.value("rounding_digits", policy.rounding_digits);
    const Judgement judgement = judge(reference(row.at("gold").get<std::string>()),
                                      row.at("pred").get<std::string>(), policy);
    const bool agrees = (judgement.verdict == Verdict::kEqual) == row.at("equal").get<bool>();
    EXPECT_EQ(agrees, !row.contains("ours")) << "line " << line << shown(row, judgement);
    if (row.at("concerns") != "equality") return;
    ++rows;
    agreed += agrees ? 1 : 0;
  });
  EXPECT_GE(rows, 240);
  EXPECT_GE(static_cast<double>(agreed), 0.97 * static_cast<double>(rows))
      << agreed << " of " << rows;
}

}  // namespace
}  // namespace r1::rewards::math
