// fp32 CPU kernels whose bits do not depend on batch size, position in the batch, thread count or
// vector width: every output element is one chain of fused multiply-adds in a fixed order. This is
// what makes rollout and training agree exactly.
#pragma once

#include <cstdint>

namespace r1::model {

// Strides in elements.
struct GemmOperand {
  const float* data;
  int64_t row_stride;
  int64_t column_stride;
};

// A matrix [k, n] laid out so that sixteen columns side by side fill a vector: [n / 16][k][16]; n
// is a multiple of 16. One of the two is set: floats, or bfloat16, the upper halves of floats whose
// lower halves are 0.
struct GemmTiles {
  const float* floats = nullptr;
  const uint16_t* bfloat16 = nullptr;
};

// One decoder layer's attention over pages (layout in kernels_impl.h): row-wise causal softmax(q k
// / sqrt(d)) v.
struct AttentionGeometry {
  int64_t heads, kv_heads, head_dim;
  float scale;
};

struct Kernels {
  const char* name;

  // C[m,n] (+)= sum over k in rising order of A[m,k] * B[k,n], for rows [m0, m1) and columns [n0,
  // n1) of C. A needs row_stride 1 or column_stride 1, B too. `accumulate` continues the chain from
  // what C holds.
  void (*gemm)(GemmOperand a, GemmOperand b, float* c, int64_t ldc, int64_t m0, int64_t m1,
               int64_t n0, int64_t n1, int64_t k, bool accumulate);

  // The same bits for a B in tiles. A needs column_stride 1; n0 and n1 are multiples of 16.
  void (*gemm_tiles)(GemmOperand a, GemmTiles b, float* c, int64_t ldc, int64_t m0, int64_t m1,
                     int64_t n0, int64_t n1, int64_t k, bool accumulate);

  // h = x + delta (delta may be null: h is not written), y = h * rstd * weight. rows [0, rows).
  void (*add_rms_norm)(const float* x, const float* delta, const float* weight, float eps,
                       int64_t rows, int64_t width, float* h, float* y, float* rstd);
  // dx = dh + gradient through the norm. dh may be null.
  void (*rms_norm_backward)(const float* dy, const float* dh, const float* h, const float* weight,
                            const float* rstd, int64_t rows, int64_t width, float* dx);
  // dweight[column] += sum over rows of dy * h * rstd, columns [c0, c1).
  void (*rms_norm_weight_grad)(const float* dy, const float* h, const float* rstd, int64_t rows,
                               int64_t width, int64_t c0, int64_t c1, float* dweight);

  // y = silu(gate) * up, and its gradients, over `count` elements.
  void (*swiglu)(const float* gate, const float* up, int64_t count, float* y);
  void (*swiglu_backward)(const float* dy, const float* gate, const float* up, int64_t count,
                          float* dgate, float* dup);

  // Rotates head vectors (pairs i, i + head_dim/2) by the angles of a position: sine is negated to
  // go back.
  void (*rope)(const float* x, const float* cosine, const float* sine, float sign, int64_t heads,
               int64_t head_dim, float* y);

  // One query row and head against `keys` keys in pages. k_pages / v_pages: pointers to this head's
  // [head_dim][16] and [16][head_dim] tiles. Returns log-sum-exp of the scaled scores; scratch
  // holds keys rounded up to 16 floats.
  float (*attend)(const float* q, const float* const* k_tiles, const float* const* v_tiles,
                  int64_t keys, int64_t head_dim, float scale, float* scratch, float* out);
  // Gradients of one sequence and query head. All arrays are [length][head_dim] and contiguous but
  // k_tiles / v_tiles ([tile][head_dim][16]); q, k roped. dk, dv are added to; dq is written.
  void (*attend_backward)(const float* q, const float* k, const float* k_tiles,
                          const float* v_tiles, const float* out, const float* dout,
                          const float* lse, int64_t length, int64_t head_dim, float scale,
                          float* dq, float* dk, float* dv);

  // log-sum-exp of z = x * inv_temperature, and (when entropy is not null) -sum p log p.
  float (*logsumexp)(const float* x, int64_t count, float inv_temperature, float* entropy);
  // dx = inv_temperature * (dlogp * (onehot(target) - p) - dentropy * p * (z - lse + entropy)).
  void (*logprob_backward)(const float* x, int64_t count, float inv_temperature, float lse,
                           float entropy, int64_t target, float dlogp, float dentropy, float* dx);

  // AdamW over `count` elements; see optimizer.cc.
  void (*adamw)(float* weight, const float* grad, float* exp_avg, float* exp_avg_sq, int64_t count,
                float grad_scale, float beta1, float beta2, float step_size,
                float inv_sqrt_correction2, float eps, float decay);
  // Sum of squares in fp64, one chain per 16 lanes.
  double (*sum_of_squares)(const float* x, int64_t count);
};

// The widest set this processor runs (AVX-512, AVX2 with FMA, or plain code);
// R1_KERNELS=avx2|generic narrows it. All give the same bits.
const Kernels& kernels();

const Kernels* kernels_generic();
const Kernels* kernels_avx2();  // null where not built
const Kernels* kernels_avx512();

}  // namespace r1::model
