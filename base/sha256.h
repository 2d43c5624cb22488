// SHA-256 (FIPS 180-4) over bytes that arrive in pieces.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace r1 {

class Sha256 {
 public:
  void update(std::string_view bytes);
  // The digest of everything so far; call once, last.
  std::array<uint8_t, 32> digest();
  std::string hex();  // digest() in lower-case hex

  // Uses only the portable code from here on, in the whole process; for tests.
  static void force_portable(bool on);

 private:
  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, 64> block_{};
  size_t filled_ = 0;
  uint64_t total_ = 0;
};

}  // namespace r1
