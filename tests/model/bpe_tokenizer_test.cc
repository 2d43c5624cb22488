#include "model/bpe_tokenizer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "model/streaming_decoder.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1::model {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<int64_t>;

const fs::path kTokenizers = fs::path(R1_TEST_DATA) / "tokenizers";

std::string streamed(const Tokenizer& tokenizer, const Ids& ids, bool skip_special_tokens) {
  StreamingDecoder decoder(tokenizer, skip_special_tokens);
  std::string text;
  for (const int64_t id : ids) text += decoder.push(id);
  return text + decoder.finish();
}

class Family : public testing::TestWithParam<const char*> {
 protected:
  struct Row {
    std::string text, decoded, skipped;
    Ids ids;
  };
  void SetUp() override {
    tokenizer_ = load_tokenizer(kTokenizers / GetParam());
    read_jsonl(kTokenizers / GetParam() / "golden.jsonl", [&](const Json& json, int64_t) {
      Row row;
      row.text = json.at("text").get<std::string>();
      row.ids = json.at("ids").get<Ids>();
      row.decoded = json.value("decoded", row.text);
      row.skipped = json.value("skipped", row.decoded);
      rows_.push_back(std::move(row));
    });
    ASSERT_GE(rows_.size(), 120u);
  }
  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<Row> rows_;
};

// golden.jsonl: what the `tokenizers` package makes of the texts (tools/train_test_tokenizers.py).
TEST_P(Family, SameAsTokenizers) {
  for (const Row& row : rows_) {
    EXPECT_EQ(tokenizer_->encode(row.text), row.ids) << row.text;
    EXPECT_EQ(tokenizer_->decode(row.ids, false), row.decoded) << row.text;
    EXPECT_EQ(tokenizer_->decode(row.ids, true), row.skipped) << row.text;
  }
}

TEST_P(Family, StreamsTheSameText) {
  for (const Row& row : rows_) {
    EXPECT_EQ(streamed(*tokenizer_, row.ids, false), row.decoded);
    EXPECT_EQ(streamed(*tokenizer_, row.ids, true), row.skipped);
  }
  Ids all;  // in an order that no text has: broken characters, runs of bytes
  for (int64_t id = tokenizer_->vocab_size() - 1; id >= 0; id -= 1) all.push_back(id);
  for (int64_t i = 0; i < 2000; ++i) all.push_back(i * 7919 % tokenizer_->vocab_size());
  EXPECT_EQ(streamed(*tokenizer_, all, false), tokenizer_->decode(all, false));
}

TEST_P(Family, SavedUnchanged) {
  const TempFolder folder;
  tokenizer_->save(folder.path());
  EXPECT_EQ(read_file(folder / "tokenizer.json"),
            read_file(kTokenizers / GetParam() / "tokenizer.json"));
}

TEST_P(Family, OneTokenizerServesManyThreads) {
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = 0; i < rows_.size(); ++i) {
        const Row& row = rows_[(i * (t + 1) + t) % rows_.size()];
        wrong[t] += tokenizer_->encode(row.text) != row.ids ||
                    tokenizer_->decode(row.ids, true) != row.skipped;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4, 0));
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, Family,
                         testing::Values("gpt2", "qwen2", "llama3", "deepseek", "smollm2", "llama2",
                                         "metaspace", "flags", "splits", "possessive"),
                         [](const auto& family) { return std::string(family.param); });

// ---- A tokenizer of three letters, and ways to break it.

constexpr const char* kSmall = R"({
  "version": "1.0", "truncation": null, "padding": null,
  "added_tokens": [{"id": 6, "content": "<s>", "single_word": false, "lstrip": false,
                    "rstrip": false, "normalized": false, "special": true}],
  "normalizer": {"type": "NFC"},
  "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
    {"type": "Split", "pattern": {"Regex": " ?[a-c]+"}, "behavior": "Isolated", "invert": false},
    {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false}]},
  "post_processor": {"type": "TemplateProcessing",
    "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
    "pair": [], "special_tokens": {"<s>": {"id": "<s>", "ids": [6], "tokens": ["<s>"]}}},
  "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
  "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
    "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
    "vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "abc": 4, "bc": 5},
    "merges": ["a b", ["ab", "c"], "b c"]}
})";

BpeTokenizer small(const std::string& json = kSmall, const std::string& config = "") {
  TokenizerFiles files = {{"tokenizer.json", json}};
  if (!config.empty()) files["tokenizer_config.json"] = config;
  return BpeTokenizer(std::move(files));
}

// kSmall with the value at a JSON pointer replaced.
std::string with(const char* pointer, const char* value) {
  Json json = Json::parse(kSmall);
  json[Json::json_pointer(pointer)] = Json::parse(value);
  return json.dump();
}

TEST(BpeTokenizer, MergesByRankThenPlace) {
  const BpeTokenizer tokenizer = small();
  EXPECT_EQ(tokenizer.encode("abc"), (Ids{4}));
  EXPECT_EQ(tokenizer.encode("bcab"), (Ids{5, 3}));  // a b is merged before b c
  EXPECT_EQ(tokenizer.encode("bca<s>b"), (Ids{5, 0, 6, 1}));
  EXPECT_EQ(tokenizer.encode("x"), (Ids{}));  // no token and no unknown token: dropped
  EXPECT_EQ(tokenizer.encode(""), (Ids{}));
  std::string text;
  Ids expected;
  for (int i = 0; i < 100'000; ++i) {
    text += "abcbc";
    expected.insert(expected.end(), {4, 5});
  }
  EXPECT_EQ(tokenizer.encode(text), expected);
}

TEST(BpeTokenizer, IdsAndRoles) {
  const BpeTokenizer plain = small();
  EXPECT_EQ(plain.vocab_size(), 7);
  EXPECT_EQ(plain.token_id("<s>"), 6);
  EXPECT_EQ(plain.token_id("abc"), 4);
  EXPECT_EQ(plain.token_id("x"), -1);
  EXPECT_EQ(plain.bos_id(), -1);
  EXPECT_FALSE(plain.adds_bos());
  const BpeTokenizer named = small(kSmall, R"({"bos_token": "<s>", "pad_token": null,
      "eos_token": {"__type": "AddedToken", "content": "</s>", "normalized": true}})");
  EXPECT_EQ(named.bos_id(), 6);
  EXPECT_TRUE(named.adds_bos());
  EXPECT_EQ(named.eos_id(), 7);  // transformers adds special tokens that are not there
  EXPECT_EQ(named.pad_id(), -1);
  EXPECT_EQ(named.encode("a</s>"), (Ids{0, 7}));
  EXPECT_EQ(named.decode({0, 7, 6}, true), "a");
}

TEST(BpeTokenizer, TokensOfTheConfig) {
  const BpeTokenizer tokenizer = small(kSmall, R"({"added_tokens_decoder": {
      "8": {"content": "<z>", "special": true}, "7": {"content": "<y>", "lstrip": true,
      "normalized": false}}, "additional_special_tokens": ["b"]})");
  EXPECT_EQ(tokenizer.encode("a <y><z>"), (Ids{0, 7, 8}));
  EXPECT_EQ(tokenizer.encode("abc"), (Ids{0, 1, 2}));  // b is special now
  EXPECT_EQ(tokenizer.decode({0, 7, 8, 1}, true), "a<y>");
  EXPECT_ERROR(CheckpointError,
               small(kSmall, R"({"added_tokens_decoder": {"9": {"content": "<z>"}}})"),
               "tokenizer_config.json: added_tokens_decoder: \"<z>\" has the id 9 there, but 7");
}

TEST(BpeTokenizer, OlderFilesCountWithoutAddedTokensDecoder) {
  TokenizerFiles files = {{"tokenizer.json", kSmall},
                          {"special_tokens_map.json", R"({"eos_token": "<s>"})"},
                          {"added_tokens.json", R"({"<y>": 7})"}};
  EXPECT_EQ(BpeTokenizer(files).eos_id(), 6);
  EXPECT_EQ(BpeTokenizer(files).encode("<y>"), (Ids{7}));
  files["tokenizer_config.json"] = R"({"added_tokens_decoder": {}, "bos_token": "<s>"})";
  EXPECT_EQ(BpeTokenizer(files).eos_id(), -1);
  EXPECT_EQ(BpeTokenizer(files).bos_id(), 6);
}

TEST(BpeTokenizer, ConfigSpeaksWhereTheTokenizerDoesNot) {
  const TempFolder folder;
  std::ofstream(folder / "tokenizer.json") << kSmall;
  std::ofstream(folder / "config.json")
      << R"({"bos_token_id": 6, "eos_token_id": [3, 4], "pad_token_id": 99})";
  std::ofstream(folder / "tokenizer_config.json") << R"({"bos_token": null})";
  const auto tokenizer = load_tokenizer(folder.path());
  EXPECT_EQ(tokenizer->bos_id(), -1);
  EXPECT_EQ(tokenizer->eos_id(), 3);
  EXPECT_EQ(tokenizer->pad_id(), -1);  // not a token
  std::ofstream(folder / "config.json") << R"({"eos_token_id": "x"})";
  EXPECT_ERROR(CheckpointError, load_tokenizer(folder.path()),
               "config.json: eos_token_id: expected an integer, found \"x\"");
}

TEST(BpeTokenizer, NewSpecialTokens) {
  const auto tokenizer = small(kSmall, R"({"bos_token": "<s>", "mine": 1})")
                             .add_special_tokens({"<think>", "<s>", "c", "</think>", "<think>"});
  EXPECT_EQ(tokenizer->vocab_size(), 9);
  EXPECT_EQ(tokenizer->encode("<think>c</think><s>"), (Ids{7, 2, 8, 6}));
  EXPECT_EQ(tokenizer->decode({0, 7, 2, 8, 1}), "ab");
  const TempFolder folder;
  tokenizer->save(folder.path());
  const auto again = load_tokenizer(folder.path());
  EXPECT_EQ(again->encode("<think>c</think><s>"), (Ids{7, 2, 8, 6}));
  const Json config = read_json(folder / "tokenizer_config.json");
  EXPECT_EQ(config.at("mine"), 1);
  EXPECT_EQ(config.at("additional_special_tokens"), Json({"<think>", "<s>", "c", "</think>"}));
  EXPECT_ERROR(ConfigError, again->add_special_tokens({""}), "cannot be a special token");
  EXPECT_ERROR(ConfigError, again->add_special_tokens({"\xff"}), "cannot be a special token");
}

TEST(BpeTokenizer, RefusesBadInput) {
  const BpeTokenizer tokenizer = small();
  EXPECT_ERROR(DataError, tokenizer.encode("a\xff"),
               "byte 1 of the text is not valid UTF-8 (0xff)");
  EXPECT_ERROR(DataError, tokenizer.decode({-1}, true), "token id -1 is negative");
  EXPECT_ERROR(DataError, StreamingDecoder(tokenizer).push(-1), "token id -1 is negative");
  EXPECT_EQ(tokenizer.decode({0, 7, int64_t{1} << 40, 1}, true), "ab");  // padded embeddings
}

TEST(BpeTokenizer, RefusesMalformedFiles) {
  struct Case {
    const char *pointer, *value, *message;
  };
  const Case kCases[] = {
      {"/version", "\"2.0\"", "tokenizer.json: version: \"2.0\" is not supported"},
      {"/version", "1", "version: expected a string, found 1"},
      {"/extra", "1", "the option \"extra\" is not supported"},
      {"/model/type", "\"WordPiece\"", "model.type: \"WordPiece\" is not supported"},
      {"/model", "null", "model: expected an object, found null"},
      {"/model", "[]", "model: expected an object, found an array of 0"},
      {"/model/dropout", "0.1", "model.dropout: dropout while encoding is not supported"},
      {"/model/continuing_subword_prefix", "\"##\"", "model.continuing_subword_prefix: is not"},
      {"/model/end_of_word_suffix", "\"</w>\"", "model.end_of_word_suffix: is not supported"},
      {"/model/unk_token", "\"?\"", "model.unk_token: \"?\" is not a token of the vocabulary"},
      {"/model/unk_token", "7", "model.unk_token: expected a string, found 7"},
      {"/model/byte_fallback", "\"yes\"", "model.byte_fallback: expected true or false"},
      {"/model/new_option", "true", "model: the option \"new_option\" is not supported"},
      {"/model/vocab", "[]", "model.vocab: expected an object of tokens and ids"},
      {"/model/vocab/a", "1", "model.vocab: \"a\" and \"b\" have the same id 1"},
      {"/model/vocab/a", "7", "model.vocab: the id of \"a\", 7, is not among 0 to 6"},
      {"/model/vocab/a", "-1", "the id of \"a\", -1, is not among 0 to 6"},
      {"/model/vocab/a", "4294967296", "the id of \"a\", 4294967296, is not among 0 to 6"},
      {"/model/vocab/a", "0.5", "the id of \"a\", 0.5, is not among 0 to 6"},
      {"/model/vocab/a", "\"0\"", "the id of \"a\", \"0\", is not among 0 to 6"},
      {"/model/vocab/", "6", "model.vocab: a token is empty"},
      {"/model/merges", "{}", "model.merges: expected an array, found an object of 0"},
      {"/model/merges/0", "\"a x\"", "model: merges[0]: \"x\" is not a token of the vocabulary"},
      {"/model/merges/0", "\"a c\"", "model: merges[0]: \"ac\" is not a token of the vocabulary"},
      {"/model/merges/1", "\"ab\"", "model.merges[1]: expected two tokens"},
      {"/model/merges/1", "\"a b c\"", "model.merges[1]: expected two tokens"},
      {"/model/merges/1", "[\"a\"]", "model.merges[1]: expected two tokens"},
      {"/model/merges/1", "[\"a\", 1]", "model.merges[1][1]: expected a string, found 1"},
      {"/model/merges/1", "3", "model.merges[1]: expected two tokens"},
      {"/added_tokens", "{}", "added_tokens: expected an array, found an object of 0"},
      {"/added_tokens/0", "\"<s>\"", "added_tokens[0]: expected an object, found \"<s>\""},
      {"/added_tokens/0/id", "3", "added_tokens[0].id: \"<s>\" has the id 3 here, but the next"},
      {"/added_tokens/0/id", "-6", "added_tokens[0].id: -6 is outside [0, 2147483648]"},
      {"/added_tokens/0/id", "6.0", "added_tokens[0].id: expected an integer, found 6.0"},
      {"/added_tokens/0/content", "\"ab\"", "has the id 6 here, but 3 in the vocabulary"},
      {"/added_tokens/0/content", "\"\"", "added_tokens[0].content: is empty"},
      {"/added_tokens/0/content", "null", "added_tokens[0].content: expected a string, found null"},
      {"/added_tokens/0/special", "null", "added_tokens[0].special: expected true or false"},
      {"/added_tokens/0/rare", "true", "added_tokens[0]: the option \"rare\" is not supported"},
      {"/added_tokens/1", R"({"id": 7, "content": "<s>", "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": false, "special": true})",
       "added_tokens[1]: \"<s>\" was already added"},
      {"/normalizer", "{}", "normalizer: \"type\" is missing"},
      {"/normalizer", "\"NFC\"", "normalizer: expected an object, found \"NFC\""},
      {"/normalizer/type", "\"BertNormalizer\"", "normalizer.type: \"BertNormalizer\" is not supp"},
      {"/normalizer/type", "\"Precompiled\"", "normalizer.type: \"Precompiled\" is not supported"},
      {"/normalizer/lower", "true", "normalizer: the option \"lower\" is not supported"},
      {"/normalizer", R"({"type": "Sequence", "normalizers": [{"type": "Prepend"}]})",
       "normalizer.normalizers[0]: \"prepend\" is missing"},
      {"/normalizer", R"({"type": "Replace", "pattern": {"Regex": "("}, "content": ""})",
       "normalizer.pattern.Regex: character 2: a ( without its )"},
      {"/normalizer", R"({"type": "Replace", "pattern": {"String": ""}, "content": ""})",
       "normalizer.pattern.String: is empty"},
      {"/normalizer", R"({"type": "Replace", "pattern": {}, "content": ""})",
       "normalizer.pattern: expected one of \"String\", \"Regex\""},
      {"/pre_tokenizer/type", "\"UnicodeScripts\"",
       "pre_tokenizer.type: \"UnicodeScripts\" is not supported; supported are ByteLevel"},
      {"/pre_tokenizer/type", "7", "pre_tokenizer.type: expected a string, found 7"},
      {"/pre_tokenizer/pretokenizers/0/pattern/Regex", "\"(?<=a)b\"",
       "pre_tokenizer.pretokenizers[0].pattern.Regex: character 1: look-behind is not supported"},
      {"/pre_tokenizer/pretokenizers/0/pattern/Regex", "\"\\\\p{Greek}\"",
       "the property \"Greek\" is not supported"},
      {"/pre_tokenizer/pretokenizers/0/pattern/Regex", "\"(?:a|b)*a(?:a|b){14}\"",
       "the pattern is too complex"},
      {"/pre_tokenizer/pretokenizers/0/behavior", "\"isolated\"",
       "pre_tokenizer.pretokenizers[0].behavior: \"isolated\" is not one of Removed, Isolated"},
      {"/pre_tokenizer/pretokenizers/0/invert", "null",
       "invert: expected true or false, found null"},
      {"/pre_tokenizer/pretokenizers/2", R"({"type": "Digits", "individual_digits": true})",
       "pre_tokenizer.pretokenizers[2]: a pre-tokenizer behind ByteLevel is not supported"},
      {"/pre_tokenizer/pretokenizers/1/add_prefix_space", "0",
       "pre_tokenizer.pretokenizers[1].add_prefix_space: expected true or false, found 0"},
      {"/pre_tokenizer", R"({"type": "Metaspace", "replacement": "__"})",
       "pre_tokenizer.replacement: expected one character"},
      {"/pre_tokenizer", R"({"type": "Metaspace", "replacement": "_", "prepend_scheme": "last"})",
       "prepend_scheme: \"last\" is not one of always, first, never"},
      {"/decoder/type", "\"WordPiece\"", "decoder.type: \"WordPiece\" is not supported"},
      {"/decoder", R"({"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "ByteLevel"}]})",
       "decoder.decoders[1]: this decoder behind ByteLevel or Fuse is not supported"},
      {"/decoder", R"({"type": "Strip", "content": " ", "start": -1, "stop": 0})",
       "decoder.start: -1 is outside [0, 1048576]"},
      {"/decoder", R"({"type": "Strip", "content": "ab", "start": 1, "stop": 0})",
       "decoder.content: expected one character"},
      {"/post_processor/type", "\"RobertaProcessing\"",
       "post_processor.type: \"RobertaProcessing\" is not supported"},
      {"/post_processor/single", "null", "post_processor.single: expected an array, found null"},
  };
  for (const Case& one : kCases)
    EXPECT_ERROR(CheckpointError, small(with(one.pointer, one.value)), one.message);
}

TEST(BpeTokenizer, RefusesTextThatIsNoJson) {
  const std::string good = kSmall;
  EXPECT_ERROR(CheckpointError, small(""), "tokenizer.json:1:1:");
  EXPECT_ERROR(CheckpointError, small("[]"), "tokenizer.json: expected an object, found an array");
  EXPECT_ERROR(CheckpointError, small("{}"), "tokenizer.json: \"model\" is missing");
  EXPECT_ERROR(CheckpointError, small(good.substr(0, good.size() - 5)), "tokenizer.json:16:");
  EXPECT_ERROR(CheckpointError, small(good + "x"), "tokenizer.json:17:2:");
  EXPECT_ERROR(CheckpointError, small("{\"a\": \"\xff\"}"), "tokenizer.json:1:");
  EXPECT_ERROR(CheckpointError, small(R"({"model": 1, "model": 2})"),
               "key \"model\" was already given on line 1");
  EXPECT_ERROR(CheckpointError, small(R"({"model": {"vocab": {"a": 0, "a": 1}}})"),
               "key \"a\" was already given");
  std::string deep;
  for (int i = 0; i < 70; ++i) deep += R"({"type": "Sequence", "normalizers": [)";
  EXPECT_ERROR(CheckpointError, small("{\"normalizer\": " + deep), "nested deeper than 64 levels");
}

TEST(BpeTokenizer, RefusesMalformedConfigs) {
  const std::pair<const char*, const char*> kCases[] = {
      {"[]", "tokenizer_config.json: expected a JSON object"},
      {"{", "tokenizer_config.json:1:"},
      {R"({"eos_token": 1})", "tokenizer_config.json: eos_token: expected a string, found 1"},
      {R"({"eos_token": {"text": "</s>"}})", "eos_token: \"content\" is missing"},
      {R"({"eos_token": {"content": "</s>", "lstrip": 1}})", "eos_token.lstrip: expected true or"},
      {R"({"added_tokens_decoder": {"x": {"content": "a"}}})",
       "added_tokens_decoder.x: expected the id of a token as the key"},
      {R"({"added_tokens_decoder": {"-1": {"content": "a"}}})", "expected the id of a token"},
      {R"({"added_tokens_decoder": {"1": {"content": "a"}}})", "\"a\" has the id 1 there, but 0"},
      {R"({"additional_special_tokens": "a"})", "additional_special_tokens: expected an array"},
      {R"({"additional_special_tokens": ["a", 2]})",
       "additional_special_tokens[1]: expected a str"},
      {R"({"additional_special_tokens": [1]})", "additional_special_tokens[0]: expected a string"},
  };
  for (const auto& [config, message] : kCases)
    EXPECT_ERROR(CheckpointError, small(kSmall, config), message);
}

// A file whose replacements would make gigabytes of a line.
TEST(BpeTokenizer, NormalizersThatBlowUpTheTextAreStopped) {
  Json json = Json::parse(kSmall);
  const Json twice = {{"type", "Replace"}, {"pattern", {{"String", "a"}}}, {"content", "aaaaaaaa"}};
  json["normalizer"] = {{"type", "Sequence"}, {"normalizers", Json::array()}};
  for (int i = 0; i < 30; ++i) json["normalizer"]["normalizers"].push_back(twice);
  EXPECT_ERROR(DataError, small(json.dump()).encode("a"), "more than 16 times as long");
  for (int i = 0; i < 40; ++i) json["normalizer"]["normalizers"].push_back(twice);
  EXPECT_ERROR(CheckpointError, small(json.dump()),
               "normalizer.normalizers[64]: there are more than 64 steps");
}

TEST(TakeUtf8, ReplacesMaximalSubparts) {
  const auto taken = [](std::string bytes, bool last) {
    std::string text;
    take_utf8(bytes, text, last);
    return std::pair(text, bytes);
  };
  using Result = std::pair<std::string, std::string>;
  EXPECT_EQ(taken("a\xc3", false), (Result{"a", "\xc3"}));
  EXPECT_EQ(taken("a\xc3", true), (Result{"a\ufffd", ""}));
  EXPECT_EQ(taken("\xf0\x9f\x98", false), (Result{"", "\xf0\x9f\x98"}));
  EXPECT_EQ(taken("\xf0\x9f\x98\x80", false), (Result{"\U0001F600", ""}));
  // the example of the Unicode Standard 3.9, table 3-8
  EXPECT_EQ(taken("\x61\xf1\x80\x80\xe1\x80\xc2\x62\x80\x63\x80\xbf\x64", true),
            (Result{"a\ufffd\ufffd\ufffdb\ufffdc\ufffd\ufffdd", ""}));
  // table 3-9: surrogates, overlong forms
  EXPECT_EQ(taken("\xed\xa0\x80", true), (Result{"\ufffd\ufffd\ufffd", ""}));
  EXPECT_EQ(taken("\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", true),
            (Result{"\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd"
                    "A",
                    ""}));
  EXPECT_EQ(taken("\xed", false), (Result{"", "\xed"}));
  EXPECT_EQ(taken("\xed\xa0", false), (Result{"\ufffd\ufffd", ""}));
  EXPECT_EQ(taken("\xf4\x90", false), (Result{"\ufffd\ufffd", ""}));
}

}  // namespace
}  // namespace r1::model
