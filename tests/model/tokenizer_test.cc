#include "model/tokenizer.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "model/sentencepiece_spec.h"
#include "model/streaming_decoder.h"
#include "model/utf8.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1::model {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<int64_t>;

const fs::path kCharTokenizer = fs::path(R1_TEST_DATA) / "model" / "char_tokenizer";

// What tests/data/model/char_tokenizer was trained on.
std::string train_fixture() {
  const std::vector<std::string> texts = {
      "using 3, 5 and 7 make 22: <think>3 * 5 = 15, 15 + 7 = 22</think>\n",
      "<answer>3 * 5 + 7</answer>\n", "(8 - 4) / 2 = 2  no\tyes é"};
  return train_sentencepiece(
      texts, {.user_defined_symbols = {"<think>", "</think>", "<answer>", "</answer>"}});
}

std::unique_ptr<Tokenizer> fixture() { return load_tokenizer(kCharTokenizer); }

TEST(Tokenizer, IdsAreInTheDocumentedOrder) {
  const auto tokenizer = make_sentencepiece_tokenizer(
      train_sentencepiece({"aab  c"}, {.user_defined_symbols = {"<x>", "<y>"}}));
  const std::vector<const char*> tokens = {"<unk>", "<s>", "</s>",   "<pad>", "<x>",
                                           "<y>",   "a",   "\u2581", "b",     "c"};
  EXPECT_EQ(tokenizer->vocab_size(), static_cast<int64_t>(tokens.size()));
  for (const char* token : {"<unk>", "<s>", "</s>", "<pad>", "<x>", "<y>"}) {
    EXPECT_EQ(tokenizer->token_id(token),
              std::find_if(tokens.begin(), tokens.end(), [&](const char* t) {
                return std::string(t) == token;
              }) - tokens.begin());
  }
  EXPECT_LT(tokenizer->token_id("a"), tokenizer->token_id("b"));  // by frequency
  EXPECT_LT(tokenizer->token_id("\u2581"), tokenizer->token_id("c"));
  EXPECT_EQ(tokenizer->bos_id(), 1);
  EXPECT_EQ(tokenizer->eos_id(), 2);
  EXPECT_EQ(tokenizer->pad_id(), 3);
  EXPECT_EQ(tokenizer->token_id("z"), -1);
  EXPECT_EQ(tokenizer->token_id(""), -1);
  EXPECT_EQ(tokenizer->token_id("aa"), -1);
}

TEST(Tokenizer, OneIdPerCharacterAndPerSymbol) {
  const auto tokenizer = fixture();
  const auto id = [&](const char* token) { return tokenizer->token_id(token); };
  EXPECT_EQ(tokenizer->encode("3 *  5"),
            (Ids{id("3"), id("\u2581"), id("*"), id("\u2581"), id("\u2581"), id("5")}));
  EXPECT_EQ(tokenizer->encode("<think>7</think>"), (Ids{id("<think>"), id("7"), id("</think>")}));
  EXPECT_EQ(tokenizer->encode("<answer></answer>"), (Ids{id("<answer>"), id("</answer>")}));
  EXPECT_EQ(tokenizer->encode("\n\té"), (Ids{id("\n"), id("\t"), id("é")}));
  EXPECT_EQ(tokenizer->encode(""), Ids{});
  EXPECT_EQ(tokenizer->encode("7</s><s><pad>"), (Ids{id("7"), 2, 1, 3}));
}

TEST(Tokenizer, UnknownCharactersAreUnk) {
  const auto tokenizer = fixture();
  EXPECT_EQ(tokenizer->encode("3?5"), (Ids{tokenizer->token_id("3"), 0, tokenizer->token_id("5")}));
  EXPECT_EQ(tokenizer->encode("\u4e2d\u6587"), Ids{0});  // a run is one, as sentencepiece has it
  EXPECT_EQ(tokenizer->encode("?<think>?"), (Ids{0, tokenizer->token_id("<think>"), 0}));
  EXPECT_EQ(tokenizer->encode("<unk>?"), (Ids{0, 0}));
  EXPECT_EQ(tokenizer->encode(std::string(1, '\0')), Ids{0});
}

TEST(Tokenizer, DecodeGivesTheTextBack) {
  const auto tokenizer = fixture();
  for (const char* text :
       {"", " ", "  3 *  5 ", "<think>\n\t(8 - 4) / 2</think><answer>7</answer>\n",
        "<think><think>\n", "é"}) {
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
  }
}

TEST(Tokenizer, DecodeDropsControlTokensOnlyWhenAsked) {
  const auto tokenizer = fixture();
  const Ids ids = {1, tokenizer->token_id("<think>"), tokenizer->token_id("3"), 0, 3, 2};
  EXPECT_EQ(tokenizer->decode(ids), "<think>3");
  EXPECT_EQ(tokenizer->decode(ids, false), "<s><think>3<unk><pad></s>");
}

TEST(Tokenizer, RefusesBadInput) {
  const auto tokenizer = fixture();
  EXPECT_ERROR(DataError, tokenizer->encode("3 \xff"),
               "byte 2 of the text is not valid UTF-8 (0xff)");
  EXPECT_ERROR(DataError, tokenizer->encode("\xe2\x96"), "byte 0 of the text is not valid UTF-8");
  EXPECT_ERROR(DataError, tokenizer->decode({1, tokenizer->vocab_size()}),
               "is outside the vocabulary of");
  EXPECT_ERROR(DataError, tokenizer->decode({-1}), "token id -1 is outside");
  EXPECT_ERROR(DataError, tokenizer->decode({int64_t{1} << 32}), "token id 4294967296 is outside");
}

// tokenizer_golden.jsonl: what transformers' AutoTokenizer makes of the fixture's files
// (tools/make_tokenizer_golden.py).
TEST(Tokenizer, SameAsTransformers) {
  const auto tokenizer = fixture();
  int64_t rows = 0;
  read_jsonl(fs::path(R1_TEST_DATA) / "model" / "tokenizer_golden.jsonl", [&](const Json& row,
                                                                              int64_t line) {
    const auto text = row.at("text").get<std::string>();
    const Ids ids = tokenizer->encode(text);
    EXPECT_EQ(ids, row.at("ids").get<Ids>()) << "line " << line;
    EXPECT_EQ(tokenizer->decode(ids), row.at("decoded").get<std::string>()) << "line " << line;
    EXPECT_EQ(tokenizer->decode(ids, false), row.at("with_special_tokens").get<std::string>())
        << "line " << line;
    ++rows;
  });
  EXPECT_GE(rows, 200);
}

TEST(Tokenizer, TrainingIsDeterministic) {
  const std::string model = train_fixture();
  EXPECT_EQ(train_fixture(), model);
  const auto trained = make_sentencepiece_tokenizer(model);
  const TempFolder folder;
  trained->save(folder.path());
  for (const char* name : {"tokenizer.json", "special_tokens_map.json", "tokenizer_config.json"}) {
    EXPECT_EQ(read_file(folder / name), read_file(kCharTokenizer / name)) << name;
  }
}

TEST(Tokenizer, SavedLoadedAndSavedAgainIsTheSame) {
  const TempFolder a, b;
  make_sentencepiece_tokenizer(train_fixture())->save(a.path());
  load_tokenizer(a.path())->save(b.path());
  int files = 0;
  for (const auto& entry : fs::directory_iterator(a.path())) {
    EXPECT_EQ(read_file(entry.path()), read_file(b / entry.path().filename().string()));
    ++files;
  }
  EXPECT_EQ(files, 4);
}

TEST(Tokenizer, FilesThatCameAlongAreKept) {
  const TempFolder a, b;
  make_sentencepiece_tokenizer(train_fixture())->save(a.path());
  std::ofstream(a / "chat_template.jinja") << "{{ messages }}";
  std::ofstream(a / "tokenizer_config.json")
      << R"({"eos_token": {"content": "</answer>"}, "pad_token": "</s>", "mine": 1})";
  const auto tokenizer = load_tokenizer(a.path());
  EXPECT_EQ(tokenizer->eos_id(), tokenizer->token_id("</answer>"));
  EXPECT_EQ(tokenizer->pad_id(), 2);
  tokenizer->save(b.path());
  EXPECT_EQ(read_file(b / "chat_template.jinja"), "{{ messages }}");
  EXPECT_EQ(read_file(b / "tokenizer_config.json"), read_file(a / "tokenizer_config.json"));
}

// The ids are transformers' LlamaTokenizer's for the saved folder.
TEST(Tokenizer, BytePairModels) {
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i)
    texts.push_back("the number " + std::to_string(i) + " is the next number, the one after\n");
  const auto tokenizer = make_sentencepiece_tokenizer(train_sentencepiece(
      texts, {.model_type = "bpe", .user_defined_symbols = {"<think>"}, .vocab_size = 50}));
  EXPECT_EQ(tokenizer->vocab_size(), 50);
  EXPECT_EQ(tokenizer->encode("the number 12 is"), (Ids{8, 13, 23, 40, 41, 21}));
  EXPECT_EQ(tokenizer->encode("  the <think>one\n"), (Ids{23, 11, 23, 4, 37, 17, 32}));
  EXPECT_EQ(tokenizer->encode("next</s>the"), (Ids{26, 20, 2, 8}));
  EXPECT_EQ(tokenizer->decode({23, 11, 23, 4, 37, 17, 32}), "  the <think>one\n");
  EXPECT_EQ(tokenizer->decode({26, 0, 2}, false), "n<unk></s>");
  EXPECT_EQ(tokenizer->decode({26, 0, 2}), "n");
  const TempFolder folder;
  tokenizer->save(folder.path());
  EXPECT_TRUE(fs::exists(folder / "tokenizer.model"));
  EXPECT_FALSE(fs::exists(folder / "tokenizer.json"));  // transformers converts these by itself
  const Json config = read_json(folder / "tokenizer_config.json");
  EXPECT_EQ(config.at("tokenizer_class"), "LlamaTokenizer");
  EXPECT_EQ(config.at("add_prefix_space"), false);
}

// A model of Llama 2's kind: a space before the text, byte fallback. The rows are transformers'
// (tools/make_sentencepiece_golden.py): "legacy" puts a space behind special tokens, too.
TEST(Tokenizer, LlamaModelsAsTransformersReadsThem) {
  const fs::path data = fs::path(R1_TEST_DATA) / "tokenizers" / "sentencepiece";
  for (const std::string kind : {"legacy", "current"}) {
    const TempFolder folder;
    fs::copy_file(data / "tokenizer.model", folder / "tokenizer.model");
    fs::copy_file(data / (kind + ".json"), folder / "tokenizer_config.json");
    const auto tokenizer = load_tokenizer(folder.path());
    int64_t rows = 0;
    read_jsonl(data / (kind + ".jsonl"), [&](const Json& row, int64_t) {
      const auto text = row.at("text").get<std::string>();
      const auto ids = row.at("ids").get<Ids>();
      const std::string decoded = row.value("decoded", text);
      EXPECT_EQ(tokenizer->encode(text), ids) << kind << ": " << text;
      EXPECT_EQ(tokenizer->decode(ids, false), decoded) << kind;
      EXPECT_EQ(tokenizer->decode(ids), row.value("skipped", decoded)) << kind;
      StreamingDecoder stream(*tokenizer, false);
      std::string streamed;
      for (const int64_t id : ids) streamed += stream.push(id);
      EXPECT_EQ(streamed + stream.finish(), decoded) << kind;
      ++rows;
    });
    EXPECT_GE(rows, 120);
  }
}

TEST(Tokenizer, TokensBehindTheModel) {
  const fs::path data = fs::path(R1_TEST_DATA) / "tokenizers" / "sentencepiece";
  const TempFolder folder, saved;
  fs::copy_file(data / "tokenizer.model", folder / "tokenizer.model");
  std::ofstream(folder / "tokenizer_config.json")
      << R"({"eos_token": "<end>", "added_tokens_decoder": {"700": {"content": "<end>", "special": true}}})";
  const auto tokenizer = load_tokenizer(folder.path());
  EXPECT_EQ(tokenizer->vocab_size(), 701);
  EXPECT_EQ(tokenizer->eos_id(), 700);
  const Ids ids = tokenizer->encode("a<end>");
  EXPECT_EQ(ids.back(), 700);
  EXPECT_EQ(tokenizer->decode(ids), "a");
  tokenizer->save(saved.path());
  EXPECT_EQ(read_file(saved / "tokenizer.model"), read_file(data / "tokenizer.model"));
}

TEST(Tokenizer, NewSpecialTokens) {
  const auto tokenizer = fixture();
  const auto more =
      tokenizer->add_special_tokens({"<extra>", "<s>", "<extra>", "<think>", "<more>"});
  EXPECT_EQ(more->vocab_size(), tokenizer->vocab_size() + 2);
  const int64_t extra = tokenizer->vocab_size();
  EXPECT_EQ(more->encode("3<extra><more><s>"),
            (Ids{tokenizer->token_id("3"), extra, extra + 1, 1}));
  EXPECT_EQ(more->decode({tokenizer->token_id("3"), extra}), "3");
  EXPECT_EQ(more->decode({extra}, false), "<extra>");
  EXPECT_EQ(more->decode(more->encode("<think>")), "<think>");  // stays a user-defined symbol
  const TempFolder folder;
  more->save(folder.path());
  EXPECT_EQ(load_tokenizer(folder.path())->encode("<more>"), (Ids{extra + 1}));
  const Json json = read_json(folder / "tokenizer.json");
  EXPECT_EQ(json.at("added_tokens").back().at("id"), extra + 1);
  EXPECT_ERROR(ConfigError, tokenizer->add_special_tokens({"3"}),
               "is a token of the model already");
}

TEST(StreamingDecoder, CharacterByCharacter) {
  const auto tokenizer = fixture();
  StreamingDecoder stream(*tokenizer);
  std::string text;
  for (const int64_t id : tokenizer->encode("<think>3 é</think></s>")) text += stream.push(id);
  EXPECT_EQ(text, "<think>3 é</think>");
  EXPECT_EQ(stream.finish(), "");
}

TEST(TokenizerTraining, AllCharactersOrTheMostFrequent) {
  const auto all = make_sentencepiece_tokenizer(train_sentencepiece({"aaabbc"}, {}));
  EXPECT_EQ(all->vocab_size(), 4 + 3);
  const auto two = make_sentencepiece_tokenizer(train_sentencepiece({"aaabbc"}, {.vocab_size = 6}));
  EXPECT_EQ(two->vocab_size(), 6);
  EXPECT_EQ(two->encode("abc"), (Ids{4, 5, 0}));
}

TEST(TokenizerTraining, LongTextsAreNotSkipped) {
  std::string text(100'000, 'a');
  text += 'b';
  const auto tokenizer = make_sentencepiece_tokenizer(train_sentencepiece({text}, {}));
  EXPECT_EQ(tokenizer->encode("ab"), (Ids{4, 5}));
}

TEST(TokenizerTraining, RefusesWhatItCannotTrain) {
  const auto train = [](std::vector<std::string> texts, TokenizerTraining training = {}) {
    return train_sentencepiece(texts, training);
  };
  EXPECT_ERROR(DataError, train({}), "all of its 0 training texts are empty");
  EXPECT_ERROR(DataError, train({"", ""}), "all of its 2 training texts are empty");
  EXPECT_ERROR(DataError, train({"a", "b\xff"}), "training text 1: byte 1: not valid UTF-8");
  EXPECT_ERROR(DataError, train({std::string("a\0b", 3)}), "training text 0: byte 1: NUL");
  EXPECT_ERROR(DataError, train({"a\u2585"}), "training text 0: byte 1: U+2585 is reserved");
  EXPECT_ERROR(ConfigError, train({"a"}, {.user_defined_symbols = {""}}),
               "user_defined_symbols: \"\" is empty");
  EXPECT_ERROR(ConfigError, train({"a"}, {.user_defined_symbols = {"<a b>"}}),
               "\"<a b>\" has white space");
  EXPECT_ERROR(ConfigError, train({"a"}, {.user_defined_symbols = {"\u2581x"}}), "has white space");
  EXPECT_ERROR(ConfigError, train({"a"}, {.user_defined_symbols = {"<x>", "<x>"}}),
               "\"<x>\" is there twice");
  EXPECT_ERROR(ConfigError, train({"a"}, {.user_defined_symbols = {"</s>"}}),
               "\"</s>\" is there twice or is one of");
  EXPECT_ERROR(ConfigError, train({"a"}, {.model_type = "bpe"}),
               "vocab_size: 0 is out of range [1, ");
  EXPECT_ERROR(ConfigError, train({"a"}, {.vocab_size = -1}),
               "vocab_size: -1 is out of range [0, ");
  EXPECT_ERROR(ConfigError, train({"a"}, {.vocab_size = 2}), "cannot train the tokenizer");
  EXPECT_ERROR(ConfigError, train({"a"}, {.model_type = "unigram", .vocab_size = 9}),
               "model_type: \"unigram\" is not one of: char, bpe");
}

TEST(TokenizerTraining, SymbolsWithCommas) {
  const auto tokenizer = make_sentencepiece_tokenizer(
      train_sentencepiece({"a"}, {.user_defined_symbols = {"<a,b>", "c,"}}));
  EXPECT_EQ(tokenizer->encode("<a,b>c,"), (Ids{4, 5}));
}

TEST(LoadTokenizer, SaysWhatItLookedFor) {
  const TempFolder folder;
  EXPECT_ERROR(CheckpointError, load_tokenizer(folder.path()),
               "looked for tokenizer.model and tokenizer.json");
  std::ofstream(folder / "tokenizer.json") << "{}";
  EXPECT_ERROR(CheckpointError, load_tokenizer(folder.path()),
               "tokenizer.json: \"model\" is missing");
  std::ofstream(folder / "tokenizer.model") << "garbage";
  EXPECT_ERROR(CheckpointError, load_tokenizer(folder.path()), "tokenizer.model: not a senten");
  fs::remove(folder / "tokenizer.json");
  EXPECT_ERROR(CheckpointError, load_tokenizer(folder.path()),
               "tokenizer.model: not a sentencepiece model");
}

TEST(LoadTokenizer, RefusesTokensOutsideTheModel) {
  const TempFolder folder;
  make_sentencepiece_tokenizer(train_fixture())->save(folder.path());
  const auto with_config = [&](const std::string& config) {
    std::ofstream(folder / "tokenizer_config.json", std::ios::trunc) << config;
    return load_tokenizer(folder.path());
  };
  EXPECT_ERROR(CheckpointError, with_config(R"({"eos_token": "<|im_end|>"})"),
               "eos_token of tokenizer_config.json, \"<|im_end|>\"");
  EXPECT_ERROR(CheckpointError,
               with_config(R"({"added_tokens_decoder": {"50": {"content": "<|im_end|>"}}})"),
               "makes \"<|im_end|>\" token 50, which it is not");
  EXPECT_ERROR(CheckpointError,
               with_config(R"({"added_tokens_decoder": {"1": {"content": "</s>"}}})"),
               "makes \"</s>\" token 1");
  EXPECT_ERROR(CheckpointError, with_config("[]"), "tokenizer_config.json: expected a JSON object");
  EXPECT_ERROR(CheckpointError, with_config("{"), "tokenizer_config.json:1:");
  EXPECT_EQ(with_config(R"({"added_tokens_decoder": {"1": {"content": "<s>"}}, "pad_token": null})")
                ->pad_id(),
            3);
}

// Cut or changed models must be refused or load; never crash.
TEST(LoadTokenizer, DamagedModels) {
  const std::string model = train_fixture();
  for (size_t size = 0; size < model.size(); size += 3) {
    try {
      make_sentencepiece_tokenizer(model.substr(0, size))->encode("3 <think>");
    } catch (const Error&) {
    }
  }
  std::mt19937 random(1);
  for (int i = 0; i < 1000; ++i) {
    std::string changed = model;
    changed[random() % changed.size()] = static_cast<char>(random());
    try {
      const auto tokenizer = make_sentencepiece_tokenizer(changed);
      tokenizer->decode(tokenizer->encode("3 <think> 5\n"));
    } catch (const Error&) {
    }
  }
}

TEST(SentencepieceSpec, ReadsTheWireFormat) {
  EXPECT_TRUE(read_sentencepiece_spec(train_fixture()).is_plain_char());
  EXPECT_EQ(read_sentencepiece_spec(train_fixture()).user_defined_ids,
            (Ids{4, 5, 6, 7, 8}));  // the tab is one, too
  const SentencepieceSpec empty = read_sentencepiece_spec("");
  EXPECT_EQ(empty.model_type, 1);
  EXPECT_FALSE(empty.is_plain_char());
  EXPECT_ERROR(CheckpointError, read_sentencepiece_spec("\x12\x05\x18\x04"),
               "cut off or malformed");
  EXPECT_ERROR(CheckpointError, read_sentencepiece_spec(std::string(11, '\xff')),
               "cut off or malformed");
  EXPECT_ERROR(CheckpointError, read_sentencepiece_spec("\x0b"),
               "cut off or malformed");  // a group
  EXPECT_EQ(read_sentencepiece_spec("\x12\x02\x18\x04").model_type, 4);
}

TEST(Utf8, TheStandardsBorders) {
  for (const char* good : {"", "a", "\x7f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000",
                           "\uffff", "\U00010000", "\U0010ffff"}) {
    EXPECT_EQ(find_invalid_utf8(good), std::string_view::npos) << good;
  }
  for (const char* bad :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe2\x82",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xff", "\xf0\x9f\x98"}) {
    EXPECT_EQ(find_invalid_utf8(bad), 0u);
    EXPECT_EQ(find_invalid_utf8("ab\u20ac" + std::string(bad)), 5u);
  }
}

}  // namespace
}  // namespace r1::model
