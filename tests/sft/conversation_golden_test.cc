// Conversations against transformers and TRL; the data is made by tools/make_sft_goldens.py.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "base/file.h"
#include "base/jsonl.h"
#include "model/bpe_tokenizer.h"
#include "sft/conversation.h"

namespace r1::sft {
namespace {

const std::filesystem::path kData = R1_TEST_DATA;

TEST(ConversationGolden, TokensAndMasksAreThoseOfTransformersAndTrl) {
  std::map<std::string, std::unique_ptr<model::BpeTokenizer>> tokenizers;
  int rows = 0;
  read_jsonl(kData / "sft" / "conversations.jsonl", [&](const Json& golden, int64_t line) {
    SCOPED_TRACE("line " + std::to_string(line));
    ++rows;
    const std::string name = golden["tokenizer"], file = golden["template"];
    auto& tokenizer = tokenizers[name];
    if (!tokenizer)
      tokenizer = std::make_unique<model::BpeTokenizer>(
          model::TokenizerFiles{{"tokenizer.json", read_file(kData / "tokenizers" / name / "tokenizer.json")}});
    const model::ChatTemplate chat({{"default", read_file(kData / "chat_templates" / file)}}, file, Json::object());
    const Row row = parse_row(JsonlRow{golden["row"], "row", 1, 0, {}});
    const TokenizedChat tokens = tokenize_chat(row, chat, *tokenizer);
    EXPECT_EQ(tokens.ids, golden["ids"].get<std::vector<int64_t>>());
    const std::vector<bool>& mask = chat.has_generation_blocks() ? tokens.assistant : tokens.completion;
    EXPECT_EQ(std::vector<int>(mask.begin(), mask.end()), golden["mask"].get<std::vector<int>>());
  });
  EXPECT_GE(rows, 20);
}

}  // namespace
}  // namespace r1::sft
