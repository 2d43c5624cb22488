// The JSON header of a safetensors file, checked in full before anything trusts it.
#pragma once

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1::model {

constexpr uint64_t kSafetensorsMaxHeaderBytes = 100'000'000;
constexpr size_t kSafetensorsMaxTensors = 1'000'000;
constexpr size_t kSafetensorsMaxNameBytes = 512;
constexpr size_t kSafetensorsMaxRank = 8;

// One dtype under its name in the format. The order of the list is that of the reference
// implementation, whose files have their tensors sorted by it (last first), then by name.
struct SafetensorsDtype {
  const char* name;
  at::ScalarType type;
  uint64_t bytes;
};
const std::vector<SafetensorsDtype>& safetensors_dtypes();

struct SafetensorsEntry {
  std::string name;
  const SafetensorsDtype* dtype = nullptr;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;  // within the data that follows the header
  uint64_t header_byte = 0;     // where the file says so, for messages
};

struct SafetensorsHeader {
  std::map<std::string, std::string> metadata;
  std::vector<SafetensorsEntry> entries;  // sorted by name
};

// Parses the header text (which starts at byte 8 of `file`) of a file with `data_bytes` of data
// behind it. Throws CheckpointError "<file>: byte <offset>: <reason> [<code>]" with one of the
// codes bad_start, nul_byte, bad_json, bad_utf8, wrong_type, duplicate_key, missing_field,
// unknown_field, unknown_dtype, bad_shape, bad_offset, overflow, size_mismatch, overlap, hole,
// trailing_bytes, name_too_long and too_many_tensors. Memory: a small multiple of the text.
SafetensorsHeader parse_safetensors_header(std::string_view text, uint64_t data_bytes,
                                           const std::string& file);

// The name as it may be printed: escaped, and cut when long.
std::string printable_tensor_name(std::string_view name);

[[noreturn]] void refuse_safetensors(const std::string& file, uint64_t byte, std::string_view code,
                                     const std::string& reason);

}  // namespace r1::model
