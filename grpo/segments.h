// Sums and means over the completions of a flat token array.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace r1::grpo {

// values_T: floating point; segment s owns offsets[s] .. offsets[s+1] - 1, offsets[0] = 0. Every
// element is replaced by the sum (mean) of its segment; same shape and dtype, differentiable once.
// Added up in fp64 in the order of the tokens, forward and backward, on any device and number of
// threads.
at::Tensor segment_sum(const at::Tensor& values_T, const std::vector<int64_t>& offsets);
at::Tensor segment_mean(const at::Tensor& values_T, const std::vector<int64_t>& offsets);

}  // namespace r1::grpo
