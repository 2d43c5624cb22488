#include "recipes/summary.h"

#include <gtest/gtest.h>

namespace r1::recipes {
namespace {

const Json kSummary = {{"pass_at_1", 0.41237},
                       {"problems", 500},
                       {"sha256", std::string(64, 'a')},
                       {"difference", {{"mean", -0.05}}},
                       {"list", {1, 2}},
                       {"none", nullptr}};

TEST(SummaryTest, RowsAreDottedAndShort) {
  const std::vector<std::vector<std::string>> expected = {{"pass_at_1", "0.4124"},
                                                          {"problems", "500"},
                                                          {"sha256", std::string(64, 'a')},
                                                          {"difference.mean", "-0.05"}};
  EXPECT_EQ(summary_rows(kSummary), expected);
}

TEST(SummaryTest, LineLeavesOutLongTextsAndEndsInTime) {
  EXPECT_EQ(summary_line(kSummary), "pass_at_1 0.4124, problems 500, difference.mean -0.05");
  EXPECT_EQ(summary_line(kSummary, 35), "pass_at_1 0.4124, problems 500");
  EXPECT_EQ(summary_line(Json::object()), "");
}

}  // namespace
}  // namespace r1::recipes
