#include "model/ops.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

#include "base/parallel.h"

namespace r1::model {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::Function;
using torch::autograd::variable_list;

constexpr int64_t kMinFlopsPerThread = 200'000;
constexpr int64_t kElementsPerThread = 16'384;
constexpr int64_t kTile = 32;  // rows or columns of a product: the least that a thread takes

// Autograd functions take what may be absent as an optional, never as an undefined tensor.
std::optional<at::Tensor> if_defined(const at::Tensor& x) {
  return x.defined() ? std::optional(x) : std::nullopt;
}

GemmOperand rows_of(const at::Tensor& x) { return {x.const_data_ptr<float>(), x.size(1), 1}; }
GemmOperand transposed(const at::Tensor& x) { return {x.const_data_ptr<float>(), 1, x.size(1)}; }

// What a projection's products are added to: its bias in every row, or nothing yet.
at::Tensor bias_rows(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return bias.defined() ? bias.detach().unsqueeze(0).repeat({x.size(0), 1})
                        : at::empty({x.size(0), weight.size(0)}, x.options());
}

struct LinearFunction : Function<LinearFunction> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                            const std::optional<at::Tensor>& bias) {
    ctx->save_for_backward({x, weight});
    ctx->saved_data["bias"] = bias.has_value();
    const int64_t rows = x.size(0), in = x.size(1), out = weight.size(0);
    at::Tensor y = bias_rows(x, weight, bias.value_or(at::Tensor()));
    matmul(rows_of(x), transposed(weight), y.mutable_data_ptr<float>(), out, rows, out, in,
           bias.has_value());
    return y;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], dy = grads[0].contiguous();
    const int64_t rows = x.size(0), in = x.size(1), out = weight.size(0);
    at::Tensor dx, dweight, dbias;
    if (ctx->needs_input_grad(0)) {
      dx = at::empty_like(x);
      matmul(rows_of(dy), rows_of(weight), dx.mutable_data_ptr<float>(), in, rows, in, out, false);
    }
    if (ctx->needs_input_grad(1)) {
      dweight = at::empty_like(weight);
      matmul(transposed(dy), rows_of(x), dweight.mutable_data_ptr<float>(), in, out, in, rows,
             false);
    }
    if (ctx->saved_data["bias"].toBool()) dbias = dy.sum(0);
    return {dx, dweight, dbias};
  }
};

struct AddRmsNormFunction : Function<AddRmsNormFunction> {
  static variable_list forward(AutogradContext* ctx, const at::Tensor& x,
                               const std::optional<at::Tensor>& delta, const at::Tensor& weight,
                               double eps) {
    const int64_t rows = x.size(0), width = x.size(1);
    const bool add = delta.has_value();
    at::Tensor h = add ? at::empty_like(x) : x, y = at::empty_like(x),
               rstd = at::empty({rows}, x.options());
    const float *px = x.const_data_ptr<float>(),
                *pd = add ? delta->const_data_ptr<float>() : nullptr,
                *pw = weight.const_data_ptr<float>();
    float *ph = add ? h.mutable_data_ptr<float>() : nullptr, *py = y.mutable_data_ptr<float>(),
          *pr = rstd.mutable_data_ptr<float>();
    parallel_for(rows, kElementsPerThread / width + 1, [&](int64_t begin, int64_t end) {
      const int64_t at = begin * width;
      kernels().add_rms_norm(px + at, add ? pd + at : nullptr, pw, static_cast<float>(eps),
                             end - begin, width, add ? ph + at : nullptr, py + at, pr + begin);
    });
    ctx->save_for_backward({h, weight, rstd});
    ctx->saved_data["add"] = add;
    return add ? variable_list{h, y} : variable_list{y};
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &h = saved[0], &weight = saved[1], &rstd = saved[2];
    const bool add = ctx->saved_data["add"].toBool();
    const int64_t rows = h.size(0), width = h.size(1);
    const at::Tensor dh = add && grads[0].defined() ? grads[0].contiguous() : at::Tensor();
    const at::Tensor dy = grads.back().contiguous();
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
    return {dx, add ? dx : at::Tensor(), dweight, at::Tensor()};
  }
};

struct SwigluFunction : Function<SwigluFunction> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& gate, const at::Tensor& up) {
    ctx->save_for_backward({gate, up});
    at::Tensor y = at::empty_like(gate);
    const float *pg = gate.const_data_ptr<float>(), *pu = up.const_data_ptr<float>();
    float* py = y.mutable_data_ptr<float>();
    parallel_for(gate.size(0), kElementsPerThread / gate.size(1) + 1,
                 [&](int64_t begin, int64_t end) {
                   const int64_t at = begin * gate.size(1);
                   kernels().swiglu(pg + at, pu + at, (end - begin) * gate.size(1), py + at);
                 });
    return y;
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &gate = saved[0], &up = saved[1], dy = grads[0].contiguous();
    at::Tensor dgate = at::empty_like(gate), dup = at::empty_like(up);
    const float *pd = dy.const_data_ptr<float>(), *pg = gate.const_data_ptr<float>(),
                *pu = up.const_data_ptr<float>();
    float *pdg = dgate.mutable_data_ptr<float>(), *pdu = dup.mutable_data_ptr<float>();
    parallel_for(gate.size(0), kElementsPerThread / gate.size(1) + 1,
                 [&](int64_t begin, int64_t end) {
                   const int64_t at = begin * gate.size(1);
                   kernels().swiglu_backward(pd + at, pg + at, pu + at,
                                             (end - begin) * gate.size(1), pdg + at, pdu + at);
                 });
    return {dgate, dup};
  }
};

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
    first.push_back(first.back() + (linear->weight.size(0) + kTile - 1) / kTile);
  }
  const int64_t rows = x.size(0), in = x.size(1);
  parallel_for(first.back(), grain_of(2 * kTile * in * rows), [&](int64_t begin, int64_t end) {
    size_t i = 0;
    for (const Linear* linear : linears) {
      const int64_t out = linear->weight.size(0),
                    n0 = std::max<int64_t>(0, begin - first[i]) * kTile,
                    n1 = std::min(out, (end - first[i]) * kTile);
      if (n0 < n1)
        kernels().gemm(rows_of(x), transposed(linear->weight), y[i].mutable_data_ptr<float>(), out,
                       0, rows, n0, n1, in, linear->bias.defined());
      ++i;
    }
  });
  return y;
}

at::Tensor Linear::operator()(const at::Tensor& x_TI) const {
  if (uses_kernels(x_TI) && !at::GradMode::is_enabled()) return project(x_TI, {this})[0];
  if (uses_kernels(x_TI)) return LinearFunction::apply(x_TI.contiguous(), weight, if_defined(bias));
  return at::linear(x_TI, weight, if_defined(bias));
}

std::pair<at::Tensor, at::Tensor> add_rms_norm(const at::Tensor& x_TD, const at::Tensor& delta_TD,
                                               const at::Tensor& weight_D, double eps) {
  if (uses_kernels(x_TD)) {
    const auto out = AddRmsNormFunction::apply(x_TD, if_defined(delta_TD), weight_D, eps);
    return delta_TD.defined() ? std::pair{out[0], out[1]} : std::pair{x_TD, out[0]};
  }
  const at::Tensor h = delta_TD.defined() ? x_TD + delta_TD : x_TD;
  const at::ScalarType wide = h.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  const at::Tensor f = h.to(wide);
  const at::Tensor y =
      (f * at::rsqrt(f.pow(2).mean(-1, true) + eps)).to(h.scalar_type()) * weight_D;
  return {h, y};
}

at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& up) {
  return uses_kernels(gate) ? SwigluFunction::apply(gate, up) : at::silu(gate) * up;
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
