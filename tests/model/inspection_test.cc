#include "model/inspection.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/file.h"
#include "base/json.h"
#include "model/checkpoint.h"
#include "tests/base/temp_folder.h"

namespace r1::model {
namespace {

namespace fs = std::filesystem;

const fs::path kData = fs::path(R1_TEST_DATA) / "model";

class InspectionTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto tokenizer = make_sentencepiece_tokenizer(train_sentencepiece({"0123456789"}, {}));
    save_pretrained(*load_pretrained(kData / "tiny_qwen2", at::kFloat, at::kCPU), tokenizer.get(),
                    folder_.path(), 2000);
  }
  void patch(const std::string& name, const Json& members) {
    Json json = read_json(folder_ / name);
    json.update(members);
    std::ofstream(folder_ / name) << dump_json(json);
  }

  TempFolder folder_;
};

TEST_F(InspectionTest, AFolderThatCanBeUsed) {
  std::ofstream(folder_ / "chat_template.jinja") << "{{ messages }}";
  const Inspection seen = inspect_checkpoint(folder_.path());
  EXPECT_EQ(seen.problems, std::vector<std::string>{});
  EXPECT_EQ(seen.architecture, "Qwen2ForCausalLM");
  EXPECT_EQ(seen.parameters, 1192);  // as tools/make_tiny_checkpoints.py made it, tied
  EXPECT_EQ(seen.stored, (std::map<std::string, int64_t>{{"F32", 1192}}));
  ASSERT_EQ(seen.weight_files.size(), 3u);
  EXPECT_EQ(seen.weight_files[0].name, "model-00001-of-00003.safetensors");
  uint64_t bytes = 0;
  int64_t tensors = 0;
  for (const auto& file : seen.weight_files) {
    bytes += file.bytes;
    tensors += file.tensors;
  }
  EXPECT_EQ(bytes, 4u * 1192);
  EXPECT_EQ(tensors, 26);  // embedding, last norm and twelve of each of two layers
  EXPECT_TRUE(seen.tokenizer.starts_with("tokenizer."));
  EXPECT_EQ(seen.tokenizer_size, 14);  // four special tokens and ten digits
  ASSERT_EQ(seen.special_tokens.size(), 3u);
  EXPECT_EQ(seen.special_tokens[0].role, "eos");
  EXPECT_EQ(seen.special_tokens[0].id, 2);
  EXPECT_EQ(seen.special_tokens[0].text, "</s>");
  EXPECT_EQ(seen.special_tokens[1].id, 7);
  EXPECT_EQ(seen.special_tokens[2].role, "pad");
  EXPECT_EQ(seen.chat_template, "chat_template.jinja");
}

TEST_F(InspectionTest, EveryReasonAgainstIt) {
  patch("config.json", {{"hidden_act", "gelu"},
                        {"use_sliding_window", true},
                        {"max_window_layers", 0},
                        {"sliding_window", 16},
                        {"layer_types", nullptr}});
  patch("model.safetensors.index.json", {{"weight_map", {{"a", "../a.safetensors"}}}});
  fs::remove(folder_ / "tokenizer.model");
  fs::remove(folder_ / "tokenizer.json");
  const Inspection seen = inspect_checkpoint(folder_.path());
  ASSERT_EQ(seen.problems.size(), 4u);
  EXPECT_NE(seen.problems[0].find("hidden_act: "), std::string::npos);
  EXPECT_NE(seen.problems[1].find("sliding_window: a window of 16 is in use"), std::string::npos);
  EXPECT_NE(seen.problems[2].find("[bad_path]"), std::string::npos);
  EXPECT_NE(seen.problems[3].find("tokenizer"), std::string::npos);
  EXPECT_EQ(seen.config.hidden_size, 8);  // what could be read is there
}

TEST_F(InspectionTest, EveryWeightThatDoesNotFit) {
  patch("config.json", {{"intermediate_size", 13}, {"vocab_size", 10}, {"eos_token_id", 2}});
  const Inspection seen = inspect_checkpoint(folder_.path());
  // The embedding, three matrices in each of two layers, the tokenizer.
  ASSERT_EQ(seen.problems.size(), 8u);
  EXPECT_NE(
      seen.problems[0].find("\"model.embed_tokens.weight\": its shape is [20, 8], config.json "
                            "asks for [10, 8] [wrong_shape]"),
      std::string::npos)
      << seen.problems[0];
  EXPECT_NE(seen.problems[7].find("the tokenizer has 14 tokens, the model only 10 embeddings"),
            std::string::npos);
}

TEST(Inspection, AFolderWithNothingInIt) {
  const TempFolder folder;
  const Inspection seen = inspect_checkpoint(folder.path());
  EXPECT_EQ(seen.problems.size(), 3u);
  EXPECT_EQ(seen.config.model_type, "");
  EXPECT_TRUE(seen.weight_files.empty());
}

}  // namespace
}  // namespace r1::model
