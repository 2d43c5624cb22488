#include "grpo/segments.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/error.h"
#include "model/autograd.h"

namespace r1::grpo {
namespace {

at::Tensor reduce_and_repeat(const at::Tensor& values_T, const at::Tensor& offsets, bool mean) {
  const at::Tensor lengths_S = offsets.diff();
  at::Tensor reduced_S =
      at::segment_reduce(values_T.to(at::kDouble).contiguous(), "sum", /*lengths=*/std::nullopt,
                         /*indices=*/std::nullopt, offsets, /*axis=*/0, /*unsafe=*/true,
                         /*initial=*/0.0);
  if (mean) reduced_S = reduced_S / lengths_S.clamp_min(1);
  return reduced_S.repeat_interleave(lengths_S, 0, values_T.numel()).to(values_T.scalar_type());
}

at::Tensor apply(const at::Tensor& values_T, const std::vector<int64_t>& offsets, bool mean) {
  R1_CHECK(!offsets.empty() && offsets.front() == 0 && offsets.back() == values_T.numel(),
           "offsets do not cover the tokens");
  const at::Tensor on_device = at::tensor(offsets, at::kLong).to(values_T.device());
  at::Tensor result;
  {
    const at::NoGradGuard no_grad;
    result = reduce_and_repeat(values_T, on_device, mean);
  }
  // The map is symmetric (token t gets from u what u gets from t), so backward is forward again.
  // With autograd's own operators, backward of the repetition would add in any order on a GPU.
  model::set_gradient({values_T}, {result}, {},
                      [on_device, mean](const model::Tensors&, const model::Tensors& gradients) {
                        return model::Tensors{reduce_and_repeat(gradients[0], on_device, mean)};
                      });
  return result;
}

}  // namespace

at::Tensor segment_sum(const at::Tensor& values_T, const std::vector<int64_t>& offsets) {
  return apply(values_T, offsets, false);
}

at::Tensor segment_mean(const at::Tensor& values_T, const std::vector<int64_t>& offsets) {
  return apply(values_T, offsets, true);
}

}  // namespace r1::grpo
