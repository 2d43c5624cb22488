#include <fmt/format.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <climits>
#include <set>
#include <unordered_map>

#include "base/error.h"
#include "model/tokenizer.h"
#include "model/utf8.h"

namespace r1::model {
namespace {

constexpr size_t kMaxTextBytes = size_t{1} << 30;     // longer texts would be left out silently
constexpr std::string_view kEscapedSpace = "\u2581";  // what sentencepiece writes for a space
constexpr std::string_view kReserved = "\u2585";      // texts with it would be left out silently

void check_symbols(const std::vector<std::string>& symbols) {
  std::set<std::string> seen = {"<unk>", "<s>", "</s>", "<pad>"};
  for (const std::string& symbol : symbols) {
    const auto refuse = [&](const char* reason) {
      throw ConfigError(fmt::format("user_defined_symbols: \"{}\" {}", symbol, reason));
    };
    if (symbol.empty()) refuse("is empty");
    if (find_invalid_utf8(symbol) != symbol.npos) refuse("is not valid UTF-8");
    const bool odd = std::any_of(symbol.begin(), symbol.end(),
                                 [](unsigned char c) { return c <= ' ' || c == '"'; });
    if (odd || symbol.find(kEscapedSpace) != symbol.npos || symbol.find(kReserved) != symbol.npos) {
      refuse(
          "has white space, a quotation mark, U+2581 or U+2585 in it; choose a symbol like "
          "<think>");
    }
    if (!seen.insert(symbol).second) refuse("is there twice or is one of <unk>, <s>, </s>, <pad>");
  }
}

// Returns whether a tab occurs.
bool check_texts(const std::vector<std::string>& texts) {
  bool tab = false, any = false;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string& text = texts[i];
    const auto refuse = [&](size_t byte, const char* reason) {
      throw DataError(fmt::format("training text {}: byte {}: {}", i, byte, reason));
    };
    const size_t invalid = find_invalid_utf8(text);
    if (invalid != text.npos) refuse(invalid, "not valid UTF-8");
    const size_t nul = text.find('\0');
    if (nul != text.npos) refuse(nul, "NUL characters cannot be tokens; remove them from the text");
    const size_t reserved = text.find(kReserved);
    if (reserved != text.npos)
      refuse(reserved, "U+2585 is reserved by sentencepiece; remove it from the text");
    if (text.size() > kMaxTextBytes)
      refuse(kMaxTextBytes, "the text is longer than 1 GiB; split it");
    any = any || !text.empty();
    tab = tab || text.find('\t') != text.npos;
  }
  if (!any) {
    throw DataError(fmt::format(
        "cannot train a tokenizer: all of its {} training texts are empty; check the data set",
        texts.size()));
  }
  return tab;
}

std::string as_csv(const std::vector<std::string>& symbols) {
  std::string csv;
  for (const std::string& symbol : symbols) csv += (csv.empty() ? "\"" : ",\"") + symbol + "\"";
  return csv;
}

}  // namespace

std::string train_sentencepiece(const std::vector<std::string>& texts,
                                const TokenizerTraining& training) {
  std::vector<std::string> symbols = training.user_defined_symbols;
  check_symbols(symbols);
  // sentencepiece uses the tab itself while it counts, so it can only become a token as a symbol.
  if (check_texts(texts)) symbols.push_back("\t");
  const bool is_char = training.model_type == "char";
  if (!is_char && training.model_type != "bpe") {
    throw ConfigError(
        fmt::format("model_type: \"{}\" is not one of: char, bpe", training.model_type));
  }
  if (training.vocab_size < 0 || training.vocab_size > INT_MAX ||
      (!is_char && training.vocab_size == 0)) {
    throw ConfigError(
        fmt::format("vocab_size: {} is out of range [{}, {}] for a sentencepiece {} model",
                    training.vocab_size, is_char ? 0 : 1, INT_MAX, training.model_type));
  }
  std::unordered_map<std::string, std::string> options = {
      {"model_type", training.model_type},
      {"character_coverage", "1.0"},
      {"normalization_rule_name", "identity"},
      {"add_dummy_prefix", "false"},
      {"remove_extra_whitespaces", "false"},
      {"allow_whitespace_only_pieces", "true"},
      {"unk_id", "0"},
      {"bos_id", "1"},
      {"eos_id", "2"},
      {"pad_id", "3"},
      {"num_threads", "1"},
      {"shuffle_input_sentence", "false"},
      {"max_sentence_length", std::to_string(kMaxTextBytes)},
      {"minloglevel", "2"},
  };
  if (!symbols.empty()) options["user_defined_symbols"] = as_csv(symbols);
  if (training.vocab_size > 0) {
    options["vocab_size"] = std::to_string(training.vocab_size);
  } else {
    options["use_all_vocab"] = "true";
  }
  sentencepiece::SetRandomGeneratorSeed(0);
  std::string model;
  const auto status = sentencepiece::SentencePieceTrainer::Train(options, texts, &model);
  if (!status.ok())
    throw ConfigError(fmt::format("cannot train the tokenizer: {}", status.ToString()));
  return model;
}

}  // namespace r1::model
