#include "grpo/segments.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "base/error.h"

namespace r1::grpo {
namespace {

at::Tensor reduce_and_repeat(const at::Tensor& values_T, const at::Tensor& offsets, bool mean) {
  const at::Tensor lengths_S = offsets.diff();
  at::Tensor reduced_S = at::segment_reduce(values_T.to(at::kDouble).contiguous(), "sum", /*lengths=*/std::nullopt,
                                            /*indices=*/std::nullopt, offsets, /*axis=*/0, /*unsafe=*/true,
                                            /*initial=*/0.0);
  if (mean) reduced_S = reduced_S / lengths_S.clamp_min(1);
  return reduced_S.repeat_interleave(lengths_S, 0, values_T.numel()).to(values_T.scalar_type());
}

// The map is symmetric (token t gets from u what u gets from t), so backward is forward again.
// With autograd's own operators, backward of the repetition would add in any order on a GPU.
class SegmentReduce : public torch::autograd::Function<SegmentReduce> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& values_T, const at::Tensor& offsets,
                            bool mean) {
    context->saved_data["offsets"] = offsets;
    context->saved_data["mean"] = mean;
    return reduce_and_repeat(values_T, offsets, mean);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list grads) {
    return {reduce_and_repeat(grads[0], context->saved_data["offsets"].toTensor(), context->saved_data["mean"].toBool()),
            at::Tensor(), at::Tensor()};
  }
};

at::Tensor apply(const at::Tensor& values_T, const std::vector<int64_t>& offsets, bool mean) {
  R1_CHECK(!offsets.empty() && offsets.front() == 0 && offsets.back() == values_T.numel(), "offsets do not cover the tokens");
  const at::Tensor on_device = at::tensor(offsets, at::kLong).to(values_T.device());
  return SegmentReduce::apply(values_T, on_device, mean);
}

}  // namespace

at::Tensor segment_sum(const at::Tensor& values_T, const std::vector<int64_t>& offsets) {
  return apply(values_T, offsets, false);
}

at::Tensor segment_mean(const at::Tensor& values_T, const std::vector<int64_t>& offsets) {
  return apply(values_T, offsets, true);
}

}  // namespace r1::grpo
