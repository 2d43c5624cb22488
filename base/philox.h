// Counter-based random numbers: Philox-4x32-10 (Salmon et al., "Parallel random numbers: as easy as
// 1, 2, 3", SC 2011). A draw is a pure function of its key, so nothing has to be saved or restored,
// and threads, batch order and crashes cannot change it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace r1 {

// Four uniform 32-bit words for (counter, key).
std::array<uint32_t, 4> philox_4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// What a draw is for. Values are part of every stored run: append, never renumber.
enum class Purpose : uint32_t {
  kInit = 1,       // weight initialisation
  kShuffle = 2,    // order of rows, prompts, micro-batches
  kSample = 3,     // tokens of a rollout
  kEval = 4,       // tokens of an evaluation
  kData = 5,       // generated problems and traces
  kDistill = 6,    // tokens of teacher traces
  kBootstrap = 7,  // resampling of confidence intervals
};

// A stream of draws for one (run seed, stage, purpose). Cheap to copy; thread safe (no state).
class RandomStream {
 public:
  RandomStream(uint64_t seed, std::string_view stage, Purpose purpose);

  // 32 random bits. `a`, `b`, `c` name the draw, e.g. (step, slot in the batch, token) or (row, 0,
  // draw). Distinct triples are independent. Each is used in full (64, 32 and 32 bits).
  uint32_t bits(uint64_t a, uint32_t b = 0, uint32_t c = 0) const;
  // Uniform in [0, 1) with 24 bits (a float holds it exactly).
  float uniform(uint64_t a, uint32_t b = 0, uint32_t c = 0) const;
  // Uniform integer in [0, n), n >= 1; bias below 2^-32 * n.
  uint32_t below(uint32_t n, uint64_t a, uint32_t b = 0, uint32_t c = 0) const;
  // Standard normal (Box-Muller in double, from two of the four words).
  double normal(uint64_t a, uint32_t b = 0, uint32_t c = 0) const;

  // For kernels that draw on a device: a draw is philox_4x32({a low, a high, b, c}, key()), bits()
  // is its first word.
  const std::array<uint32_t, 2>& key() const { return key_; }

 private:
  // First 8 bytes of SHA-256(seed as 8 bytes, purpose as 4 bytes, stage), each word little-endian.
  std::array<uint32_t, 2> key_{};
};

}  // namespace r1
