// Sixteen floats and the arithmetic the kernels are made of, for the instruction set that the
// including file names. A Vec is 16 floats in every set, in one or more registers. Multiply-adds
// are fused where fma() says so and nowhere else: these files are compiled with -ffp-contract=off,
// because what a compiler fuses by itself differs from set to set.
#pragma once

#if R1_KERNEL_WIDTH > 4
#include <immintrin.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace r1::model::R1_KERNEL_SET {
namespace {

constexpr int64_t kLanes = 16;
constexpr int kWidth = R1_KERNEL_WIDTH;  // floats of a register
constexpr int kParts = kLanes / kWidth;
typedef float Native __attribute__((vector_size(4 * R1_KERNEL_WIDTH)));
typedef int32_t NativeInt __attribute__((vector_size(4 * R1_KERNEL_WIDTH)));

struct Vec {
  Native part[kParts];
};

template <class F>
inline Vec each(F f) {
  Vec v;
  for (int i = 0; i < kParts; ++i) v.part[i] = f(i);
  return v;
}

inline Vec load(const float* p) {
  return each([&](int i) {
    Native v;
    std::memcpy(&v, p + i * kWidth, sizeof v);
    return v;
  });
}
// bfloat16: the upper halves of floats.
inline Vec load(const uint16_t* p) {
  typedef uint16_t Halves __attribute__((vector_size(2 * R1_KERNEL_WIDTH)));
  return each([&](int i) {
    Halves halves;
    std::memcpy(&halves, p + i * kWidth, sizeof halves);
    const NativeInt bits = __builtin_convertvector(halves, NativeInt) << 16;
    Native v;
    std::memcpy(&v, &bits, sizeof v);
    return v;
  });
}
inline void store(float* p, Vec v) {
  for (int i = 0; i < kParts; ++i) std::memcpy(p + i * kWidth, &v.part[i], sizeof(Native));
}
inline Vec broadcast(float x) {
  return each([&](int) { return x - Native{}; });
}
inline Vec operator+(Vec a, Vec b) {
  return each([&](int i) { return a.part[i] + b.part[i]; });
}
inline Vec operator-(Vec a, Vec b) {
  return each([&](int i) { return a.part[i] - b.part[i]; });
}
inline Vec operator*(Vec a, Vec b) {
  return each([&](int i) { return a.part[i] * b.part[i]; });
}
inline Vec operator/(Vec a, Vec b) {
  return each([&](int i) { return a.part[i] / b.part[i]; });
}
inline Vec operator-(Vec a) {
  return each([&](int i) { return -a.part[i]; });
}
// Per lane: a > b ? x : y.
inline Vec where_greater(Vec a, Vec b, Vec x, Vec y) {
  return each([&](int i) { return a.part[i] > b.part[i] ? x.part[i] : y.part[i]; });
}
inline Vec vmax(Vec a, Vec b) { return where_greater(a, b, a, b); }

inline Native fma(Native a, Native b, Native c) {
#if R1_KERNEL_WIDTH == 16
  return _mm512_fmadd_ps(a, b, c);
#elif R1_KERNEL_WIDTH == 8
  return _mm256_fmadd_ps(a, b, c);
#else
  for (int j = 0; j < kWidth; ++j) c[j] = std::fma(a[j], b[j], c[j]);
  return c;
#endif
}
inline Vec fma(Vec a, Vec b, Vec c) {
  return each([&](int i) { return fma(a.part[i], b.part[i], c.part[i]); });
}

inline Vec load_tail(const float* p, int64_t count, float fill) {
  float lanes[kLanes];
  for (int64_t i = 0; i < kLanes; ++i) lanes[i] = i < count ? p[i] : fill;
  return load(lanes);
}
inline void store_tail(float* p, Vec v, int64_t count) {
  float lanes[kLanes];
  store(lanes, v);
  for (int64_t i = 0; i < count; ++i) p[i] = lanes[i];
}
inline Vec load_upto(const float* p, int64_t count, float fill) {
  return count >= kLanes ? load(p) : load_tail(p, count, fill);
}
inline void store_upto(float* p, Vec v, int64_t count) {
  if (count >= kLanes)
    store(p, v);
  else
    store_tail(p, v, count);
}

#if R1_KERNEL_WIDTH == 16
inline Native pairs_low(Native a, Native b) {
  return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}
inline Native pairs_high(Native a, Native b) {
  return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
}
#elif R1_KERNEL_WIDTH == 8
inline Native pairs_low(Native a, Native b) {
  return _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
}
inline Native pairs_high(Native a, Native b) {
  return _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(a), _mm256_castps_pd(b)));
}
#endif

// Row i of 16 floats becomes column i: first inside blocks of 4 x 4, then the blocks.
inline void transpose(Vec (&rows)[kLanes]) {
#if R1_KERNEL_WIDTH == 16
  for (int i = 0; i < 16; i += 4) {
    const Native a = rows[i].part[0], b = rows[i + 1].part[0], c = rows[i + 2].part[0],
                 d = rows[i + 3].part[0];
    const Native ab_low = _mm512_unpacklo_ps(a, b), ab_high = _mm512_unpackhi_ps(a, b),
                 cd_low = _mm512_unpacklo_ps(c, d), cd_high = _mm512_unpackhi_ps(c, d);
    rows[i].part[0] = pairs_low(ab_low, cd_low);
    rows[i + 1].part[0] = pairs_high(ab_low, cd_low);
    rows[i + 2].part[0] = pairs_low(ab_high, cd_high);
    rows[i + 3].part[0] = pairs_high(ab_high, cd_high);
  }
  for (int i = 0; i < 4; ++i) {
    const Native a = rows[i].part[0], b = rows[i + 4].part[0], c = rows[i + 8].part[0],
                 d = rows[i + 12].part[0];
    const Native ab_low = _mm512_shuffle_f32x4(a, b, 0x88),
                 ab_high = _mm512_shuffle_f32x4(a, b, 0xdd),
                 cd_low = _mm512_shuffle_f32x4(c, d, 0x88),
                 cd_high = _mm512_shuffle_f32x4(c, d, 0xdd);
    rows[i].part[0] = _mm512_shuffle_f32x4(ab_low, cd_low, 0x88);
    rows[i + 4].part[0] = _mm512_shuffle_f32x4(ab_high, cd_high, 0x88);
    rows[i + 8].part[0] = _mm512_shuffle_f32x4(ab_low, cd_low, 0xdd);
    rows[i + 12].part[0] = _mm512_shuffle_f32x4(ab_high, cd_high, 0xdd);
  }
#elif R1_KERNEL_WIDTH == 8
  for (int i = 0; i < 16; i += 4)
    for (int half = 0; half < 2; ++half) {
      const Native a = rows[i].part[half], b = rows[i + 1].part[half], c = rows[i + 2].part[half],
                   d = rows[i + 3].part[half];
      const Native ab_low = _mm256_unpacklo_ps(a, b), ab_high = _mm256_unpackhi_ps(a, b),
                   cd_low = _mm256_unpacklo_ps(c, d), cd_high = _mm256_unpackhi_ps(c, d);
      rows[i].part[half] = pairs_low(ab_low, cd_low);
      rows[i + 1].part[half] = pairs_high(ab_low, cd_low);
      rows[i + 2].part[half] = pairs_low(ab_high, cd_high);
      rows[i + 3].part[half] = pairs_high(ab_high, cd_high);
    }
  for (int i = 0; i < 4; ++i) {
    const Vec a = rows[i], b = rows[i + 4], c = rows[i + 8], d = rows[i + 12];
    for (int half = 0; half < 2; ++half) {
      rows[i + 8 * half].part[0] = _mm256_permute2f128_ps(a.part[half], b.part[half], 0x20);
      rows[i + 8 * half].part[1] = _mm256_permute2f128_ps(c.part[half], d.part[half], 0x20);
      rows[i + 8 * half + 4].part[0] = _mm256_permute2f128_ps(a.part[half], b.part[half], 0x31);
      rows[i + 8 * half + 4].part[1] = _mm256_permute2f128_ps(c.part[half], d.part[half], 0x31);
    }
  }
#else
  float from[kLanes][kLanes], to[kLanes];
  for (int i = 0; i < kLanes; ++i) store(from[i], rows[i]);
  for (int i = 0; i < kLanes; ++i) {
    for (int j = 0; j < kLanes; ++j) to[j] = from[j][i];
    rows[i] = load(to);
  }
#endif
}

// Sum and maximum over lanes, as a fixed tree.
inline float sum_lanes(Vec vec) {
  float v[kLanes];
  store(v, vec);
  for (int width = 8; width > 0; width /= 2)
    for (int i = 0; i < width; ++i) v[i] = v[i] + v[i + width];
  return v[0];
}
inline float max_lanes(Vec vec) {
  float v[kLanes];
  store(v, vec);
  float most = v[0];
  for (float lane : v) most = lane > most ? lane : most;
  return most;
}

// exp(x) to about 2 ulp by the degree-6 polynomial of Cephes' expf; 0 below -87, and x is capped
// at 88.
inline Vec vexp(Vec x) {
  const Vec kRound =
      broadcast(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer held in the low bits
  const Vec low = broadcast(-87.0f), high = broadcast(88.0f);
  Vec capped = where_greater(x, high, high, x);
  capped = where_greater(capped, low, capped, low);
  const Vec shifted = fma(capped, broadcast(1.44269504088896341f), kRound);
  const Vec n = shifted - kRound;
  Vec r = fma(n, broadcast(-0.693359375f), capped);
  r = fma(n, broadcast(2.12194440e-4f), r);
  Vec p = broadcast(1.9875691500e-4f);
  p = fma(p, r, broadcast(1.3981999507e-3f));
  p = fma(p, r, broadcast(8.3334519073e-3f));
  p = fma(p, r, broadcast(4.1665795894e-2f));
  p = fma(p, r, broadcast(1.6666665459e-1f));
  p = fma(p, r, broadcast(5.0000001201e-1f));
  p = fma(p, r * r, r + broadcast(1.0f));
  const Vec scale = each([&](int i) {
    NativeInt bits;
    std::memcpy(&bits, &shifted.part[i], sizeof bits);
    bits = (bits + 127) << 23;  // the rounding constant's own bits leave at the top
    Native power;
    std::memcpy(&power, &bits, sizeof power);
    return power;
  });
  return where_greater(x, low, p * scale, broadcast(0.0f));
}

}  // namespace
}  // namespace r1::model::R1_KERNEL_SET
