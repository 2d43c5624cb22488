// The kernels' one source, compiled once per instruction set (kernels_<set>.cc define R1_KERNEL_SET
// and the tile sizes).
//
// Attention pages: for kv head h of a page, K is [head_dim][16] (16 keys side by side, so that 16
// scores are one chain of multiply-adds over head_dim) and V is [16][head_dim].
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "model/kernels.h"
#include "model/kernels_vec.h"

namespace r1::model::R1_KERNEL_SET {
namespace {

// ---- matrix product
// --------------------------------------------------------------------------------------------------

constexpr int64_t kPanel = kLanes * R1_KERNEL_NV;  // columns of a packed panel
constexpr int64_t kKBlock = 256;
constexpr int64_t kRowBlock = 256;
constexpr int64_t kColumnBlock = 1024;

// `rows` rows of `columns` floats, at most 16 each, to columns of a panel.
void transpose_tile(const float* from, int64_t stride, int64_t rows, int64_t columns, float* out) {
  if (rows < kLanes || columns < kLanes) {
    for (int64_t i = 0; i < rows; ++i)
      for (int64_t j = 0; j < columns; ++j) out[j * kPanel + i] = from[i * stride + j];
    return;
  }
  Vec tile[kLanes];
  for (int64_t i = 0; i < kLanes; ++i) {
    tile[i] = load(from + i * stride);
    __builtin_prefetch(from + (i + kPanel) * stride);  // the next panel
  }
  transpose(tile);
  for (int64_t i = 0; i < kLanes; ++i) store(out + i * kPanel, tile[i]);
}

// B[k0 .. k0+depth, n0 .. n0+columns) as [depth][kPanel], zero-filled on the right. B has
// row_stride 1 or column_stride 1.
void pack_panel(GemmOperand b, int64_t k0, int64_t depth, int64_t n0, int64_t columns, float* out) {
  if (columns < kPanel) std::memset(out, 0, sizeof(float) * depth * kPanel);
  const float* from = b.data + k0 * b.row_stride + n0 * b.column_stride;
  if (b.column_stride == 1) {
    for (int64_t k = 0; k < depth; ++k)
      std::memcpy(out + k * kPanel, from + k * b.row_stride, sizeof(float) * columns);
  } else {
    for (int64_t nt = 0; nt < columns; nt += kLanes)
      for (int64_t kt = 0; kt < depth; kt += kLanes)
        transpose_tile(from + nt * b.column_stride + kt, b.column_stride,
                       std::min(kLanes, columns - nt), std::min(kLanes, depth - kt),
                       out + kt * kPanel + nt);
  }
}

// Vectors of columns side by side: vector v of row k is at data + k * row_stride + v *
// vector_stride.
template <class T>
struct Columns {
  const T* data;
  int64_t row_stride, vector_stride;
};

template <int Rows, int NV, bool RowMajorA, class T>
inline void micro_kernel(const float* a, int64_t lda, Columns<T> b, int64_t depth, float* c,
                         int64_t ldc, int64_t columns, bool resume) {
  Vec acc[Rows][NV];
  for (int i = 0; i < Rows; ++i)
    for (int v = 0; v < NV; ++v) {
      const int64_t left = columns - v * kLanes;
      acc[i][v] =
          resume && left > 0 ? load_upto(c + i * ldc + v * kLanes, left, 0.0f) : broadcast(0.0f);
    }
  const float* rows[Rows];
  for (int i = 0; i < Rows; ++i) rows[i] = RowMajorA ? a + i * lda : a + i;
  for (int64_t k = 0; k < depth; ++k) {
    Vec vectors[NV];
    for (int v = 0; v < NV; ++v) vectors[v] = load(b.data + k * b.row_stride + v * b.vector_stride);
    for (int i = 0; i < Rows; ++i) {
      const Vec x = broadcast(RowMajorA ? rows[i][k] : rows[i][k * lda]);
      for (int v = 0; v < NV; ++v) acc[i][v] = fma(x, vectors[v], acc[i][v]);
    }
  }
  for (int i = 0; i < Rows; ++i)
    for (int v = 0; v < NV; ++v) {
      const int64_t left = columns - v * kLanes;
      if (left > 0) store_upto(c + i * ldc + v * kLanes, acc[i][v], left);
    }
}

template <int Rows, int NV, bool RowMajorA, class T>
void run_rows(int64_t rows, const float* a, int64_t lda, Columns<T> b, int64_t depth, float* c,
              int64_t ldc, int64_t columns, bool resume) {
  const int64_t step = RowMajorA ? lda : 1;
  while (rows >= Rows) {
    micro_kernel<Rows, NV, RowMajorA>(a, lda, b, depth, c, ldc, columns, resume);
    a += Rows * step;
    c += Rows * ldc;
    rows -= Rows;
  }
  if constexpr (Rows > 1) {
    if (rows > 0)
      run_rows<Rows / 2, NV, RowMajorA>(rows, a, lda, b, depth, c, ldc, columns, resume);
  }
}

void gemm(GemmOperand a, GemmOperand b, float* c, int64_t ldc, int64_t m0, int64_t m1, int64_t n0,
          int64_t n1, int64_t k, bool accumulate) {
  // A plain array: a vector's functions, compiled for this instruction set, could replace the
  // program's own when it is linked.
  static thread_local float packed[kKBlock * (kColumnBlock + kPanel)];
  const bool row_major_a = a.column_stride == 1;
  const int64_t lda = row_major_a ? a.row_stride : a.column_stride;
  // With few rows every panel is used at once, and need not leave the first-level cache between.
  const int64_t column_block = m1 - m0 <= kRowBlock ? kPanel : kColumnBlock;
  for (int64_t nb = n0; nb < n1; nb += column_block) {
    const int64_t nb_end = std::min(n1, nb + column_block);
    for (int64_t kb = 0; kb < k; kb += kKBlock) {
      const int64_t depth = std::min(kKBlock, k - kb);
      for (int64_t n = nb; n < nb_end; n += kPanel)
        pack_panel(b, kb, depth, n, std::min(kPanel, nb_end - n), packed + (n - nb) * depth);
      const bool resume = accumulate || kb > 0;
      for (int64_t mb = m0; mb < m1; mb += kRowBlock) {
        const int64_t rows = std::min(kRowBlock, m1 - mb);
        const float* a_block = a.data + mb * a.row_stride + kb * a.column_stride;
        for (int64_t n = nb; n < nb_end; n += kPanel) {
          const Columns<float> panel{packed + (n - nb) * depth, kPanel, kLanes};
          float* c_block = c + mb * ldc + n;
          const int64_t columns = std::min(kPanel, nb_end - n);
          if (row_major_a)
            run_rows<R1_KERNEL_MR, R1_KERNEL_NV, true>(rows, a_block, lda, panel, depth, c_block,
                                                       ldc, columns, resume);
          else
            run_rows<R1_KERNEL_MR, R1_KERNEL_NV, false>(rows, a_block, lda, panel, depth, c_block,
                                                        ldc, columns, resume);
        }
      }
    }
  }
}

// Columns from n on in groups of NV vectors while they last. Returns the first column left over.
template <int Rows, int NV, class T>
int64_t run_tiles(GemmOperand a, const T* tiles, float* c, int64_t ldc, int64_t m0, int64_t m1,
                  int64_t n, int64_t n1, int64_t k, bool accumulate) {
  for (; n + NV * kLanes <= n1; n += NV * kLanes)
    for (int64_t kb = 0; kb < k; kb += kKBlock)
      run_rows<Rows, NV, true>(m1 - m0, a.data + m0 * a.row_stride + kb, a.row_stride,
                               Columns<T>{tiles + n * k + kb * kLanes, kLanes, k * kLanes},
                               std::min(kKBlock, k - kb), c + m0 * ldc + n, ldc, NV * kLanes,
                               accumulate || kb > 0);
  return n;
}

template <class T>
void multiply_tiles(GemmOperand a, const T* tiles, float* c, int64_t ldc, int64_t m0, int64_t m1,
                    int64_t n0, int64_t n1, int64_t k, bool accumulate) {
  for (int64_t mb = m0; mb < m1; mb += kRowBlock) {
    const int64_t end = std::min(m1, mb + kRowBlock);
    // A row alone needs several vectors: each waits for its own last multiply-add.
    int64_t n = end - mb == 1 ? run_tiles<1, 4>(a, tiles, c, ldc, mb, end, n0, n1, k, accumulate)
                              : run_tiles<R1_KERNEL_MR, R1_KERNEL_NV>(a, tiles, c, ldc, mb, end, n0,
                                                                      n1, k, accumulate);
    run_tiles<R1_KERNEL_MR, 1>(a, tiles, c, ldc, mb, end, n, n1, k, accumulate);
  }
}

void gemm_tiles(GemmOperand a, GemmTiles b, float* c, int64_t ldc, int64_t m0, int64_t m1,
                int64_t n0, int64_t n1, int64_t k, bool accumulate) {
  if (b.bfloat16)
    multiply_tiles(a, b.bfloat16, c, ldc, m0, m1, n0, n1, k, accumulate);
  else
    multiply_tiles(a, b.floats, c, ldc, m0, m1, n0, n1, k, accumulate);
}

// ---- norm
// ------------------------------------------------------------------------------------------------------------

void add_rms_norm(const float* x, const float* delta, const float* weight, float eps, int64_t rows,
                  int64_t width, float* h, float* y, float* rstd) {
  for (int64_t r = 0; r < rows; ++r, x += width, y += width) {
    Vec squares = broadcast(0.0f);
    const float* row = x;
    if (delta) {
      for (int64_t i = 0; i < width; i += kLanes) {
        const Vec sum = load_upto(x + i, width - i, 0) + load_upto(delta + i, width - i, 0);
        store_upto(h + i, sum, width - i);
        squares = fma(sum, sum, squares);
      }
      row = h;
    } else {
      for (int64_t i = 0; i < width; i += kLanes) {
        const Vec v = load_upto(x + i, width - i, 0);
        squares = fma(v, v, squares);
      }
    }
    rstd[r] = 1.0f / std::sqrt(sum_lanes(squares) / static_cast<float>(width) + eps);
    const Vec scale = broadcast(rstd[r]);
    for (int64_t i = 0; i < width; i += kLanes)
      store_upto(y + i,
                 load_upto(row + i, width - i, 0) * scale * load_upto(weight + i, width - i, 0),
                 width - i);
    if (delta) {
      delta += width;
      h += width;
    }
  }
}

void rms_norm_backward(const float* dy, const float* dh, const float* h, const float* weight,
                       const float* rstd, int64_t rows, int64_t width, float* dx) {
  for (int64_t r = 0; r < rows; ++r, dy += width, h += width, dx += width) {
    Vec dots = broadcast(0.0f);
    for (int64_t i = 0; i < width; i += kLanes)
      dots = fma(load_upto(dy + i, width - i, 0) * load_upto(weight + i, width - i, 0),
                 load_upto(h + i, width - i, 0), dots);
    const float rs = rstd[r];
    const Vec pull = broadcast(-(sum_lanes(dots) * rs * rs * rs / static_cast<float>(width)));
    for (int64_t i = 0; i < width; i += kLanes) {
      const Vec direct =
          load_upto(dy + i, width - i, 0) * load_upto(weight + i, width - i, 0) * broadcast(rs);
      Vec grad = fma(load_upto(h + i, width - i, 0), pull, direct);
      if (dh) grad = grad + load_upto(dh + i, width - i, 0);
      store_upto(dx + i, grad, width - i);
    }
    if (dh) dh += width;
  }
}

void rms_norm_weight_grad(const float* dy, const float* h, const float* rstd, int64_t rows,
                          int64_t width, int64_t c0, int64_t c1, float* dweight) {
  for (int64_t c = c0; c < c1; c += kLanes) {
    const int64_t left = c1 - c;
    Vec acc = load_upto(dweight + c, left, 0);
    for (int64_t r = 0; r < rows; ++r)
      acc = fma(load_upto(dy + r * width + c, left, 0),
                load_upto(h + r * width + c, left, 0) * broadcast(rstd[r]), acc);
    store_upto(dweight + c, acc, left);
  }
}

// ---- SwiGLU
// ----------------------------------------------------------------------------------------------------------

inline Vec sigmoid(Vec x) { return broadcast(1.0f) / (vexp(-x) + broadcast(1.0f)); }

void swiglu(const float* gate, const float* up, int64_t count, float* y) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const Vec g = load_upto(gate + i, count - i, 0);
    store_upto(y + i, g * sigmoid(g) * load_upto(up + i, count - i, 0), count - i);
  }
}

void swiglu_backward(const float* dy, const float* gate, const float* up, int64_t count,
                     float* dgate, float* dup) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const Vec g = load_upto(gate + i, count - i, 0), u = load_upto(up + i, count - i, 0),
              d = load_upto(dy + i, count - i, 0);
    const Vec s = sigmoid(g);
    store_upto(dup + i, d * (g * s), count - i);
    store_upto(dgate + i, d * u * (s * fma(g, broadcast(1.0f) - s, broadcast(1.0f))), count - i);
  }
}

// ---- attention
// -------------------------------------------------------------------------------------------------------

void rope(const float* x, const float* cosine, const float* sine, float sign, int64_t heads,
          int64_t head_dim, float* y) {
  const int64_t half = head_dim / 2;
  for (int64_t h = 0; h < heads; ++h, x += head_dim, y += head_dim)
    for (int64_t i = 0; i < half; i += kLanes) {
      const int64_t left = half - i;
      const Vec c = load_upto(cosine + i, left, 0),
                s = load_upto(sine + i, left, 0) * broadcast(sign);
      const Vec a = load_upto(x + i, left, 0), b = load_upto(x + half + i, left, 0);
      store_upto(y + i, fma(a, c, -(b * s)), left);
      store_upto(y + half + i, fma(b, c, a * s), left);
    }
}

inline Vec tile_scores(const float* q, const float* tile, int64_t head_dim) {
  Vec score = broadcast(0.0f);
  for (int64_t d = 0; d < head_dim; ++d)
    score = fma(broadcast(q[d]), load(tile + d * kLanes), score);
  return score;
}

template <int HeadVecs>
inline void weigh_values(const float* weights, const float* const* v_tiles, int64_t keys,
                         int64_t head_dim, int64_t d0, float scale, float* out) {
  Vec acc[HeadVecs];
  for (Vec& a : acc) a = broadcast(0.0f);
  for (int64_t j = 0; j < keys; ++j) {
    const Vec p = broadcast(weights[j]);
    const float* v = v_tiles[j / kLanes] + (j % kLanes) * head_dim + d0;
    for (int i = 0; i < HeadVecs; ++i) acc[i] = fma(p, load(v + i * kLanes), acc[i]);
  }
  for (int i = 0; i < HeadVecs; ++i) store(out + d0 + i * kLanes, acc[i] * broadcast(scale));
}

float attend(const float* q, const float* const* k_tiles, const float* const* v_tiles, int64_t keys,
             int64_t head_dim, float scale, float* scratch, float* out) {
  const int64_t tiles = (keys + kLanes - 1) / kLanes;
  Vec top = broadcast(-INFINITY);
  for (int64_t t = 0; t < tiles; ++t) {
    store(scratch + t * kLanes, tile_scores(q, k_tiles[t], head_dim) * broadcast(scale));
    for (int64_t key = keys; key < (t + 1) * kLanes; ++key) scratch[key] = -INFINITY;
    top = vmax(top, load(scratch + t * kLanes));
  }
  const float max = max_lanes(top);
  Vec sums = broadcast(0.0f);
  for (int64_t t = 0; t < tiles; ++t) {
    const Vec p = vexp(load(scratch + t * kLanes) - broadcast(max));
    store(scratch + t * kLanes, p);
    sums = sums + p;
  }
  const float sum = sum_lanes(sums);
  int64_t d0 = 0;
  for (; d0 + 2 * kLanes <= head_dim; d0 += 2 * kLanes)
    weigh_values<2>(scratch, v_tiles, keys, head_dim, d0, 1.0f / sum, out);
  if (d0 < head_dim) weigh_values<1>(scratch, v_tiles, keys, head_dim, d0, 1.0f / sum, out);
  return max + std::log(sum);
}

void attend_backward(const float* q, const float* k, const float* k_tiles, const float* v_tiles,
                     const float* out, const float* dout, const float* lse, int64_t length,
                     int64_t head_dim, float scale, float* dq, float* dk, float* dv) {
  float weights[kLanes], dscores[kLanes];
  for (int64_t i = 0; i < length; ++i) {
    const float* qi = q + i * head_dim;
    const float* doi = dout + i * head_dim;
    float* dqi = dq + i * head_dim;
    Vec dots = broadcast(0.0f);
    for (int64_t d = 0; d < head_dim; d += kLanes) {
      dots = fma(load(doi + d), load(out + i * head_dim + d), dots);
      store(dqi + d, broadcast(0.0f));
    }
    const Vec delta = broadcast(sum_lanes(dots));
    for (int64_t t = 0; t * kLanes <= i; ++t) {
      const int64_t offset = t * kLanes * head_dim;
      const Vec p = vexp(
          fma(tile_scores(qi, k_tiles + offset, head_dim), broadcast(scale), broadcast(-lse[i])));
      const Vec dp = tile_scores(doi, v_tiles + offset, head_dim);
      store(weights, p);
      store(dscores, p * (dp - delta) * broadcast(scale));
      const int64_t last = std::min<int64_t>(kLanes - 1, i - t * kLanes);
      for (int64_t lane = 0; lane <= last; ++lane) {
        const int64_t at = (t * kLanes + lane) * head_dim;
        const Vec w = broadcast(weights[lane]), ds = broadcast(dscores[lane]);
        for (int64_t d = 0; d < head_dim; d += kLanes) {
          store(dqi + d, fma(ds, load(k + at + d), load(dqi + d)));
          store(dk + at + d, fma(ds, load(qi + d), load(dk + at + d)));
          store(dv + at + d, fma(w, load(doi + d), load(dv + at + d)));
        }
      }
    }
  }
}

// ---- log-probabilities
// -----------------------------------------------------------------------------------------------

float logsumexp(const float* x, int64_t count, float inv_temperature, float* entropy) {
  const Vec scale = broadcast(inv_temperature);
  Vec top = broadcast(-INFINITY);
  for (int64_t i = 0; i < count; i += kLanes)
    top = vmax(top, load_upto(x + i, count - i, -INFINITY) * scale);
  const float max = max_lanes(top);
  Vec sums = broadcast(0.0f), weighted = broadcast(0.0f);
  for (int64_t i = 0; i < count; i += kLanes) {
    const Vec z = load_upto(x + i, count - i, -INFINITY) * scale - broadcast(max);
    const Vec p = vexp(z);
    sums = sums + p;
    weighted = fma(p, where_greater(p, broadcast(0.0f), z, broadcast(0.0f)), weighted);
  }
  const float sum = sum_lanes(sums);
  const float log_sum = std::log(sum);
  if (entropy) *entropy = log_sum - sum_lanes(weighted) / sum;
  return max + log_sum;
}

void logprob_backward(const float* x, int64_t count, float inv_temperature, float lse,
                      float entropy, int64_t target, float dlogp, float dentropy, float* dx) {
  const Vec scale = broadcast(inv_temperature);
  for (int64_t i = 0; i < count; i += kLanes) {
    const Vec logp = load_upto(x + i, count - i, -INFINITY) * scale - broadcast(lse);
    const Vec p = vexp(logp);
    const Vec pull =
        broadcast(dlogp) +
        broadcast(dentropy) *
            (where_greater(p, broadcast(0.0f), logp, broadcast(0.0f)) + broadcast(entropy));
    store_upto(dx + i, -(p * pull) * scale, count - i);
  }
  dx[target] = dx[target] + dlogp * inv_temperature;
}

// ---- optimizer
// -------------------------------------------------------------------------------------------------------

void adamw(float* weight, const float* grad, float* exp_avg, float* exp_avg_sq, int64_t count,
           float grad_scale, float beta1, float beta2, float step_size, float inv_sqrt_correction2,
           float eps, float decay) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const Vec g = load(grad + i) * broadcast(grad_scale);
    const Vec m = fma(load(exp_avg + i), broadcast(beta1), g * broadcast(1.0f - beta1));
    const Vec v = fma(load(exp_avg_sq + i), broadcast(beta2), g * g * broadcast(1.0f - beta2));
    store(exp_avg + i, m);
    store(exp_avg_sq + i, v);
    float root[kLanes];
    store(root, v);
    for (float& lane : root) lane = std::sqrt(lane);
    const Vec denominator = fma(load(root), broadcast(inv_sqrt_correction2), broadcast(eps));
    store(weight + i,
          load(weight + i) * broadcast(decay) - broadcast(step_size) * (m / denominator));
  }
}

double sum_of_squares(const float* x, int64_t count) {
  double lanes[kLanes] = {};
  for (int64_t i = 0; i < count; i += kLanes)
    for (int64_t lane = 0; lane < kLanes; ++lane)
      lanes[lane] += static_cast<double>(x[i + lane]) * x[i + lane];
  double sum = 0;
  for (double lane : lanes) sum += lane;
  return sum;
}

constexpr Kernels kTable = {
    R1_KERNEL_NAME,       gemm,      gemm_tiles,       add_rms_norm, rms_norm_backward,
    rms_norm_weight_grad, swiglu,    swiglu_backward,  rope,         attend,
    attend_backward,      logsumexp, logprob_backward, adamw,        sum_of_squares};

}  // namespace
}  // namespace r1::model::R1_KERNEL_SET
