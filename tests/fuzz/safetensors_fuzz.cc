// safetensors files, their headers, and the index of shards. The first byte of an input chooses: a
// whole file; a header, whose length is put in front of it so that mutations of it reach the JSON,
// with as many bytes of data as the second byte says; an index.
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/philox.h"
#include "model/safetensors.h"
#include "model/weight_files.h"
#include "tests/fuzz/fuzz.h"
#include "tests/model/malformed_indexes.h"

namespace r1::fuzz {
namespace {

using namespace r1::model;

constexpr char kFile = 0, kHeader = 1, kIndex = 2;

// A file without a name: nothing is written to disk.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view content) : fd_(::memfd_create("fuzz", 0)) {
    if (fd_ < 0 || ::write(fd_, content.data(), content.size()) != ssize_t(content.size()))
      broken_promise("a file in memory", content);
  }
  ~MemoryFile() { ::close(fd_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

void open_file(std::string_view content, std::string_view input) {
  const MemoryFile memory(content);
  try {
    const SafetensorsFile file(memory.path());
    uint64_t header = 0, bytes = 0;
    content.copy(reinterpret_cast<char*>(&header), sizeof header);
    for (const std::string& name : file.names()) bytes += file.tensor(name).nbytes();
    if (bytes != content.size() - sizeof header - header || bytes != file.data_bytes())
      broken_promise("every byte of the data belongs to one tensor", input);
  } catch (const CheckpointError&) {  // refused: what most inputs deserve
  }
}

void read_index(std::string_view text, std::string_view input) {
  try {
    for (const auto& [tensor, file] : parse_weight_index(text, "index")) {
      if (file.find('/') != file.npos || !file.ends_with(".safetensors"))
        broken_promise("plain file names only", input);
    }
  } catch (const CheckpointError&) {
  }
}

std::string length_in_front(std::string_view text) {
  const uint64_t length = text.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length).append(text);
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const MalformedFile& malformed : malformed_safetensors()) {
    all.push_back(std::string{kFile, 0} + malformed.bytes);
    if (malformed.bytes.size() > 8)
      all.push_back(std::string{kHeader, 8} + malformed.bytes.substr(8));
  }
  const std::string a = entry("a", "F32", "2", "0,8"), b = entry("b", "I8", "2,2", "8,12");
  all.push_back(std::string{kHeader, 12} + "{" + a + "," + b + "}");
  all.push_back(std::string{kHeader, 12} + "{\"__metadata__\":{\"format\":\"pt\"}," + b + "," + a +
                "}");
  all.push_back(std::string{kFile, 0} + file_of("{" + a + "," + b + "}  ", 12));
  all.push_back(std::string{kIndex, 0} +
                R"({"metadata": {"total_size": 8}, "weight_map": {"a": "x.safetensors"}})");
  for (const MalformedFile& malformed : malformed_indexes())
    all.push_back(std::string{kIndex, 0} + malformed.bytes);
  return all;
}

void run(std::string_view input) {
  if (input.size() < 2) return;
  const std::string_view text = input.substr(2);
  switch (input[0] & 3) {
    case kFile:
      return open_file(text, input);
    case kHeader:
      return open_file(length_in_front(text).append(static_cast<unsigned char>(input[1]), '\0'),
                       input);
    default:
      return read_index(text, input);
  }
}

std::string mutated(const std::string& input, uint64_t seed) {
  static const std::vector<std::string> kPieces = {"{",
                                                   "}",
                                                   "[",
                                                   "]",
                                                   ",",
                                                   ":",
                                                   "\"",
                                                   "\"a\"",
                                                   "\"b\"",
                                                   "\"__metadata__\"",
                                                   "\"dtype\"",
                                                   "\"shape\"",
                                                   "\"data_offsets\"",
                                                   "\"F32\"",
                                                   "\"BF16\"",
                                                   "\"BOOL\"",
                                                   "\"U8\"",
                                                   "\"F64\"",
                                                   "0",
                                                   "1",
                                                   "2",
                                                   "4",
                                                   "8",
                                                   "12",
                                                   "16",
                                                   "255",
                                                   "256",
                                                   "-1",
                                                   "1e3",
                                                   "0.5",
                                                   "null",
                                                   "true",
                                                   "2147483648",
                                                   "4294967296",
                                                   "4611686018427387904",
                                                   "9223372036854775807",
                                                   "18446744073709551615",
                                                   "18446744073709551616",
                                                   "[0,8]",
                                                   "[8,0]",
                                                   "[2,2]",
                                                   "[]",
                                                   "{}",
                                                   "\"weight_map\"",
                                                   "\"../x.safetensors\"",
                                                   "\"x.safetensors\"",
                                                   "\\u0061",
                                                   "\\ud800",
                                                   "\xff",
                                                   " "};
  const RandomStream stream(seed, "safetensors_fuzz", Purpose::kData);
  uint32_t draw = 0;
  const auto below = [&](size_t n) {
    return static_cast<size_t>(stream.below(static_cast<uint32_t>(n), 0, 0, draw++));
  };
  std::string text = input.size() < 2 ? std::string{kHeader, 8} : input;
  for (size_t i = 1 + below(3); i > 0; --i) {
    const size_t at = 2 + below(text.size() - 1), length = below(8);
    const std::string& piece = kPieces[below(kPieces.size())];
    switch (below(4)) {
      case 0:
        text.insert(at, piece);
        break;
      case 1:
        text.replace(at, std::min(length, text.size() - at), piece);
        break;
      case 2:
        text.insert(2 + below(text.size() - 1), text.substr(at, 6 * length));
        break;
      default:
        text[1] = static_cast<char>(below(64));
    }
  }
  return text;
}

}  // namespace r1::fuzz
