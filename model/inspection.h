// What a model folder holds, and what of it this version cannot use. Reads headers and small files
// only, never the weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "model/config.h"

namespace r1::model {

struct Inspection {
  struct WeightFile {
    std::string name;
    uint64_t bytes = 0;
    int64_t tensors = 0;
  };
  struct SpecialToken {
    std::string role;  // bos, eos or pad
    int64_t id = -1;
    std::string text;  // empty when the tokenizer cannot be read
  };

  ModelConfig config;        // as far as it could be read
  std::string architecture;  // its entry of "architectures"; empty: unknown
  int64_t parameters = 0;    // by config.json; 0 when that cannot be read
  std::vector<WeightFile> weight_files;
  std::map<std::string, int64_t> stored;  // dtype as the files spell it -> numbers stored in it
  std::string tokenizer;                  // "tokenizer.json, BPE", "tokenizer.model"; empty: none
  int64_t tokenizer_size = 0;             // tokens; 0 when it cannot be read
  std::vector<SpecialToken> special_tokens;
  std::string chat_template;          // the file that holds it; empty: none
  std::vector<std::string> problems;  // every reason why the folder cannot be used
};

// Never throws for what is in the folder: that is in `problems`.
Inspection inspect_checkpoint(const std::filesystem::path& folder);

}  // namespace r1::model
