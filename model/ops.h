// The layers of a decoder as differentiable functions. On the CPU in fp32 they run this project's
// kernels (kernels.h), whose bits do not depend on the batch; elsewhere (CUDA, bf16, f16, fp64)
// they are ATen operations.
#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <utility>
#include <vector>

#include "model/batch.h"
#include "model/kernels.h"
#include "model/kv_cache.h"
#include "model/rope.h"

namespace r1::model {

// A projection: y = x weight^T + bias. weight [out, in], or tiled and without gradients; bias may
// be undefined.
struct Linear {
  at::Tensor weight, bias;
  at::Tensor operator()(const at::Tensor& x_TI) const;
};
// Several projections of one input. Without gradients the threads share them as one piece of work.
std::vector<at::Tensor> project(const at::Tensor& x_TI,
                                std::initializer_list<const Linear*> linears);

// Rows of a weight, tiled or not.
int64_t out_features(const at::Tensor& weight);
// Whether a weight [out, in] can be tiled: out is a multiple of 16.
bool can_tile(const at::Tensor& weight);
// Lays a weight [out, in] in float32 or bfloat16 out as [out / 16, in, 16], in its own memory. The
// kernels then take it as it lies, which is faster for few rows; same bits, no gradients.
void tile(const at::Tensor& weight);
// Rows `tokens_T` of an embedding [V, D], tiled or not, in `dtype`.
at::Tensor embed(const at::Tensor& weight_VD, const at::Tensor& tokens_T, at::ScalarType dtype);

// {x + delta, rms_norm(x + delta) * weight} (Zhang and Sennrich 2019). delta may be undefined: then
// the first is x itself.
std::pair<at::Tensor, at::Tensor> add_rms_norm(const at::Tensor& x_TD, const at::Tensor& delta_TD,
                                               const at::Tensor& weight_D, double eps);

// silu(gate) * up (Shazeer 2020).
at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up);

// RMSNorm of every head alike: x [T, heads * head_dim], weight [head_dim]. x itself where the
// weight is undefined.
at::Tensor norm_heads(const at::Tensor& x, const at::Tensor& weight_D, double eps);

// Cosines and sines of the angles of every position, times the attention factor, [positions,
// head_dim / 2], grown as needed.
class RopeTable {
 public:
  explicit RopeTable(RopeFrequencies frequencies) : frequencies_(std::move(frequencies)) {}
  // At least `positions` rows, on that device and dtype (fp32 unless fp64 is asked for).
  const std::pair<at::Tensor, at::Tensor>& get(int64_t positions, const at::TensorOptions& options);

 private:
  RopeFrequencies frequencies_;
  std::pair<at::Tensor, at::Tensor> table_;
};

// Causal grouped-query attention with rotary positions over a flat batch. q [T, heads * head_dim],
// k and v [T, kv_heads * head_dim], not yet rotated. With a cache (no gradient) k and v are first
// written to their pages: k_pages [pages, kv_heads, head_dim, 16], v_pages [pages, kv_heads, 16,
// head_dim].
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const FlatBatch& batch, const AttentionGeometry& geometry, RopeTable& rope,
                     const CacheView* cache, const at::Tensor& k_pages, const at::Tensor& v_pages);

// True when `x` takes the kernels' path.
bool uses_kernels(const at::Tensor& x);
// True when attention over `x` with that head size does too: its kernels need whole vectors of 16.
bool attention_uses_kernels(const at::Tensor& x, int64_t head_dim);
// C[m, n] (+)= A[m, k] B[k, n] over the thread pool; bits as kernels().gemm.
void matmul(GemmOperand a, GemmOperand b, float* c, int64_t ldc, int64_t m, int64_t n, int64_t k,
            bool accumulate);
// Indices of which one thread should take at least so many, when each costs `flops`.
int64_t grain_of(int64_t flops);

}  // namespace r1::model
