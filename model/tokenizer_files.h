// The files of a tokenizer in a Hugging Face folder, and what transformers reads from them beside
// the vocabulary.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/added_tokens.h"

namespace r1::model {

// File name to content, unchanged.
using TokenizerFiles = std::map<std::string, std::string>;

// Those of tokenizer.json, tokenizer.model, tokenizer_config.json, special_tokens_map.json,
// added_tokens.json, vocab.json, merges.txt and chat_template.jinja that `folder` has.
TokenizerFiles read_tokenizer_files(const std::filesystem::path& folder);
void write_tokenizer_files(const TokenizerFiles& files, const std::filesystem::path& folder);

struct TokenizerRoles {
  struct Role {
    bool stated = false;  // by the tokenizer's files, perhaps as null
    std::optional<std::string> token;
  };
  std::vector<AddedToken> declared;  // added_tokens_decoder or added_tokens.json, by id
  std::vector<AddedToken> specials;  // every special token that has a name or is listed; ids -1
  Role bos, eos, pad;
};
// As transformers resolves tokenizer_config.json, special_tokens_map.json and added_tokens.json.
// Throws CheckpointError naming file and place.
TokenizerRoles read_tokenizer_roles(const TokenizerFiles& files);

// Ids of special tokens, -1 for none.
struct RoleIds {
  int64_t bos = -1, eos = -1, pad = -1;
};
// Those of the folder's config.json; of a list the first. None if there is no such file. Throws
// CheckpointError or DataError for a file that cannot be read.
RoleIds read_config_roles(const std::filesystem::path& folder);

// `files` changed so that transformers has special tokens `fresh`: listed in tokenizer_config.json
// and, if it is there, in tokenizer.json, which then has all of `added` (by id), `fresh` included.
TokenizerFiles with_special_tokens(TokenizerFiles files, const std::vector<AddedToken>& added,
                                   const std::vector<AddedToken>& fresh);

}  // namespace r1::model
