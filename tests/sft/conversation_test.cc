#include "sft/conversation.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "sft/dataset.h"
#include "tests/base/expect_error.h"
#include "tests/sft/letter_tokenizer.h"

namespace r1::sft {
namespace {

// Every turn is <role>text|; the generation prompt is <assistant>.
constexpr const char* kTurns =
    "{% for m in messages %}{{ '<' + m.role + '>' + m.content + '|' }}{% endfor %}{% if "
    "add_generation_prompt %}{{ '<assistant>' }}{% endif %}";
constexpr const char* kBlocks =
    "{% for m in messages %}{{ '<' + m.role + '>' }}{% if m.role == 'assistant' %}{% generation "
    "%}{{ m.content }}{% endgeneration %}{% else %}"
    "{{ m.content }}{% endif %}{{ '|' }}{% endfor %}";
// Drops the thought of all but the last turn, as reasoning models do.
constexpr const char* kForgetful =
    "{% for m in messages %}{{ m.content if loop.last else m.content.split('=')[-1] }}{% endfor "
    "%}{% if add_generation_prompt %}{{ '?' }}{% endif %}";

model::ChatTemplate chat_template(const std::string& source) {
  return model::ChatTemplate({{"default", source}}, "t", Json::object());
}

JsonlRow row_of(const std::string& json) {
  return {parse_json(json, "row"), "rows.jsonl", 7, 0, {}};
}

// The text of the tokens whose mask is true, the others as dots; LetterTokenizer has a token per
// letter.
std::string shown(const std::vector<int64_t>& ids, const std::vector<bool>& mask) {
  std::string text;
  for (size_t t = 0; t < ids.size(); ++t)
    text += mask[t] ? LetterTokenizer().decode({ids[t]}, false) : ".";
  return text;
}

TokenizedChat tokenize(const std::string& source, const std::string& json) {
  return tokenize_chat(parse_row(row_of(json)), chat_template(source), LetterTokenizer());
}

const std::string kTwoTurns =
    R"({"messages": [{"role": "user", "content": "ab"}, {"role": "assistant", "content": "c"},
                     {"role": "user", "content": "d"}, {"role": "assistant", "content": "ef"}]})";

TEST(Conversation, AssistantTurnsAreWhatFollowsTheGenerationPrompt) {
  const TokenizedChat chat = tokenize(kTurns, kTwoTurns);
  EXPECT_EQ(LetterTokenizer().decode(chat.ids, false),
            "<user>ab|<assistant>c|<user>d|<assistant>ef|");
  EXPECT_EQ(shown(chat.ids, chat.assistant),
            ".........."
            ".........."
            "c|"
            "........"
            "..........."
            "ef|");
  EXPECT_EQ(shown(chat.ids, chat.completion), "<user>ab|<assistant>c|<user>d|<assistant>ef|");
}

TEST(Conversation, GenerationBlocksAreTakenAsTheyAre) {
  const TokenizedChat chat = tokenize(kBlocks, kTwoTurns);
  const std::string between(20, '.');
  EXPECT_EQ(shown(chat.ids, chat.assistant), between + "c" + between + "ef.");
}

TEST(Conversation, ATokenAcrossTheBorderOfABlockBelongsToIt) {
  // The tokenizer has one token for "xy".
  const std::string front = R"({"messages": [{"role": "assistant", "content": "y!"}]})";
  TokenizedChat chat =
      tokenize("x{% generation %}{{ messages[0].content }}{% endgeneration %}.", front);
  EXPECT_EQ(chat.ids, LetterTokenizer().encode("xy!."));
  EXPECT_EQ(chat.assistant, (std::vector<bool>{true, true, false}));
  const std::string behind = R"({"messages": [{"role": "assistant", "content": "!x"}]})";
  chat = tokenize("-{% generation %}{{ messages[0].content }}{% endgeneration %}y.", behind);
  EXPECT_EQ(chat.ids, LetterTokenizer().encode("-!xy."));
  EXPECT_EQ(chat.assistant, (std::vector<bool>{false, true, true, false}));
}

TEST(Conversation, CompletionsStartBehindThePrompt) {
  const std::string row =
      R"({"prompt": [{"role": "user", "content": "ab"}, {"role": "assistant", "content": "c"}, {"role": "user", "content": "d"}],
                              "completion": [{"role": "assistant", "content": "ef"}]})";
  const TokenizedChat chat = tokenize(kTurns, row);
  EXPECT_EQ(shown(chat.ids, chat.completion), std::string(41, '.').substr(0, 41) + "ef|");
  EXPECT_EQ(shown(chat.ids, chat.assistant).substr(20, 2), "c|");
}

TEST(Conversation, AnAssistantThatBeginsIsLearntWhole) {
  const TokenizedChat chat = tokenize(
      kTurns,
      R"({"messages": [{"role": "assistant", "content": "a"}, {"role": "user", "content": "b"}]})");
  EXPECT_EQ(shown(chat.ids, chat.assistant), "<assistant>a|........");
}

TEST(Conversation, ATemplateThatRewritesEarlierTurnsIsRefused) {
  const std::string row =
      R"({"messages": [{"role": "user", "content": "u"}, {"role": "assistant", "content": "thought=a"},
                                           {"role": "user", "content": "v"}, {"role": "assistant", "content": "b"}]})";
  EXPECT_ERROR(DataError, tokenize(kForgetful, row),
               "writes message 1 differently when more messages follow");
  const TokenizedChat chat = tokenize(
      kForgetful,
      R"({"messages": [{"role": "user", "content": "u"}, {"role": "assistant", "content": "t=a"}]})");
  EXPECT_EQ(shown(chat.ids, chat.assistant), ".t=a");
}

TEST(Conversation, ToolsAndVariablesReachTheTemplate) {
  const std::string source =
      "{{ tools | length }}{{ mood }}{% for m in messages %}{{ m.content }}{% endfor %}";
  const std::string turns = R"("messages": [{"role": "assistant", "content": "a"}])";
  const auto text = [&](const std::string& more) {
    return LetterTokenizer().decode(tokenize(source, "{" + turns + more + "}").ids, false);
  };
  EXPECT_EQ(text(R"(, "tools": [{}, {}], "chat_template_kwargs": {"mood": "!"})"), "2!a");
  EXPECT_EQ(text(R"(, "tools": "[{}]")"), "1a");
}

TEST(Conversation, LossFollowsTheConfig) {
  const auto chat = chat_template(kTurns);
  const std::string row =
      R"({"prompt": [{"role": "user", "content": "a"}], "completion": [{"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]})";
  const auto learnt = [&](bool assistant_only, bool completion_only) {
    DatasetConfig config;
    config.assistant_only_loss = assistant_only;
    config.completion_only_loss = completion_only;
    const Example example = make_example(row_of(row), {LetterTokenizer(), &chat}, config);
    return shown(example.ids, example.loss_mask);
  };
  EXPECT_EQ(learnt(true, true), "...................b|........");
  EXPECT_EQ(learnt(false, true), "...................b|<user>c|");
  EXPECT_EQ(learnt(false, false),
            ".user>a|<assistant>b|<user>c|");  // nothing comes before the first token
}

TEST(Conversation, NeedsAChatTemplate) {
  EXPECT_ERROR(ConfigError, make_example(row_of(kTwoTurns), {LetterTokenizer()}, {}),
               "need a chat template");
}

}  // namespace
}  // namespace r1::sft
