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
// throws CheckpointError "<file>: byte <offset>: <reason> [<code>]": the codes of
// safetensors_header.h, and too_small, header_too_large, header_truncated, not_found,
// not_regular_file, read_failed, shrunk, bad_bool and no_such_tensor. Reading is thread safe.
//
// Not a memory mapping. Weights are written to by training, so their memory must be private
// anyway; a read into it copies out of the page cache once, as a private mapping would, and a file
// that shrinks or a disk that fails is an error instead of a signal that kills the run.
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
  // Copies elements [first, first + count) in the stored dtype to `to`. Throws CheckpointError.
  void read(const std::string& name, int64_t first, int64_t count, void* to) const;
  // Of its first byte in the file, for messages.
  uint64_t byte_offset(const std::string& name) const;
  uint64_t data_bytes() const;  // of all tensors
  std::vector<int64_t> shape(const std::string& name) const;
  at::ScalarType dtype(const std::string& name) const;
  const std::map<std::string, std::string>& metadata() const;
  const std::string& path() const;

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
