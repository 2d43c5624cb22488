// The files of a model folder that hold its weights: model.safetensors, or shards named by an
// index.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/safetensors.h"

namespace r1::model {

// File name of every tensor, from the text of a model.safetensors.index.json. Names must be plain
// file names ending in .safetensors. Throws CheckpointError naming `index` with the code bad_index,
// bad_json or bad_path.
std::map<std::string, std::string> parse_weight_index(std::string_view text,
                                                      const std::string& index);

// Paths of the weight files, sorted by name. Names in an index must be plain file names ending in
// .safetensors, and every file must lie inside `folder` (or in the blobs folder of the Hugging Face
// cache that `folder` belongs to). Throws CheckpointError for other names, missing files and links
// that leave the folder, with the codes above, not_found or outside_folder.
std::vector<std::filesystem::path> weight_files(const std::filesystem::path& folder);

// The tensors of all weight files.
class Weights {
 public:
  // Throws CheckpointError for a damaged file, and when index and shards disagree (index_mismatch).
  explicit Weights(const std::filesystem::path& folder);
  std::vector<std::string> names() const;  // sorted
  // The file that holds the tensor; nullptr when none does.
  const SafetensorsFile* find(const std::string& name) const;
  const std::map<std::string, std::unique_ptr<SafetensorsFile>>& files() const { return files_; }

 private:
  std::map<std::string, std::unique_ptr<SafetensorsFile>> files_;  // by file name
  std::map<std::string, const SafetensorsFile*> tensors_;
};

}  // namespace r1::model
