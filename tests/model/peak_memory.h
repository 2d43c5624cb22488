// The largest resident memory of this process since it was last reset.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

namespace r1::model {

// In bytes.
inline int64_t peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    int64_t kilobytes = 0;
    if (word == "VmHWM:" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

// From here on it is that of now.
inline void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace r1::model
