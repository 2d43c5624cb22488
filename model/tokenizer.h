// Text to ids and back. One interface; behind it sentencepiece models and the byte-pair models of a
// tokenizer.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace r1::model {

// Text of ids that come one by one. The texts returned, put together, are what decode() makes of
// all the ids; none of them is taken back. One user.
class TextStream {
 public:
  virtual ~TextStream() = default;
  // The text that is now settled; empty while a character is incomplete. Throws as decode() does.
  virtual std::string push(int64_t id) = 0;
  virtual std::string finish() = 0;  // the rest; the stream can then be used for another text
};

// Thread safe after construction.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  // Ids of `text`. Special tokens written in the text ("</s>", "<think>", "<unk>") become their one
  // id, leftmost and longest first, as in transformers; none is added. Throws DataError for invalid
  // UTF-8, naming the byte.
  virtual std::vector<int64_t> encode(std::string_view text) const = 0;
  // Text of the ids. Control tokens (bos, eos, pad, unk) are dropped when skip_special_tokens and
  // written out otherwise; user-defined symbols are always written. Ids outside the vocabulary
  // throw DataError; with a tokenizer.json only negative ones do: models often have more embeddings
  // than it has tokens, and those are no text, as in transformers.
  virtual std::string decode(const std::vector<int64_t>& ids,
                             bool skip_special_tokens = true) const = 0;
  // The same, id by id. The tokenizer must outlive the stream. (The default holds everything back.)
  virtual std::unique_ptr<TextStream> decode_stream(bool skip_special_tokens = true) const;
  // This tokenizer with `tokens` as special tokens. Those that it does not have get the ids from
  // vocab_size() on; the model's embeddings must grow along. A sentencepiece model's user-defined
  // symbols stay what they are. Throws ConfigError for an empty token, or if this kind of tokenizer
  // cannot take any.
  virtual std::unique_ptr<Tokenizer> add_special_tokens(
      const std::vector<std::string>& tokens) const;
  virtual int64_t vocab_size() const = 0;  // the largest id + 1
  virtual int64_t bos_id() const = 0;      // -1: none
  virtual int64_t eos_id() const = 0;      // -1: none
  virtual int64_t pad_id() const = 0;      // -1: none
  // Whether transformers puts bos before a text that is to be continued.
  virtual bool adds_bos() const { return bos_id() >= 0; }
  // The id of exactly this token, or -1. (A space is the token "\u2581" of sentencepiece.)
  virtual int64_t token_id(std::string_view token) const = 0;
  // Writes the files that make `folder` loadable by transformers' AutoTokenizer: those that the
  // tokenizer was loaded from, unchanged. Same tokenizer, same bytes.
  virtual void save(const std::filesystem::path& folder) const = 0;
};

// Reads the tokenizer of a Hugging Face folder: tokenizer.json, or else tokenizer.model. Throws
// CheckpointError naming what was looked for, or the file, the place in it and what is wrong or not
// supported there.
std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& folder);

struct TokenizerTraining {
  std::string model_type =
      "char";  // sentencepiece model type: char or bpe, which transformers can load
  std::vector<std::string> user_defined_symbols = {};  // always one token each
  int64_t vocab_size = 0;                              // 0: all characters seen (char models only)
};
// Trains a sentencepiece model on `texts` (identity normalisation, no dummy prefix, white space
// kept) and returns its serialised bytes; same input, same bytes.
// ids: 0 <unk>, 1 <s>, 2 </s>, 3 <pad>, then user-defined symbols, then characters by frequency.
// Throws DataError when there is no text or a text cannot be represented, ConfigError for a bad
// symbol or vocab_size.
std::string train_sentencepiece(const std::vector<std::string>& texts,
                                const TokenizerTraining& training);
// Throws CheckpointError when the bytes are no sentencepiece model.
std::unique_ptr<Tokenizer> make_sentencepiece_tokenizer(std::string serialized_model);

}  // namespace r1::model
