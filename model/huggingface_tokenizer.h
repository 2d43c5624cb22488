// The files by which transformers knows a tokenizer.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace r1::model {

// What transformers must be told about a sentencepiece model.
struct TokenizerExport {
  struct Special {
    std::string text;
    int64_t id;
    bool control;  // dropped by skip_special_tokens; otherwise a user-defined symbol
  };
  std::vector<std::string> pieces;  // by id
  std::vector<Special> specials;
  int64_t unk_id = -1, bos_id = -1, eos_id = -1, pad_id = -1;
  // One token per character, no normalisation: can be written as tokenizer.json, which is needed
  // because transformers cannot convert sentencepiece char models. Others keep their
  // tokenizer.model, which it can.
  bool plain_char = false;
  bool add_dummy_prefix = true;
};

// File name to content: tokenizer_config.json, special_tokens_map.json and, for plain char models,
// tokenizer.json.
std::map<std::string, std::string> huggingface_tokenizer_files(const TokenizerExport& tokenizer);

}  // namespace r1::model
