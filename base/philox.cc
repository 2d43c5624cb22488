#include "base/philox.h"

#include <cmath>
#include <numbers>
#include <string>

#include "base/error.h"
#include "base/sha256.h"

namespace r1 {

std::array<uint32_t, 4> philox_4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t p0 = uint64_t{0xd2511f53} * counter[0];
    const uint64_t p1 = uint64_t{0xcd9e8d57} * counter[2];
    counter = {uint32_t(p1 >> 32) ^ counter[1] ^ key[0], uint32_t(p1), uint32_t(p0 >> 32) ^ counter[3] ^ key[1], uint32_t(p0)};
    key[0] += 0x9e3779b9;
    key[1] += 0xbb67ae85;
  }
  return counter;
}

namespace {

std::array<uint32_t, 4> draw(std::array<uint32_t, 2> key, uint64_t a, uint32_t b, uint32_t c) {
  return philox_4x32({uint32_t(a), uint32_t(a >> 32), b, c}, key);
}

}  // namespace

RandomStream::RandomStream(uint64_t seed, std::string_view stage, Purpose purpose) {
  std::string name;
  for (int i = 0; i < 8; ++i) name.push_back(char(seed >> (8 * i) & 0xff));
  for (int i = 0; i < 4; ++i) name.push_back(char(uint32_t(purpose) >> (8 * i) & 0xff));
  name += stage;
  Sha256 hash;
  hash.update(name);
  const auto digest = hash.digest();
  for (size_t i = 0; i < 8; ++i) key_[i / 4] |= uint32_t{digest[i]} << (8 * (i % 4));
}

uint32_t RandomStream::bits(uint64_t a, uint32_t b, uint32_t c) const { return draw(key_, a, b, c)[0]; }

float RandomStream::uniform(uint64_t a, uint32_t b, uint32_t c) const { return float(bits(a, b, c) >> 8) * 0x1p-24f; }

uint32_t RandomStream::below(uint32_t n, uint64_t a, uint32_t b, uint32_t c) const {
  R1_CHECK(n >= 1, "below() needs n >= 1");
  return uint32_t(uint64_t{bits(a, b, c)} * n >> 32);
}

double RandomStream::normal(uint64_t a, uint32_t b, uint32_t c) const {
  const auto words = draw(key_, a, b, c);
  const double radius = (double(words[0]) + 1.0) * 0x1p-32;  // in (0, 1]: its logarithm is finite
  const double angle = 2.0 * std::numbers::pi * double(words[1]) * 0x1p-32;
  return std::sqrt(-2.0 * std::log(radius)) * std::cos(angle);
}

}  // namespace r1
