// Paged key/value cache. Pages hold kPageTokens tokens at absolute positions, so the keys of
// position p lie in the same tile of the same layout whatever the batch: attention adds them up in
// the same order in prefill, decode and training.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace r1::model {

constexpr int64_t kPageTokens = 16;

inline int64_t pages_for(int64_t tokens) { return (tokens + kPageTokens - 1) / kPageTokens; }

// Storage of one model's cache and the count of users of every page. What a page holds is the
// architecture's business (K and V, or a latent): `storage` has one or more tensors per layer, each
// with the page as first dimension. Not thread safe.
class KvCache {
 public:
  KvCache(std::vector<at::Tensor> storage, int64_t num_pages);

  int64_t num_pages() const { return num_pages_; }
  int64_t free_pages() const { return static_cast<int64_t>(free_.size()); }
  const std::vector<at::Tensor>& storage() const { return storage_; }

  // A page with one user. Throws InternalError when none is free: the scheduler counts before it
  // admits.
  int32_t allocate();
  void retain(int32_t page);
  void release(int32_t page);
  // A fresh page with the content of `page` (all layers).
  int32_t copy(int32_t page);

 private:
  std::vector<at::Tensor> storage_;
  int64_t num_pages_;
  std::vector<int32_t> users_;
  std::vector<int32_t> free_;
};

// Where the tokens of a FlatBatch lie: sequence s keeps position p in pages[s][p / kPageTokens].
struct CacheView {
  KvCache* cache = nullptr;
  std::vector<const std::vector<int32_t>*>
      pages;  // S entries, each long enough for the sequence's last position
};

}  // namespace r1::model
