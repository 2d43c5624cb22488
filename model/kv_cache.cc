#include "model/kv_cache.h"

#include <fmt/format.h>

#include <utility>

#include "base/error.h"

namespace r1::model {

KvCache::KvCache(std::vector<at::Tensor> storage, int64_t num_pages)
    : storage_(std::move(storage)), num_pages_(num_pages) {
  R1_CHECK(num_pages >= 0 && num_pages <= INT32_MAX, fmt::format("a cache of {} pages", num_pages));
  for (const at::Tensor& tensor : storage_) {
    R1_CHECK(tensor.dim() >= 1 && tensor.size(0) == num_pages,
             "the first dimension of cache storage is the page");
  }
  users_.assign(num_pages, 0);
  free_.reserve(num_pages);
  for (int64_t page = num_pages - 1; page >= 0; --page) free_.push_back(static_cast<int32_t>(page));
}

int32_t KvCache::allocate() {
  R1_CHECK(!free_.empty(), fmt::format("all {} cache pages are in use", num_pages_));
  const int32_t page = free_.back();
  free_.pop_back();
  users_[page] = 1;
  return page;
}

void KvCache::retain(int32_t page) {
  R1_CHECK(page >= 0 && page < num_pages_ && users_[page] > 0,
           fmt::format("page {} is not in use", page));
  ++users_[page];
}

void KvCache::release(int32_t page) {
  R1_CHECK(page >= 0 && page < num_pages_ && users_[page] > 0,
           fmt::format("page {} is not in use", page));
  if (--users_[page] == 0) free_.push_back(page);
}

int32_t KvCache::copy(int32_t page) {
  R1_CHECK(page >= 0 && page < num_pages_ && users_[page] > 0,
           fmt::format("page {} is not in use", page));
  const int32_t fresh = allocate();
  for (const at::Tensor& tensor : storage_) tensor.select(0, fresh).copy_(tensor.select(0, page));
  return fresh;
}

}  // namespace r1::model
