#include "rewards/score_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"
#include "tests/rewards/cases.h"

namespace r1::rewards {
namespace {

class ScoreRows : public testing::Test {
 protected:
  std::string score(const std::string& input, const RubricConfig& config = {}) {
    std::ofstream(folder_ / "in.jsonl", std::ios::binary) << input;
    std::ostringstream out;
    summary_ = score_jsonl(folder_ / "in.jsonl", config, out);
    return out.str();
  }
  TempFolder folder_;
  ScoreSummary summary_;
};

TEST_F(ScoreRows, OneReward) {
  EXPECT_EQ(score("{\"id\":\"a\",\"completion\":\"x</think><answer>3+4</answer>\",\"nums\":[3,4],\"target\":7}\n"
                  "\n"
                  "{\"completion\":\"x</think><answer>3*4</answer>\",\"prompt\":\"p\",\"nums\":[3,4],\"target\":7}\n"
                  "{\"id\":12,\"completion\":\"\",\"nums\":[3,4],\"target\":7}\n"),
            "{\"id\":\"a\",\"value\":1.0,\"reason\":\"correct\",\"details\":{\"answer\":\"3+4\",\"value\":\"7\"}}\n"
            "{\"id\":3,\"value\":0.1,\"reason\":\"wrong\",\"details\":{\"answer\":\"3*4\",\"value\":\"12\"}}\n"
            "{\"id\":12,\"value\":0.0,\"reason\":\"no_answer\",\"details\":{\"position\":0}}\n");
  EXPECT_EQ(summary_.rows, 3);
  EXPECT_EQ(summary_.unusable, 0);
  EXPECT_NEAR(summary_.mean, 1.1 / 3, 1e-15);
}

TEST_F(ScoreRows, SeveralRewards) {
  RubricConfig config;
  config.reward_funcs = {"countdown", "format"};
  config.reward_weights = {1.0, 0.5};
  EXPECT_EQ(score("{\"completion\":\"x</think><answer>3+4</answer>!\",\"nums\":[3,4],\"target\":7}\n"
                  "{\"completion\":\"x</think><answer>3+4</answer>\",\"nums\":3,\"target\":7}\n",
                  config),
            "{\"id\":1,\"value\":1.0,\"values\":{\"countdown\":1.0,\"format\":0.0},"
            "\"reason\":{\"countdown\":\"correct\",\"format\":\"text_outside\"},"
            "\"details\":{\"countdown\":{\"answer\":\"3+4\",\"value\":\"7\"},\"format\":{\"position\":29}}}\n"
            "{\"id\":2,\"value\":null,\"values\":{\"countdown\":null,\"format\":1.0},"
            "\"reason\":{\"countdown\":\"reference_broken\",\"format\":\"well_formed\"},"
            "\"details\":{\"countdown\":{\"problem\":\"'nums' must be a list of 1 to 64 integers\"},\"format\":{}}}\n");
  EXPECT_EQ(summary_.unusable, 1);
  EXPECT_DOUBLE_EQ(summary_.mean, 1.0);
}

TEST_F(ScoreRows, BrokenReferenceIsNull) {
  EXPECT_EQ(score("{\"completion\":\"x</think><answer>3+4</answer>\"}\n"),
            "{\"id\":1,\"value\":null,\"reason\":\"reference_broken\","
            "\"details\":{\"problem\":\"field 'nums' is missing\"}}\n");
  EXPECT_EQ(summary_.rows, 1);
  EXPECT_EQ(summary_.unusable, 1);
  EXPECT_TRUE(std::isnan(summary_.mean));
}

TEST_F(ScoreRows, BadRowsNameFileAndLine) {
  const std::string good = "{\"completion\":\"x\",\"nums\":[3],\"target\":3}\n";
  EXPECT_ERROR(DataError, score(good + "{\"completion\": \n"), "in.jsonl:2");
  EXPECT_ERROR(DataError, score(good + good + "{\"nums\":[3],\"target\":3}\n"), "in.jsonl:3");
  EXPECT_ERROR(DataError, score("{\"nums\":[3],\"target\":3}\n"), "completion");
  EXPECT_ERROR(DataError, score("{\"completion\":7}\n"), "completion");
  EXPECT_ERROR(DataError, score("{\"completion\":\"x\",\"prompt\":[]}\n"), "prompt");
  EXPECT_ERROR(DataError, score("[1]\n"), "in.jsonl:1");
  std::ostringstream out;
  EXPECT_ERROR(DataError, score_jsonl(folder_ / "missing.jsonl", {}, out), "missing.jsonl");
}

TEST_F(ScoreRows, ReportsAFailedOutput) {
  std::ofstream(folder_ / "in.jsonl") << "{\"completion\":\"x\",\"nums\":[3],\"target\":3}\n";
  std::ofstream full("/dev/full");
  EXPECT_ERROR(Error, score_jsonl(folder_ / "in.jsonl", {}, full), "the output failed");
}

TEST_F(ScoreRows, PlacesConfigErrors) {
  RubricConfig config;
  config.reward_configs = {{"countdown", {{"mode", "x"}}}};
  std::ostringstream out;
  EXPECT_ERROR(ConfigError, score_jsonl(folder_ / "in.jsonl", config, out, "c.json: "),
               "c.json: reward_configs.countdown.mode");
}

// The published case file through the same door that a user takes.
TEST_F(ScoreRows, CaseFileFromTheCommandLine) {
  std::ostringstream out;
  const ScoreSummary summary = score_jsonl(case_file("countdown.jsonl"), {}, out);
  EXPECT_GE(summary.rows, 90);
  EXPECT_EQ(summary.unusable, 0);
  std::istringstream lines(out.str());
  for_each_case("countdown.jsonl", [&](const Json& row, int64_t line) {
    std::string text;
    ASSERT_TRUE(std::getline(lines, text));
    const Json scored = parse_json(text, "output");
    EXPECT_EQ(scored.at("id"), line);
    EXPECT_EQ(scored.at("value").get<double>(), row.at("value").get<double>()) << text;
    EXPECT_EQ(scored.at("reason"), row.at("reason")) << text;
  });
}

}  // namespace
}  // namespace r1::rewards
