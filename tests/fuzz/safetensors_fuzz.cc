// libFuzzer: safetensors files, their headers, and the index of shards. The first byte of an input
// chooses: a whole file; a header, whose length is put in front of it so that mutations of it reach
// the JSON; an index.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/safetensors.h"
#include "model/safetensors_header.h"
#include "model/weight_files.h"

namespace {

using namespace r1::model;

// Every byte of the data belongs to one tensor, and every tensor can be read.
void read_all(const SafetensorsFile& file, uint64_t data_bytes) {
  uint64_t bytes = 0;
  for (const std::string& name : file.names()) bytes += file.tensor(name).nbytes();
  if (bytes != data_bytes || file.data_bytes() != data_bytes) std::abort();
}

void open_file(std::string_view content, uint64_t data_bytes) {
  const int fd = ::memfd_create("fuzz", 0);
  if (fd < 0 || ::write(fd, content.data(), content.size()) != static_cast<ssize_t>(content.size()))
    std::abort();
  try {
    read_all(SafetensorsFile("/proc/self/fd/" + std::to_string(fd)), data_bytes);
  } catch (const r1::CheckpointError&) {
  }
  ::close(fd);
}

uint64_t data_bytes_of(std::string_view file) {
  uint64_t length = 0;
  if (file.size() < sizeof length) return 0;
  file.copy(reinterpret_cast<char*>(&length), sizeof length);
  return file.size() - sizeof length - length;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (data[0] % 3 == 0) {
    open_file(input, data_bytes_of(input));
  } else if (data[0] % 3 == 1) {
    const uint64_t length = input.size(), data_bytes = data[1];
    std::string file(reinterpret_cast<const char*>(&length), sizeof length);
    open_file(file.append(input).append(data_bytes, '\0'), data_bytes);
  } else {
    try {
      for (const auto& [tensor, file] : parse_weight_index(input, "index"))
        if (file.find('/') != file.npos || !file.ends_with(".safetensors")) std::abort();
    } catch (const r1::CheckpointError&) {
    }
  }
  return 0;
}
