#include "model/tokenizer.h"

#include <fmt/format.h>

#include "base/error.h"
#include "model/bpe_tokenizer.h"
#include "model/sentencepiece_spec.h"
#include "model/sentencepiece_tokenizer.h"
#include "model/tokenizer_files.h"

namespace r1::model {
namespace {

class HoldingStream : public TextStream {
 public:
  HoldingStream(const Tokenizer& tokenizer, bool skip_special_tokens)
      : tokenizer_(tokenizer), skip_(skip_special_tokens) {}
  std::string push(int64_t id) override {
    ids_.push_back(id);
    return {};
  }
  std::string finish() override { return tokenizer_.decode(std::exchange(ids_, {}), skip_); }

 private:
  const Tokenizer& tokenizer_;
  bool skip_;
  std::vector<int64_t> ids_;
};

// transformers reads tokenizer.json when both files are there. For models of single characters the
// two say the same, and sentencepiece's is the faster way.
bool prefers_sentencepiece(const TokenizerFiles& files) {
  const auto model = files.find("tokenizer.model");
  if (model == files.end()) return false;
  if (!files.contains("tokenizer.json")) return true;
  try {
    return read_sentencepiece_spec(model->second).is_plain_char();
  } catch (const CheckpointError& error) {
    throw CheckpointError(fmt::format("tokenizer.model: {}", error.what()));
  }
}

}  // namespace

std::unique_ptr<TextStream> Tokenizer::decode_stream(bool skip_special_tokens) const {
  return std::make_unique<HoldingStream>(*this, skip_special_tokens);
}

std::unique_ptr<Tokenizer> Tokenizer::add_special_tokens(const std::vector<std::string>&) const {
  throw ConfigError("special tokens cannot be added to this kind of tokenizer");
}

std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& folder) {
  TokenizerFiles files = read_tokenizer_files(folder);
  if (!files.contains("tokenizer.json") && !files.contains("tokenizer.model")) {
    throw CheckpointError(fmt::format(
        "{}: no tokenizer found; looked for tokenizer.model and tokenizer.json", folder.string()));
  }
  try {
    if (prefers_sentencepiece(files)) return make_sentencepiece_tokenizer(std::move(files));
    return std::make_unique<BpeTokenizer>(std::move(files), read_config_roles(folder));
  } catch (const Error& error) {
    throw CheckpointError(fmt::format("{}: {}", folder.string(), error.what()));
  }
}

}  // namespace r1::model
