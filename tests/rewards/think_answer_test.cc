#include "rewards/think_answer.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/rewards/cases.h"

namespace r1::rewards {
namespace {

TEST(ThinkAnswer, GivesBothContents) {
  const ThinkAnswer opened = read_think_answer(" a b </think>\n<answer> 1\n2 </answer>", true);
  EXPECT_EQ(opened.layout, Reason::kWellFormed);
  EXPECT_EQ(opened.extraction, Reason::kWellFormed);
  EXPECT_EQ(opened.think, " a b ");
  EXPECT_EQ(opened.answer, " 1\n2 ");
  const ThinkAnswer own = read_think_answer("<think>a</think><answer>1</answer>", false);
  EXPECT_EQ(own.layout, Reason::kWellFormed);
  EXPECT_EQ(own.think, "a");
  EXPECT_EQ(own.answer, "1");
}

TEST(ThinkAnswer, ExtractsWhereOnlyTheLayoutIsWrong) {
  const char* const completions[] = {
      "x</think><answer>1</answer>tail",     "x</think>middle<answer>1</answer>",
      "</think><answer>1</answer>",          "<think>x</think><answer>1</answer>",
      "x</think></think><answer>1</answer>", "x</think><answer>1</answer><think>y</think>",
      "x</think><answer>1</answer><think>y",
  };
  for (const char* completion : completions) {
    SCOPED_TRACE(completion);
    const ThinkAnswer result = read_think_answer(completion, true);
    EXPECT_NE(result.layout, Reason::kWellFormed);
    EXPECT_EQ(result.extraction, Reason::kWellFormed);
    EXPECT_EQ(result.answer, "1");
  }
  const ThinkAnswer bare = read_think_answer("so <answer>1</answer>", false);
  EXPECT_EQ(bare.layout, Reason::kNoThink);
  EXPECT_EQ(bare.extraction, Reason::kWellFormed);
}

struct Placed {
  const char* completion;
  Reason layout;
  size_t layout_position;
  Reason extraction;
  size_t extraction_position;
};

TEST(ThinkAnswer, SaysWhere) {
  const Placed cases[] = {
      {"abc", Reason::kUnclosedThink, 0, Reason::kNoAnswer, 3},
      {"a</think>12", Reason::kNoAnswer, 11, Reason::kNoAnswer, 11},
      {"a</think> <answer>1", Reason::kUnclosedAnswer, 10, Reason::kUnclosedAnswer, 10},
      {"a</think> x<answer>1</answer>", Reason::kTextOutside, 10, Reason::kWellFormed, 0},
      {"a</think><answer>1</answer> x", Reason::kTextOutside, 28, Reason::kWellFormed, 0},
      {"a</think><answer>1</answer><answer>2</answer>", Reason::kManyAnswers, 27, Reason::kManyAnswers, 27},
      {"a</think><answer> </answer>", Reason::kEmptyBlock, 9, Reason::kEmptyBlock, 9},
      {"a<answer>1</answer></think>", Reason::kBadOrder, 1, Reason::kBadOrder, 1},
      {"a<answer>1</answer>", Reason::kUnclosedThink, 0, Reason::kUnclosedThink, 1},
      {"a</think><answer>1</answer></answer>", Reason::kBadOrder, 27, Reason::kBadOrder, 27},
  };
  for (const Placed& expected : cases) {
    SCOPED_TRACE(expected.completion);
    const ThinkAnswer result = read_think_answer(expected.completion, true);
    EXPECT_EQ(result.layout, expected.layout);
    EXPECT_EQ(result.layout_position, expected.layout_position);
    EXPECT_EQ(result.extraction, expected.extraction);
    EXPECT_EQ(result.extraction_position, expected.extraction_position);
  }
}

// Every sequence of up to six pieces: whatever is well-formed must be exactly what the rules say, spelled out here as the
// only two shapes there are.
TEST(ThinkAnswer, AcceptsNothingElse) {
  const std::string pieces[] = {"<think>", "</think>", "<answer>", "</answer>", "x", " "};
  const auto squeezed = [](const std::string& text) {
    std::string out;
    for (const char c : text) {
      if (c != ' ') out.push_back(c);
    }
    return out;
  };
  int accepted = 0;
  for (int length = 0; length <= 6; ++length) {
    int total = 1;
    for (int i = 0; i < length; ++i) total *= 6;
    for (int code = 0; code < total; ++code) {
      std::string text;
      for (int i = 0, rest = code; i < length; ++i, rest /= 6) text += pieces[rest % 6];
      const std::string shape = squeezed(text);
      const bool opened_right = shape == "x</think><answer>x</answer>" || shape == "xx</think><answer>x</answer>" ||
                                shape == "x</think><answer>xx</answer>";
      const bool own_right = shape == "<think>x</think><answer>x</answer>";
      const bool opened_accepted = read_think_answer(text, true).layout == Reason::kWellFormed;
      const bool own_accepted = read_think_answer(text, false).layout == Reason::kWellFormed;
      EXPECT_EQ(opened_accepted, opened_right) << text;
      EXPECT_EQ(own_accepted, own_right) << text;
      accepted += opened_accepted;
      if (opened_accepted) {
        EXPECT_EQ(read_think_answer(text, true).extraction, Reason::kWellFormed);
      }
    }
  }
  EXPECT_EQ(accepted, 9);
}

}  // namespace
}  // namespace r1::rewards
