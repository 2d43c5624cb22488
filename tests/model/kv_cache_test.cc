#include "model/kv_cache.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <set>

#include "base/error.h"
#include "tests/base/expect_error.h"

namespace r1::model {
namespace {

// Two layers of K and V whose page p holds the value 100 * tensor + p.
KvCache numbered_cache(int64_t pages) {
  std::vector<at::Tensor> storage;
  for (int64_t i = 0; i < 4; ++i) {
    at::Tensor tensor = at::zeros({pages, 2, kPageTokens, 3});
    for (int64_t page = 0; page < pages; ++page)
      tensor.select(0, page).fill_(static_cast<double>(100 * i + page));
    storage.push_back(tensor);
  }
  return KvCache(storage, pages);
}

TEST(KvCache, PagesForTokens) {
  EXPECT_EQ(pages_for(0), 0);
  EXPECT_EQ(pages_for(1), 1);
  EXPECT_EQ(pages_for(kPageTokens), 1);
  EXPECT_EQ(pages_for(kPageTokens + 1), 2);
}

TEST(KvCache, GivesEveryPageOnce) {
  KvCache cache = numbered_cache(5);
  EXPECT_EQ(cache.num_pages(), 5);
  std::set<int32_t> pages;
  for (int i = 0; i < 5; ++i) pages.insert(cache.allocate());
  EXPECT_EQ(pages, (std::set<int32_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(cache.free_pages(), 0);
  EXPECT_ERROR(InternalError, cache.allocate(), "all 5 cache pages are in use");
}

TEST(KvCache, TheSamePagesInEveryRun) {
  KvCache a = numbered_cache(3), b = numbered_cache(3);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(a.allocate(), b.allocate());
}

TEST(KvCache, APageIsFreeWhenItsLastUserLeaves) {
  KvCache cache = numbered_cache(2);
  const int32_t page = cache.allocate();
  cache.retain(page);
  cache.release(page);
  EXPECT_EQ(cache.free_pages(), 1);
  cache.release(page);
  EXPECT_EQ(cache.free_pages(), 2);
  EXPECT_ERROR(InternalError, cache.release(page), "is not in use");
  EXPECT_ERROR(InternalError, cache.retain(page), "is not in use");
}

TEST(KvCache, CopyCopiesAllLayersAndNothingElse) {
  KvCache cache = numbered_cache(4);
  const int32_t a = cache.allocate(), b = cache.allocate();
  const int32_t copy = cache.copy(a);
  EXPECT_NE(copy, a);
  EXPECT_NE(copy, b);
  EXPECT_EQ(cache.free_pages(), 1);
  for (int64_t i = 0; i < 4; ++i) {
    const at::Tensor& tensor = cache.storage()[i];
    for (int32_t page = 0; page < 4; ++page) {
      const double wanted = static_cast<double>(100 * i + (page == copy ? a : page));
      EXPECT_TRUE((tensor.select(0, page) == wanted).all().item<bool>())
          << "tensor " << i << " page " << page;
    }
  }
  cache.release(copy);  // the copy has one user of its own
  EXPECT_EQ(cache.free_pages(), 2);
}

TEST(KvCache, RefusesBadPages) {
  KvCache cache = numbered_cache(2);
  for (int32_t page : {-1, 0, 2, 1000}) {
    EXPECT_ERROR(InternalError, cache.release(page), "is not in use");
    EXPECT_ERROR(InternalError, cache.copy(page), "is not in use");
  }
  cache.allocate();
  cache.allocate();
  EXPECT_ERROR(InternalError, cache.copy(0), "all 2 cache pages are in use");
}

TEST(KvCache, StorageMustHaveThatManyPages) {
  EXPECT_ERROR(InternalError, KvCache({at::zeros({3, 2})}, 4), "first dimension");
  EXPECT_ERROR(InternalError, KvCache({at::zeros({})}, 4), "first dimension");
  EXPECT_EQ(KvCache({}, 0).free_pages(), 0);
}

}  // namespace
}  // namespace r1::model
