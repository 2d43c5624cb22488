// The safetensors format: 8-byte little-endian header length, JSON header, raw tensors. Format as
// in its README (https://github.com/huggingface/safetensors).
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace r1::model {

// An open file whose tensors are read on demand. Opening checks everything the format demands
// (length, JSON, dtypes, shapes, overflow, overlap, holes, duplicate names, trailing bytes) and
// throws CheckpointError "<file>: byte <offset>: <reason>". Reading is thread safe. Not a memory
// mapping, so that a file that shrinks or a disk that fails is an error and not a signal.
class SafetensorsFile {
 public:
  explicit SafetensorsFile(const std::filesystem::path& path);
  ~SafetensorsFile();
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  std::vector<std::string> names() const;  // sorted
  bool contains(const std::string& name) const;
  // A copy on the CPU in the stored dtype. Throws CheckpointError when absent or unreadable.
  at::Tensor tensor(const std::string& name) const;
  std::vector<int64_t> shape(const std::string& name) const;
  at::ScalarType dtype(const std::string& name) const;
  const std::map<std::string, std::string>& metadata() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Writes contiguous copies of the tensors (any device, one at a time), sorted by dtype size then
// name as the reference implementation does, with metadata {"format": "pt"} plus `metadata`. Same
// tensors, same bytes. Plain write: the caller puts it into an AtomicFolder. Throws Error when the
// disk is full.
void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace r1::model
