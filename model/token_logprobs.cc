#include "model/token_logprobs.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "base/parallel.h"
#include "model/autograd.h"
#include "model/kernels.h"
#include "model/ops.h"

namespace r1::model {
namespace {

at::ScalarType wide_type(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
}

struct RowStatistics {
  at::Tensor lse, entropy;  // of logits / temperature, one per row
};

RowStatistics row_statistics(const at::Tensor& logits, double temperature) {
  if (uses_kernels(logits)) {
    const int64_t rows = logits.size(0), vocab = logits.size(1);
    RowStatistics out{at::empty({rows}, logits.options()), at::empty({rows}, logits.options())};
    const float* p = logits.const_data_ptr<float>();
    float *lse = out.lse.mutable_data_ptr<float>(),
          *entropy = out.entropy.mutable_data_ptr<float>();
    const float inv = static_cast<float>(1.0 / temperature);
    parallel_for(rows, 16'384 / vocab + 1, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r)
        lse[r] = kernels().logsumexp(p + r * vocab, vocab, inv, entropy + r);
    });
    return out;
  }
  const at::Tensor z = logits.to(wide_type(logits)) / temperature;
  const at::Tensor lse = z.logsumexp(-1);
  return {lse, lse - ((z - lse.unsqueeze(1)).exp() * z).sum(-1)};
}

at::Tensor pick(const at::Tensor& logits, const at::Tensor& tokens, const at::Tensor& lse,
                double temperature) {
  const at::Tensor chosen = logits.gather(1, tokens.unsqueeze(1)).squeeze(1).to(wide_type(logits));
  // Multiplied by the rounded inverse, as the kernels do, so that the sampler and the update round
  // alike.
  return (uses_kernels(logits) ? chosen * static_cast<float>(1.0 / temperature)
                               : chosen / temperature) -
         lse;
}

// Gradient with respect to the logits of one chunk, written over them where the kernels run.
at::Tensor logits_gradient(const at::Tensor& logits, const at::Tensor& targets,
                           const RowStatistics& rows, const at::Tensor& dlogp,
                           const at::Tensor& dentropy, double temperature) {
  if (uses_kernels(logits)) {
    const int64_t vocab = logits.size(1);
    at::Tensor gradient = at::empty_like(logits);
    const float *x = logits.const_data_ptr<float>(), *lse = rows.lse.const_data_ptr<float>(),
                *entropy = rows.entropy.const_data_ptr<float>();
    const float *dl = dlogp.const_data_ptr<float>(), *de = dentropy.const_data_ptr<float>();
    const int64_t* target = targets.const_data_ptr<int64_t>();
    float* out = gradient.mutable_data_ptr<float>();
    const float inv = static_cast<float>(1.0 / temperature);
    parallel_for(logits.size(0), 16'384 / vocab + 1, [&](int64_t begin, int64_t end) {
      for (int64_t r = begin; r < end; ++r)
        kernels().logprob_backward(x + r * vocab, vocab, inv, lse[r], entropy[r], target[r], dl[r],
                                   de[r], out + r * vocab);
    });
    return gradient;
  }
  const at::Tensor logp = logits.to(wide_type(logits)) / temperature - rows.lse.unsqueeze(1),
                   p = logp.exp();
  at::Tensor gradient =
      -p * (dlogp.unsqueeze(1) + dentropy.unsqueeze(1) * (logp + rows.entropy.unsqueeze(1)));
  gradient.scatter_add_(1, targets.unsqueeze(1), dlogp.unsqueeze(1));
  return (gradient / temperature).to(logits.scalar_type());
}

// dweight += gradient^T hidden, dhidden = gradient weight.
void head_gradients(const at::Tensor& gradient, const at::Tensor& hidden, const at::Tensor& weight,
                    at::Tensor dhidden, at::Tensor dweight) {
  const int64_t rows = hidden.size(0), width = hidden.size(1), vocab = weight.size(0);
  if (!uses_kernels(hidden)) {
    dhidden.copy_(at::mm(gradient, weight));
    dweight.add_(at::mm(gradient.t(), hidden));
    return;
  }
  const float* g = gradient.const_data_ptr<float>();
  matmul({g, vocab, 1}, {weight.const_data_ptr<float>(), width, 1},
         dhidden.mutable_data_ptr<float>(), width, rows, width, vocab, false);
  matmul({g, 1, vocab}, {hidden.const_data_ptr<float>(), width, 1},
         dweight.mutable_data_ptr<float>(), width, vocab, width, rows, true);
}

// The gradients of hidden and weight. saved: hidden, weight, targets, lse, entropy; gradients: of
// the log-probs and entropies.
Tensors token_logprobs_backward(const Tensors& saved, const Tensors& gradients, double temperature,
                                int64_t chunk_rows) {
  const at::Tensor &hidden = saved[0], &weight = saved[1], &targets = saved[2], &lse = saved[3],
                   &entropy = saved[4];
  const auto or_zero = [&](const at::Tensor& gradient) {
    return gradient.defined() ? gradient.contiguous() : at::zeros_like(lse);
  };
  const at::Tensor dlogp = or_zero(gradients[0]), dentropy = or_zero(gradients[1]);
  const int64_t rows = hidden.size(0);
  at::Tensor dhidden = at::empty_like(hidden), dweight = at::zeros_like(weight);
  for (int64_t begin = 0; begin < rows; begin += chunk_rows) {
    const int64_t count = std::min(chunk_rows, rows - begin);
    const at::Tensor part = hidden.narrow(0, begin, count);
    const RowStatistics statistics{lse.narrow(0, begin, count), entropy.narrow(0, begin, count)};
    const at::Tensor gradient = logits_gradient(
        logits(part, weight), targets.narrow(0, begin, count), statistics,
        dlogp.narrow(0, begin, count), dentropy.narrow(0, begin, count), temperature);
    head_gradients(gradient, part, weight, dhidden.narrow(0, begin, count), dweight);
  }
  return {dhidden, dweight};
}

}  // namespace

at::Tensor logits(const at::Tensor& hidden_BD, const at::Tensor& lm_head_weight_VD) {
  at::NoGradGuard no_grad;
  if (!uses_kernels(hidden_BD)) return at::mm(hidden_BD, lm_head_weight_VD.t());
  return Linear{lm_head_weight_VD, {}}(hidden_BD);
}

at::Tensor logp_of(const at::Tensor& logits_BV, const at::Tensor& tokens_B, double temperature) {
  return pick(logits_BV, tokens_B, row_statistics(logits_BV, temperature).lse, temperature);
}

TokenLogprobs token_logprobs(const at::Tensor& hidden_TD, const at::Tensor& lm_head_weight_VD,
                             const at::Tensor& targets_T, double temperature, int64_t chunk_rows) {
  const at::Tensor hidden = hidden_TD.contiguous();
  const int64_t rows = hidden.size(0);
  const auto options = hidden.options().dtype(wide_type(hidden));
  at::Tensor logp = at::empty({rows}, options), entropy = at::empty({rows}, options),
             lse = at::empty({rows}, options);
  {
    const at::NoGradGuard no_grad;
    for (int64_t begin = 0; begin < rows; begin += chunk_rows) {
      const int64_t count = std::min(chunk_rows, rows - begin);
      const at::Tensor chunk = logits(hidden.narrow(0, begin, count), lm_head_weight_VD);
      const RowStatistics statistics = row_statistics(chunk, temperature);
      logp.narrow(0, begin, count)
          .copy_(pick(chunk, targets_T.narrow(0, begin, count), statistics.lse, temperature));
      entropy.narrow(0, begin, count).copy_(statistics.entropy);
      lse.narrow(0, begin, count).copy_(statistics.lse);
    }
  }
  set_gradient({hidden, lm_head_weight_VD}, {logp, entropy},
               {hidden, lm_head_weight_VD, targets_T, lse, entropy},
               [temperature, chunk_rows](const Tensors& saved, const Tensors& gradients) {
                 return token_logprobs_backward(saved, gradients, temperature, chunk_rows);
               });
  return {logp, entropy};
}

}  // namespace r1::model
