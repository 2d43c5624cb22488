// Tokenizers of a tokenizer.json with a byte-pair model.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/added_tokens.h"
#include "model/bpe.h"
#include "model/normalizer.h"
#include "model/pre_tokenizer.h"
#include "model/token_decoder.h"
#include "model/tokenizer.h"
#include "model/tokenizer_files.h"

namespace r1::model {

// Does what the `tokenizers` package does with the same file: everything is read from it, nothing
// depends on the model family.
class BpeTokenizer : public Tokenizer {
 public:
  // `files` has a tokenizer.json. `fallback`: bos, eos and pad where the files do not say.
  // transformers has such defaults in the tokenizer classes of families; config.json agrees with
  // them. Throws CheckpointError naming file, place in the file and reason.
  explicit BpeTokenizer(TokenizerFiles files, const RoleIds& fallback = {});

  std::vector<int64_t> encode(std::string_view text) const override;
  std::string decode(const std::vector<int64_t>& ids, bool skip_special_tokens) const override;
  std::unique_ptr<TextStream> decode_stream(bool skip_special_tokens) const override;
  std::unique_ptr<Tokenizer> add_special_tokens(
      const std::vector<std::string>& tokens) const override;
  int64_t vocab_size() const override { return static_cast<int64_t>(texts_.size()); }
  int64_t bos_id() const override { return bos_id_; }
  int64_t eos_id() const override { return eos_id_; }
  int64_t pad_id() const override { return pad_id_; }
  bool adds_bos() const override { return adds_bos_; }
  int64_t token_id(std::string_view token) const override;
  void save(const std::filesystem::path& folder) const override;

 private:
  class Stream;

  void read(const Json& json);
  void read_added_tokens(const JsonView& list);
  void apply_roles(const TokenizerRoles& roles, const RoleIds& fallback);
  // Adds a token or changes the flags of one that is there; its id is that of the vocabulary, or
  // the next free one.
  int64_t add(AddedToken token);
  void finish_added_tokens();
  void read_post_processor(const JsonView& json, std::vector<std::string>& prefix) const;
  // Text of an id for the decoder; null if it has none, or is special and those are to be skipped.
  const std::string* text_of(int64_t id, bool skip_special_tokens) const;
  void encode_between(std::string_view text, bool at_start, WordCache& cache,
                      std::vector<int64_t>& ids) const;

  std::unique_ptr<WordCache> take_cache() const;
  void give_cache(std::unique_ptr<WordCache> cache) const;

  TokenizerFiles files_;
  Normalizer normalizer_;
  PreTokenizer pre_tokenizer_;
  BpeModel model_;
  TokenDecoder decoder_;
  int64_t next_id_ = 0;            // of an added token that the vocabulary does not have
  std::vector<AddedToken> added_;  // in the order of their first mention
  std::unordered_map<std::string, size_t> added_index_;
  AddedTokenMatcher raw_tokens_, normalized_tokens_;
  std::vector<std::string> texts_;  // by id; empty: no such token
  std::vector<bool> special_;       // by id
  int64_t bos_id_ = -1, eos_id_ = -1, pad_id_ = -1;
  std::optional<std::string> first_token_;  // that the post-processor puts before a text
  bool adds_bos_ = false;

  mutable std::mutex caches_mutex_;                         // guards caches_
  mutable std::vector<std::unique_ptr<WordCache>> caches_;  // not in use
};

}  // namespace r1::model
