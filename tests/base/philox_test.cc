#include "base/philox.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"

namespace r1 {
namespace {

using Words = std::array<uint32_t, 4>;

// kat_vectors of Random123 1.14 (D. E. Shaw Research), philox4x32 with 10 rounds.
TEST(Philox, AgreesWithThePublishedVectors) {
  EXPECT_EQ(philox_4x32({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const uint32_t ones = 0xffffffff;
  EXPECT_EQ(philox_4x32({ones, ones, ones, ones}, {ones, ones}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox_4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// First 8 bytes of Python's hashlib.sha256(struct.pack("<QI", seed, purpose) + stage), "<II".
TEST(RandomStream, KeyIsThatOfEveryStoredRun) {
  EXPECT_EQ(RandomStream(42, "grpo", Purpose::kSample).key(), (std::array<uint32_t, 2>{0x1b1aed15, 0x3191ceac}));
  EXPECT_EQ(RandomStream(0, "", Purpose::kInit).key(), (std::array<uint32_t, 2>{0x4522e4c3, 0x1cf3dfff}));
}

TEST(RandomStream, KeyDependsOnSeedStageAndPurpose) {
  std::set<std::array<uint32_t, 2>> keys;
  for (uint64_t seed : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 32, uint64_t{1} << 63})
    for (const char* stage : {"", "sft", "grpo"})
      for (Purpose purpose : {Purpose::kInit, Purpose::kSample}) keys.insert(RandomStream(seed, stage, purpose).key());
  EXPECT_EQ(keys.size(), 4u * 3u * 2u);
}

TEST(RandomStream, DrawIsThePublishedFunctionOfItsCounter) {
  const RandomStream stream(7, "s", Purpose::kData);
  const uint64_t a = 0x1234567890abcdef;
  const Words words = philox_4x32({0x90abcdef, 0x12345678, 5, 6}, stream.key());
  EXPECT_EQ(stream.bits(a, 5, 6), words[0]);
  EXPECT_EQ(stream.uniform(a, 5, 6), float(words[0] >> 8) / 16777216.0f);
  EXPECT_EQ(stream.below(1000, a, 5, 6), uint32_t(uint64_t{words[0]} * 1000 / 4294967296u));
}

TEST(RandomStream, EveryBitOfTheNameOfADrawCounts) {
  const RandomStream stream(7, "s", Purpose::kData);
  const uint32_t base = stream.bits(0, 0, 0);
  for (int bit = 0; bit < 64; ++bit) EXPECT_NE(stream.bits(uint64_t{1} << bit), base) << bit;
  for (int bit = 0; bit < 32; ++bit) {
    EXPECT_NE(stream.bits(0, 1u << bit), base) << bit;
    EXPECT_NE(stream.bits(0, 0, 1u << bit), base) << bit;
  }
}

TEST(RandomStream, DrawsDoNotDependOnOrderOrThreads) {
  const RandomStream stream(7, "s", Purpose::kData);
  std::vector<uint32_t> forward(1000), parallel(1000);
  for (uint32_t i = 0; i < 1000; ++i) forward[i] = stream.bits(i, 2, 3);
  set_num_threads(2);
  parallel_for(1000, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = end; i-- > begin;) parallel[size_t(i)] = stream.bits(uint64_t(i), 2, 3);
  });
  EXPECT_EQ(forward, parallel);
}

// Mean 1/2 and variance 1/12; the bounds are five standard errors of 100,000 draws.
TEST(RandomStream, UniformIsUniform) {
  const RandomStream stream(1, "stats", Purpose::kData);
  const int n = 100000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const float u = stream.uniform(uint64_t(i));
    ASSERT_GE(u, 0.0f);
    ASSERT_LT(u, 1.0f);
    sum += u;
    squares += double(u) * u;
  }
  EXPECT_NEAR(sum / n, 0.5, 5 * std::sqrt(1.0 / 12 / n));
  EXPECT_NEAR(squares / n, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / n));
}

// Mean 0, variance 1, fourth moment 3; five standard errors.
TEST(RandomStream, NormalIsNormal) {
  const RandomStream stream(1, "stats", Purpose::kInit);
  const int n = 100000;
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < n; ++i) {
    const double x = stream.normal(uint64_t(i));
    sum += x;
    squares += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / n, 0.0, 5 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1.0, 5 * std::sqrt(2.0 / n));
  EXPECT_NEAR(fourth / n, 3.0, 5 * std::sqrt(96.0 / n));
}

TEST(RandomStream, BelowHitsEveryValueEquallyOften) {
  const RandomStream stream(1, "stats", Purpose::kShuffle);
  const int n = 60000;
  std::array<int, 6> seen{};
  for (int i = 0; i < n; ++i) ++seen.at(stream.below(6, uint64_t(i)));
  double chi_squared = 0;
  for (int count : seen) chi_squared += (count - n / 6.0) * (count - n / 6.0) / (n / 6.0);
  EXPECT_LT(chi_squared, 25.7);  // 5 degrees of freedom: probability of more is 1e-4
}

TEST(RandomStream, BelowOneIsZeroAndBelowZeroIsRefused) {
  const RandomStream stream(1, "stats", Purpose::kShuffle);
  for (uint64_t i = 0; i < 100; ++i) EXPECT_EQ(stream.below(1, i), 0u);
  EXPECT_THROW(stream.below(0, 0), InternalError);
}

}  // namespace
}  // namespace r1
