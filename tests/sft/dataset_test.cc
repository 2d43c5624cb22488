#include "sft/dataset.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"
#include "tests/sft/letter_tokenizer.h"

namespace r1::sft {
namespace {

using Ids = std::vector<int64_t>;
using Mask = std::vector<bool>;
constexpr int64_t kBos = LetterTokenizer::kBos, kEos = LetterTokenizer::kEos;

Ids letters(const std::string& text) { return LetterTokenizer().encode(text); }

Ids concat(std::vector<Ids> parts) {
  Ids all;
  for (const Ids& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Mask repeat(std::vector<std::pair<size_t, bool>> runs) {
  Mask mask;
  for (const auto& [count, value] : runs) mask.insert(mask.end(), count, value);
  return mask;
}

Example example_of(const std::string& json, const DatasetConfig& config = {}) {
  const JsonlRow row{parse_json(json, "row"), "rows.jsonl", 7, 0, {}};
  return make_example(row, {LetterTokenizer()}, config);
}

TEST(SftExample, TextLearnsEverythingButTheFirstToken) {
  const Example example = example_of(R"({"text": "abc", "id": 5})");
  EXPECT_EQ(example.ids, concat({{kBos}, letters("abc"), {kEos}}));
  EXPECT_EQ(example.loss_mask, repeat({{1, false}, {4, true}}));
  EXPECT_EQ(example.num_targets(), 4);
}

TEST(SftExample, WithoutSpecialTokensTheFirstLetterIsNotPredicted) {
  DatasetConfig config;
  config.add_bos = config.add_eos = false;
  const Example example = example_of(R"({"text": "abc"})", config);
  EXPECT_EQ(example.ids, letters("abc"));
  EXPECT_EQ(example.loss_mask, repeat({{1, false}, {2, true}}));
}

TEST(SftExample, CompletionIsLearntAndThePromptIsNot) {
  const std::string row = R"({"prompt": "ab", "completion": "cde"})";
  const Example example = example_of(row);
  EXPECT_EQ(example.ids, concat({{kBos}, letters("ab"), letters("cde"), {kEos}}));
  EXPECT_EQ(example.loss_mask, repeat({{3, false}, {4, true}}));
  DatasetConfig everything;
  everything.completion_only_loss = false;
  EXPECT_EQ(example_of(row, everything).loss_mask, repeat({{1, false}, {6, true}}));
}

TEST(SftExample, PromptAndCompletionAreTokenisedApart) {
  // The tokenizer has one token for "xy": it must not appear across the border.
  const Example example = example_of(R"({"prompt": "xyx", "completion": "y"})");
  EXPECT_EQ(example.ids, concat({{kBos}, letters("xy"), letters("x"), letters("y"), {kEos}}));
  EXPECT_EQ(example.ids.size(), 5u);
}

TEST(SftExample, ErrorsNameTheLine) {
  const auto fails = [](const std::string& json, const std::string& text) {
    EXPECT_ERROR(DataError, example_of(json), text);
    EXPECT_ERROR(DataError, example_of(json), "rows.jsonl:7");
  };
  fails(R"({"txt": "a"})", "none of them");
  fails(R"({"text": "a", "prompt": "b", "completion": "c"})", "more than one");
  fails(R"({"prompt": "b"})", "completion");
  fails(R"({"text": 5})", "text");
}

TEST(SftExample, EosNeedsAToken) {
  const LetterTokenizer without_eos(/*has_eos=*/false);
  const JsonlRow row{parse_json(R"({"text": "ab"})", "row"), "x", 1, 0, {}};
  EXPECT_ERROR(ConfigError, make_example(row, {without_eos}, {}), "add_eos");
}

class SftDataset : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& lines) {
    std::ofstream(folder_ / "rows.jsonl") << lines;
    return folder_ / "rows.jsonl";
  }
  TempFolder folder_;
};

TEST_F(SftDataset, ReadsRowsOfAllKindsAndCounts) {
  const auto path = write(
      "{\"text\": \"abc\"}\n\n{\"prompt\": \"a\", \"completion\": \"b\"}\n"
      "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\"}]}\n");
  const model::ChatTemplate chat({{"default", "{% for m in messages %}{{ m.role + ':' + m.content }}{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"}}, "t", Json::object());
  const Dataset dataset = read_dataset(path, {LetterTokenizer(), &chat}, {});
  ASSERT_EQ(dataset.examples.size(), 3u);
  EXPECT_EQ(dataset.cut, 0);
  EXPECT_EQ(dataset.num_tokens(), 5 + 4 + 11);
  EXPECT_EQ(dataset.num_targets(), 4 + 2 + 10);  // an assistant that begins: all but the first token
}

TEST_F(SftDataset, CutsOrDropsWhatIsTooLong) {
  const auto path = write("{\"text\": \"abcdef\"}\n{\"text\": \"ab\"}\n");
  DatasetConfig config;
  config.max_length = 4;
  const Dataset cut = read_dataset(path, {LetterTokenizer()}, config);
  EXPECT_EQ(cut.cut, 1);
  ASSERT_EQ(cut.examples.size(), 2u);
  EXPECT_EQ(cut.examples[0].ids, concat({{kBos}, letters("abc")}));
  EXPECT_EQ(cut.examples[0].loss_mask, repeat({{1, false}, {3, true}}));
  EXPECT_EQ(cut.examples[1].ids, concat({{kBos}, letters("ab"), {kEos}}));
  config.too_long = "drop";
  const Dataset dropped = read_dataset(path, {LetterTokenizer()}, config);
  EXPECT_EQ(dropped.cut, 1);
  EXPECT_EQ(dropped.examples.size(), 1u);
}

TEST_F(SftDataset, PromptThatFillsTheLengthLeavesNothing) {
  const auto path = write("{\"prompt\": \"abcdef\", \"completion\": \"g\"}\n{\"text\": \"ab\"}\n");
  DatasetConfig config;
  config.max_length = 4;
  const Dataset dataset = read_dataset(path, {LetterTokenizer()}, config);
  EXPECT_EQ(dataset.cut, 1);
  EXPECT_EQ(dataset.examples.size(), 1u);
}

TEST_F(SftDataset, ErrorsNameFileAndLine) {
  const auto path = write("{\"text\": \"ab\"}\n{\"prompt\": \"ab\"}\n");
  EXPECT_ERROR(DataError, read_dataset(path, {LetterTokenizer()}, {}), "rows.jsonl:2");
  EXPECT_ERROR(DataError, read_dataset(write("\n"), {LetterTokenizer()}, {}), "no row to train on");
  EXPECT_ERROR(Error, read_dataset(folder_ / "absent.jsonl", {LetterTokenizer()}, {}), "absent.jsonl");
}

TEST(SftBatch, LaysExamplesFlat) {
  const Example one = {{1, 5, 6, 7}, {false, false, true, true}};
  const Example two = {{1, 8, 9}, {false, true, false}};
  const SftBatch batch = make_sft_batch({&one, &two}, at::kCPU);
  // 1 5 6 | 1 8: the last token predicts nothing.
  EXPECT_TRUE(batch.flat.tokens_T.equal(at::tensor({1, 5, 6, 1, 8}, at::kLong)));
  EXPECT_EQ(batch.flat.offsets, (Ids{0, 3, 5}));
  EXPECT_TRUE(batch.rows_C.equal(at::tensor({1, 2, 3}, at::kLong)));
  EXPECT_TRUE(batch.targets_C.equal(at::tensor({6, 7, 8}, at::kLong)));
  const Example bad = {{1}, {false}};
  EXPECT_ERROR(InternalError, make_sft_batch({&bad}, at::kCPU), "predict");
}

}  // namespace
}  // namespace r1::sft
