#include "recipes/prompt_format.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/base/expect_error.h"

namespace r1::recipes {
namespace {

const model::ChatTemplate& chat() {
  static const model::ChatTemplate chat_template(
      {{"default",
        "{{ bos_token }}{% for m in messages %}{{ '<' + m.role + '>' + m.content }}{% endfor %}{{ "
        "mood }}{{ tools | length if tools else '' }}"
        "{% if add_generation_prompt %}{{ '<assistant>' }}{% endif %}"}},
      "t", Json{{"bos_token", "^"}});
  return chat_template;
}

JsonlRow row_of(const std::string& json) { return {parse_json(json, "row"), "p.jsonl", 4, 0, {}}; }

PromptText format(const std::string& json, const PromptConfig& config = {},
                  bool with_template = true) {
  return format_prompt(row_of(json), config, with_template ? &chat() : nullptr);
}

TEST(PromptFormat, TextStaysAsItIs) {
  const PromptText prompt = format(R"({"prompt": "1,2:3<think>"})", {}, false);
  EXPECT_EQ(prompt.text, "1,2:3<think>");
  EXPECT_FALSE(prompt.from_chat_template);
}

TEST(PromptFormat, BuiltinPromptsWrapIt) {
  PromptConfig config;
  config.prompt_template = "deepseek_r1_distill";
  const PromptText prompt = format(R"({"prompt": "2+2?"})", config, false);
  EXPECT_EQ(prompt.text, "<｜User｜>2+2?<｜Assistant｜><think>\n");
  EXPECT_FALSE(prompt.from_chat_template);
}

TEST(PromptFormat, ChatMakesItAMessage) {
  PromptConfig config;
  config.prompt_template = "chat";
  const PromptText prompt = format(R"({"prompt": "2+2?"})", config);
  EXPECT_EQ(prompt.text, "^<user>2+2?<assistant>");
  EXPECT_TRUE(prompt.from_chat_template);
  config.system_prompt = "Think.";
  config.chat_template_kwargs = {{"mood", "!"}};
  EXPECT_EQ(format(R"({"prompt": "2+2?", "tools": [{}]})", config).text,
            "^<system>Think.<user>2+2?!1<assistant>");
}

TEST(PromptFormat, ListsOfMessagesAlwaysGoThroughTheTemplate) {
  EXPECT_EQ(format(R"({"prompt": [{"role": "user", "content": "a"}]})").text,
            "^<user>a<assistant>");
  // The assistant's words are continued.
  EXPECT_EQ(
      format(
          R"({"prompt": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "So"}]})")
          .text,
      "^<user>a<assistant>So");
  PromptConfig config;
  config.system_prompt = "Think.";
  EXPECT_EQ(
      format(
          R"({"prompt": [{"role": "system", "content": "s"}, {"role": "user", "content": "a"}]})",
          config)
          .text,
      "^<system>s<user>a<assistant>");
  EXPECT_ERROR(ConfigError, format(R"({"prompt": [{"role": "user", "content": "a"}]})", {}, false),
               "need a chat template");
}

TEST(PromptFormat, BadRowsNameThePlace) {
  EXPECT_ERROR(DataError, format(R"({"text": "a"})"), "p.jsonl:4:1: field \"prompt\" is missing");
  EXPECT_ERROR(DataError, format(R"({"prompt": 1})"),
               "field \"prompt\" must be a text or a list of messages, found number");
  EXPECT_ERROR(DataError, format(R"({"prompt": ""})"), "field \"prompt\" is empty");
  EXPECT_ERROR(DataError, format(R"({"prompt": []})"), "field \"prompt\" is an empty list");
  EXPECT_ERROR(DataError, format(R"({"prompt": [{"role": "user", "content": ["x"]}]})"),
               "prompt[0].content");
}

TEST(PromptFormat, UnknownTemplatesAreRefused) {
  PromptConfig config;
  config.prompt_template = "r1zero";
  EXPECT_ERROR(ConfigError, check(config, "stages[1]"),
               "stages[1].prompt_template: there is no built-in prompt \"r1zero\"");
  config.prompt_template = "r1_zero";
  EXPECT_NO_THROW(check(config, "stages[1]"));
}

}  // namespace
}  // namespace r1::recipes
