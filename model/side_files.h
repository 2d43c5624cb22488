// The small files of a model folder that belong to its tokenizer but not to what a Tokenizer
// computes: chat template, special token names, older spellings of the vocabulary.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace r1::model {

struct SideFiles {
  std::string tokenizer_sha256;              // of tokenizer.json or tokenizer.model; "": none
  std::map<std::string, std::string> files;  // name to content
};

// Those of `folder`; empty when it has no tokenizer. Files beyond 64 MB are left out.
SideFiles read_side_files(const std::filesystem::path& folder);

// Writes them into `folder`, over what its tokenizer wrote there, if that tokenizer's own file is
// the one they came with; another tokenizer's chat template and token names would be wrong.
void write_side_files(const SideFiles& side_files, const std::filesystem::path& folder);

}  // namespace r1::model
