// Any bytes as a training file: every row is taken or refused with its place, and nothing else.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "base/jsonl.h"
#include "sft/rows.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const int file = ::memfd_create("rows", 0);
  if (file < 0 || ::write(file, data, size) != static_cast<ssize_t>(size)) std::abort();
  r1::sft::UniqueIds ids;
  try {
    r1::read_jsonl_rows("/proc/self/fd/" + std::to_string(file),
                        [&](const r1::JsonlRow& row) {
                          ids.add(row);
                          r1::sft::parse_row(row);
                        },
                        {.max_line_bytes = 4096});
  } catch (const r1::DataError&) {
  }
  ::close(file);
  return 0;
}
