#include "model/batch.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace r1::model {

FlatBatch make_flat_batch(const std::vector<std::vector<int64_t>>& sequences, at::Device device) {
  FlatBatch batch;
  batch.offsets.reserve(sequences.size() + 1);
  batch.offsets.push_back(0);
  for (const std::vector<int64_t>& sequence : sequences) {
    batch.offsets.push_back(batch.offsets.back() + static_cast<int64_t>(sequence.size()));
  }
  batch.first_position.assign(sequences.size(), 0);
  const at::Tensor tokens_T =
      at::empty({batch.offsets.back()}, at::TensorOptions().dtype(at::kLong));
  int64_t* to = tokens_T.mutable_data_ptr<int64_t>();
  for (const std::vector<int64_t>& sequence : sequences)
    to = std::copy(sequence.begin(), sequence.end(), to);
  batch.tokens_T = tokens_T.to(device);
  return batch;
}

std::vector<std::pair<int64_t, int64_t>> split_by_tokens(const std::vector<int64_t>& lengths,
                                                         int64_t max_tokens) {
  R1_CHECK(max_tokens >= 1, fmt::format("max_tokens is {}", max_tokens));
  std::vector<std::pair<int64_t, int64_t>> ranges;
  int64_t begin = 0, tokens = 0;
  const int64_t count = static_cast<int64_t>(lengths.size());
  for (int64_t i = 0; i < count; ++i) {
    R1_CHECK(lengths[i] >= 0, fmt::format("sequence {} has length {}", i, lengths[i]));
    if (i > begin && lengths[i] > max_tokens - tokens) {
      ranges.emplace_back(begin, i);
      begin = i;
      tokens = 0;
    }
    tokens += lengths[i];
  }
  if (count > begin) ranges.emplace_back(begin, count);
  return ranges;
}

}  // namespace r1::model
