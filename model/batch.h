// Flat batches: sequences laid one after another in one list of tokens. A padded [B,T] batch never
// exists.
//
// Shape letters, in names everywhere: P prompts, G completions of a prompt, B rows of a decode
// step, S sequences, T tokens, V vocabulary, D hidden, L layers, H heads. A mask is named for what
// is kept.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace r1::model {

// Sequence s owns tokens offsets[s] .. offsets[s+1] - 1; their positions count up from
// first_position[s].
struct FlatBatch {
  at::Tensor tokens_T;                  // int64, on the model's device
  std::vector<int64_t> offsets;         // S + 1 entries, offsets[0] = 0
  std::vector<int64_t> first_position;  // S entries; 0 unless earlier tokens lie in a cache
  int64_t num_sequences() const { return static_cast<int64_t>(first_position.size()); }
  int64_t num_tokens() const { return offsets.back(); }
};

// A batch of whole sequences (first positions 0).
FlatBatch make_flat_batch(const std::vector<std::vector<int64_t>>& sequences, at::Device device);

// The sequences split, in order, into micro-batches of at most max_tokens tokens (one longer
// sequence gets its own). Returns index ranges [begin, end) over `lengths`.
std::vector<std::pair<int64_t, int64_t>> split_by_tokens(const std::vector<int64_t>& lengths,
                                                         int64_t max_tokens);

}  // namespace r1::model
