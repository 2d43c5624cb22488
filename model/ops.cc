#include "model/ops.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "model/autograd.h"

namespace r1::model {
namespace {

constexpr int64_t kMinFlopsPerThread = 200'000;
constexpr int64_t kElementsPerThread = 16'384;
constexpr int64_t kLanes = 16;  // rows of a weight that a tile holds
constexpr int64_t kTile = 32;   // rows or columns of a product: the least that a thread takes

GemmOperand rows_of(const at::Tensor& x) { return {x.const_data_ptr<float>(), x.size(1), 1}; }
GemmOperand transposed(const at::Tensor& x) { return {x.const_data_ptr<float>(), 1, x.size(1)}; }

// What a projection's products are added to: its bias in every row, or nothing yet.
at::Tensor bias_rows(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return bias.defined() ? bias.detach().unsqueeze(0).repeat({x.size(0), 1})
                        : at::empty({x.size(0), out_features(weight)}, x.options());
}

bool is_tiled(const at::Tensor& weight) { return weight.dim() == 3; }

// Columns [n0, n1) of x weight^T, added to what y holds when `accumulate`.
void product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& y, int64_t n0,
             int64_t n1, bool accumulate) {
  const int64_t rows = x.size(0), in = x.size(1), out = y.size(1);
  float* to = y.mutable_data_ptr<float>();
  if (!is_tiled(weight))
    return kernels().gemm(rows_of(x), transposed(weight), to, out, 0, rows, n0, n1, in, accumulate);
  GemmTiles tiles;
  if (weight.scalar_type() == at::kBFloat16)
    tiles.bfloat16 = static_cast<const uint16_t*>(weight.const_data_ptr());
  else
    tiles.floats = weight.const_data_ptr<float>();
  kernels().gemm_tiles(rows_of(x), tiles, to, out, 0, rows, n0, n1, in, accumulate);
}

template <class T>
void tile_in_place(T* data, int64_t out, int64_t in) {
  parallel_for(out / kLanes, kElementsPerThread / (kLanes * in) + 1,
               [&](int64_t begin, int64_t end) {
                 std::vector<T> rows(kLanes * in);
                 for (int64_t i = begin; i < end; ++i) {
                   T* block = data + i * kLanes * in;
                   std::copy_n(block, rows.size(), rows.begin());
                   for (int64_t k = 0; k < in; ++k)
                     for (int64_t lane = 0; lane < kLanes; ++lane)
                       block[k * kLanes + lane] = rows[lane * in + k];
                 }
               });
}

// The gradients of x, weight and bias; of an input that needs none, none.
Tensors linear_backward(const at::Tensor& x, const at::Tensor& weight, bool has_bias,
                        const at::Tensor& dy) {
  const int64_t rows = x.size(0), in = x.size(1), out = weight.size(0);
  at::Tensor dx, dweight, dbias;
  if (x.requires_grad()) {
    dx = at::empty_like(x);
    matmul(rows_of(dy), rows_of(weight), dx.mutable_data_ptr<float>(), in, rows, in, out, false);
  }
  if (weight.requires_grad()) {
    dweight = at::empty_like(weight);
    matmul(transposed(dy), rows_of(x), dweight.mutable_data_ptr<float>(), in, out, in, rows, false);
  }
  if (has_bias) dbias = dy.sum(0);
  return {dx, dweight, dbias};
}

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  const int64_t rows = x.size(0), in = x.size(1), out = weight.size(0);
  at::Tensor y = bias_rows(x, weight, bias);
  const bool has_bias = bias.defined();
  matmul(rows_of(x), transposed(weight), y.mutable_data_ptr<float>(), out, rows, out, in, has_bias);
  set_gradient({x, weight, bias}, {y}, {x, weight},
               [has_bias](const Tensors& saved, const Tensors& gradients) {
                 return linear_backward(saved[0], saved[1], has_bias, gradients[0].contiguous());
               });
  return y;
}

// The gradients of x, delta and weight. dh: of x + delta, may be undefined.
Tensors rms_norm_backward(const at::Tensor& h, const at::Tensor& weight, const at::Tensor& rstd,
                          const at::Tensor& dh, const at::Tensor& dy, bool add) {
  const int64_t rows = h.size(0), width = h.size(1);
  at::Tensor dx = at::empty_like(h), dweight = at::zeros_like(weight);
  const float *pdy = dy.const_data_ptr<float>(),
              *pdh = dh.defined() ? dh.const_data_ptr<float>() : nullptr;
  const float *ph = h.const_data_ptr<float>(), *pr = rstd.const_data_ptr<float>(),
              *pw = weight.const_data_ptr<float>();
  float *pdx = dx.mutable_data_ptr<float>(), *pdw = dweight.mutable_data_ptr<float>();
  parallel_for(rows, kElementsPerThread / width + 1, [&](int64_t begin, int64_t end) {
    const int64_t at = begin * width;
    kernels().rms_norm_backward(pdy + at, pdh ? pdh + at : nullptr, ph + at, pw, pr + begin,
                                end - begin, width, pdx + at);
  });
  parallel_for((width + 15) / 16, kElementsPerThread / (16 * rows) + 1,
               [&](int64_t begin, int64_t end) {
                 kernels().rms_norm_weight_grad(pdy, ph, pr, rows, width, begin * 16,
                                                std::min(end * 16, width), pdw);
               });
  return {dx, add ? dx : at::Tensor(), dweight};
}

std::pair<at::Tensor, at::Tensor> add_rms_norm_kernels(const at::Tensor& x, const at::Tensor& delta,
                                                       const at::Tensor& weight, double eps) {
  const int64_t rows = x.size(0), width = x.size(1);
  const bool add = delta.defined();
  at::Tensor h = add ? at::empty_like(x) : x, y = at::empty_like(x),
             rstd = at::empty({rows}, x.options());
  const float *px = x.const_data_ptr<float>(), *pd = add ? delta.const_data_ptr<float>() : nullptr,
              *pw = weight.const_data_ptr<float>();
  float *ph = add ? h.mutable_data_ptr<float>() : nullptr, *py = y.mutable_data_ptr<float>(),
        *pr = rstd.mutable_data_ptr<float>();
  parallel_for(rows, kElementsPerThread / width + 1, [&](int64_t begin, int64_t end) {
    const int64_t at = begin * width;
    kernels().add_rms_norm(px + at, add ? pd + at : nullptr, pw, static_cast<float>(eps),
                           end - begin, width, add ? ph + at : nullptr, py + at, pr + begin);
  });
  set_gradient({x, delta, weight}, add ? Tensors{h, y} : Tensors{y}, {h, weight, rstd},
               [add](const Tensors& saved, const Tensors& gradients) {
                 const bool passes_on = add && gradients[0].defined();
                 return rms_norm_backward(saved[0], saved[1], saved[2],
                                          passes_on ? gradients[0].contiguous() : at::Tensor(),
                                          gradients.back().contiguous(), add);
               });
  return {h, y};
}

Tensors swiglu_backward(const at::Tensor& gate, const at::Tensor& up, const at::Tensor& dy) {
  at::Tensor dgate = at::empty_like(gate), dup = at::empty_like(up);
  const float *pd = dy.const_data_ptr<float>(), *pg = gate.const_data_ptr<float>(),
              *pu = up.const_data_ptr<float>();
  float *pdg = dgate.mutable_data_ptr<float>(), *pdu = dup.mutable_data_ptr<float>();
  parallel_for(gate.size(0), kElementsPerThread / gate.size(1) + 1,
               [&](int64_t begin, int64_t end) {
                 const int64_t at = begin * gate.size(1);
                 kernels().swiglu_backward(pd + at, pg + at, pu + at, (end - begin) * gate.size(1),
                                           pdg + at, pdu + at);
               });
  return {dgate, dup};
}

at::Tensor swiglu_kernels(const at::Tensor& gate, const at::Tensor& up) {
  at::Tensor y = at::empty_like(gate);
  const float *pg = gate.const_data_ptr<float>(), *pu = up.const_data_ptr<float>();
  float* py = y.mutable_data_ptr<float>();
  parallel_for(gate.size(0), kElementsPerThread / gate.size(1) + 1,
               [&](int64_t begin, int64_t end) {
                 const int64_t at = begin * gate.size(1);
                 kernels().swiglu(pg + at, pu + at, (end - begin) * gate.size(1), py + at);
               });
  set_gradient({gate, up}, {y}, {gate, up}, [](const Tensors& saved, const Tensors& gradients) {
    return swiglu_backward(saved[0], saved[1], gradients[0].contiguous());
  });
  return y;
}

}  // namespace

bool uses_kernels(const at::Tensor& x) {
  return x.device().is_cpu() && x.scalar_type() == at::kFloat;
}

int64_t grain_of(int64_t flops) { return kMinFlopsPerThread / std::max<int64_t>(1, flops) + 1; }

void matmul(GemmOperand a, GemmOperand b, float* c, int64_t ldc, int64_t m, int64_t n, int64_t k,
            bool accumulate) {
  const bool split_rows =
      m > k;  // a short, wide product splits by columns, so that its threads share no packing
  const int64_t tiles = ((split_rows ? m : n) + kTile - 1) / kTile;
  const int64_t flops_per_tile = 2 * kTile * k * (split_rows ? n : m);
  parallel_for(tiles, grain_of(flops_per_tile), [&](int64_t begin, int64_t end) {
    if (split_rows)
      kernels().gemm(a, b, c, ldc, begin * kTile, std::min(end * kTile, m), 0, n, k, accumulate);
    else
      kernels().gemm(a, b, c, ldc, 0, m, begin * kTile, std::min(end * kTile, n), k, accumulate);
  });
}

int64_t out_features(const at::Tensor& weight) {
  return is_tiled(weight) ? weight.size(0) * kLanes : weight.size(0);
}

bool can_tile(const at::Tensor& weight) {
  return weight.dim() == 2 && weight.size(0) % kLanes == 0;
}

void tile(const at::Tensor& weight) {
  const int64_t out = weight.size(0), in = weight.size(1);
  if (weight.scalar_type() == at::kBFloat16)
    tile_in_place(static_cast<uint16_t*>(weight.mutable_data_ptr()), out, in);
  else
    tile_in_place(weight.mutable_data_ptr<float>(), out, in);
  at::Tensor(weight).set_data(weight.view({out / kLanes, in, kLanes}));
}

at::Tensor embed(const at::Tensor& weight_VD, const at::Tensor& tokens_T, at::ScalarType dtype) {
  if (!is_tiled(weight_VD)) return at::embedding(weight_VD, tokens_T);
  const at::Tensor tile = at::floor_divide(tokens_T, kLanes),
                   lane = at::remainder(tokens_T, kLanes);
  return at::index(weight_VD.transpose(1, 2), {tile, lane}).to(dtype);
}

std::vector<at::Tensor> project(const at::Tensor& x_TI,
                                std::initializer_list<const Linear*> linears) {
  std::vector<at::Tensor> y;
  if (!uses_kernels(x_TI) || at::GradMode::is_enabled()) {
    // Last first: autograd adds the gradients of x in the order of these calls, so that it decides
    // their rounding.
    y.resize(linears.size());
    for (size_t i = linears.size(); i-- > 0;) y[i] = (*linears.begin()[i])(x_TI);
    return y;
  }
  const at::Tensor x = x_TI.contiguous();
  std::vector<int64_t> first = {0};  // tile of each, all laid end to end
  for (const Linear* linear : linears) {
    y.push_back(bias_rows(x, linear->weight, linear->bias));
    first.push_back(first.back() + (out_features(linear->weight) + kTile - 1) / kTile);
  }
  const int64_t rows = x.size(0), in = x.size(1);
  parallel_for(first.back(), grain_of(2 * kTile * in * rows), [&](int64_t begin, int64_t end) {
    size_t i = 0;
    for (const Linear* linear : linears) {
      const int64_t out = out_features(linear->weight),
                    n0 = std::max<int64_t>(0, begin - first[i]) * kTile,
                    n1 = std::min(out, (end - first[i]) * kTile);
      if (n0 < n1) product(x, linear->weight, y[i], n0, n1, linear->bias.defined());
      ++i;
    }
  });
  return y;
}

at::Tensor Linear::operator()(const at::Tensor& x_TI) const {
  if (is_tiled(weight)) return project(x_TI, {this})[0];
  if (uses_kernels(x_TI)) return linear(x_TI.contiguous(), weight, bias);
  return at::linear(x_TI, weight, bias.defined() ? std::optional(bias) : std::nullopt);
}

std::pair<at::Tensor, at::Tensor> add_rms_norm(const at::Tensor& x_TD, const at::Tensor& delta_TD,
                                               const at::Tensor& weight_D, double eps) {
  if (uses_kernels(x_TD)) return add_rms_norm_kernels(x_TD, delta_TD, weight_D, eps);
  const at::Tensor h = delta_TD.defined() ? x_TD + delta_TD : x_TD;
  const at::ScalarType wide = h.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  const at::Tensor f = h.to(wide);
  const at::Tensor y =
      (f * at::rsqrt(f.pow(2).mean(-1, true) + eps)).to(h.scalar_type()) * weight_D;
  return {h, y};
}

at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up) {
  return uses_kernels(gate) ? swiglu_kernels(gate, up) : at::silu(gate) * up;
}

at::Tensor norm_heads(const at::Tensor& x, const at::Tensor& weight_D, double eps) {
  if (!weight_D.defined()) return x;
  const at::Tensor heads = x.reshape({-1, weight_D.size(0)});
  return add_rms_norm(heads, {}, weight_D, eps).second.view(x.sizes());
}

const std::pair<at::Tensor, at::Tensor>& RopeTable::get(int64_t positions,
                                                        const at::TensorOptions& options) {
  const at::ScalarType wide = options.dtype() == at::kDouble ? at::kDouble : at::kFloat;
  const auto& have = table_.first;
  if (have.defined() && have.size(0) >= positions && have.device() == options.device() &&
      have.scalar_type() == wide)
    return table_;
  int64_t rows = 256;
  while (rows < positions) rows *= 2;
  const auto half = static_cast<int64_t>(frequencies_.inverse.size());
  at::Tensor cosine = at::empty({rows, half}, at::kFloat),
             sine = at::empty({rows, half}, at::kFloat);
  float *pc = cosine.mutable_data_ptr<float>(), *ps = sine.mutable_data_ptr<float>();
  for (int64_t i = 0; i < half; ++i) {
    for (int64_t p = 0; p < rows; ++p) {
      // Angles rounded to fp32 as transformers does, so that long contexts agree with it.
      const double angle = static_cast<float>(p) * frequencies_.inverse[i];
      pc[p * half + i] = static_cast<float>(std::cos(angle)) * frequencies_.attention_factor;
      ps[p * half + i] = static_cast<float>(std::sin(angle)) * frequencies_.attention_factor;
    }
  }
  table_ = {cosine.to(options.device(), wide), sine.to(options.device(), wide)};
  return table_;
}

}  // namespace r1::model
