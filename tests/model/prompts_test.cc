#include "model/prompts.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/base/expect_error.h"

namespace r1::model {
namespace {

// arXiv 2501.12948, table 1, with the question in the place of "prompt".
TEST(BuiltinPrompt, R1Zero) {
  EXPECT_EQ(builtin_prompt("r1_zero", "What is 2+2?"),
            "A conversation between User and Assistant. The user asks a question, and the "
            "Assistant solves it. The assistant first "
            "thinks about the reasoning process in the mind and then provides the user with the "
            "answer. The reasoning process and "
            "answer are enclosed within <think> </think> and <answer> </answer> tags, "
            "respectively, i.e., <think> reasoning process "
            "here </think> <answer> answer here </answer>. User: What is 2+2?. Assistant:");
}

// What the template of DeepSeek-R1-Distill-Qwen-1.5B renders for one user's message, without the
// bos token.
TEST(BuiltinPrompt, DeepSeekR1Distill) {
  EXPECT_EQ(builtin_prompt("deepseek_r1_distill", "What is 2+2?"),
            "<\uFF5CUser\uFF5C>What is 2+2?<\uFF5CAssistant\uFF5C><think>\n");
}

TEST(BuiltinPrompt, TinyZero) {
  EXPECT_EQ(builtin_prompt("tinyzero_base", "Q"),
            "A conversation between User and Assistant. The user asks a question, and the "
            "Assistant solves it. The assistant first "
            "thinks about the reasoning process in the mind and then provides the user with the "
            "answer.\nUser: Q\nAssistant: Let me "
            "solve this step by step.\n<think>");
}

TEST(BuiltinPrompt, UnknownNamesListTheKnown) {
  EXPECT_TRUE(is_builtin_prompt("r1_zero"));
  EXPECT_FALSE(is_builtin_prompt("chat"));
  EXPECT_ERROR(ConfigError, builtin_prompt("r1zero", ""),
               "there is no built-in prompt \"r1zero\"; there are: r1_zero, tinyzero_base, "
               "tinyzero_qwen_instruct, deepseek_r1_distill");
}

}  // namespace
}  // namespace r1::model
