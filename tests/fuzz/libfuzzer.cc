// The libFuzzer driver of a harness: half of the mutations are libFuzzer's own, half respect the
// format.
#include <cstdlib>
#include <cstring>

#include "tests/fuzz/fuzz.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  r1::fuzz::run({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  if (seed % 2 == 0) return LLVMFuzzerMutate(data, size, max_size);
  const std::string changed =
      r1::fuzz::mutated(std::string(reinterpret_cast<const char*>(data), size), seed);
  const size_t kept = changed.size() < max_size ? changed.size() : max_size;
  std::memcpy(data, changed.data(), kept);
  return kept;
}
