// The files of a model folder that hold its weights: model.safetensors, or shards named by an
// index.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/safetensors.h"

namespace r1::model {

// Paths of the weight files, sorted by name. Names in an index must be plain file names ending in
// .safetensors, and every file must lie inside `folder` (or in the blobs folder of the Hugging Face
// cache that `folder` belongs to). Throws CheckpointError for other names and missing files.
std::vector<std::filesystem::path> weight_files(const std::filesystem::path& folder);

// The tensors of all weight files.
class Weights {
 public:
  // Throws CheckpointError for a damaged file, and when index and shards disagree.
  explicit Weights(const std::filesystem::path& folder);
  std::vector<std::string> names() const;  // sorted
  // The file that holds the tensor; nullptr when none does.
  const SafetensorsFile* find(const std::string& name) const;

 private:
  std::map<std::string, std::unique_ptr<SafetensorsFile>> files_;  // by file name
  std::map<std::string, const SafetensorsFile*> tensors_;
};

}  // namespace r1::model
