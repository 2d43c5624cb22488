#include "model/side_files.h"

#include "base/file.h"

namespace r1::model {
namespace fs = std::filesystem;
namespace {

constexpr uintmax_t kMaxBytes = uintmax_t{64} << 20;
constexpr const char* kNames[] = {
    "added_tokens.json",       "chat_template.jinja", "chat_template.json", "merges.txt",
    "special_tokens_map.json", "tokenizer.model",     "tokenizer_config.json", "vocab.json",
};

bool is_small_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && fs::file_size(path, error) <= kMaxBytes && !error;
}

// Of the file that decides which ids a text has.
std::string tokenizer_hash(const fs::path& folder) {
  for (const char* name : {"tokenizer.json", "tokenizer.model"})
    if (is_small_file(folder / name)) return sha256_file(folder / name);
  return "";
}

}  // namespace

SideFiles read_side_files(const fs::path& folder) {
  SideFiles side_files{tokenizer_hash(folder), {}};
  if (side_files.tokenizer_sha256.empty()) return side_files;
  for (const char* name : kNames)
    if (is_small_file(folder / name)) side_files.files[name] = read_file(folder / name);
  return side_files;
}

void write_side_files(const SideFiles& side_files, const fs::path& folder) {
  if (side_files.tokenizer_sha256.empty() ||
      tokenizer_hash(folder) != side_files.tokenizer_sha256)
    return;
  for (const auto& [name, content] : side_files.files) write_file_atomic(folder / name, content);
}

}  // namespace r1::model
