#include "model/batch.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/base/expect_error.h"

namespace r1::model {
namespace {

using Ranges = std::vector<std::pair<int64_t, int64_t>>;

TEST(FlatBatch, LaysSequencesOneAfterAnother) {
  const FlatBatch batch = make_flat_batch({{5, 6, 7}, {}, {8}}, at::kCPU);
  EXPECT_EQ(batch.offsets, (std::vector<int64_t>{0, 3, 3, 4}));
  EXPECT_EQ(batch.first_position, (std::vector<int64_t>{0, 0, 0}));
  EXPECT_EQ(batch.num_sequences(), 3);
  EXPECT_EQ(batch.num_tokens(), 4);
  EXPECT_TRUE(at::equal(batch.tokens_T, at::tensor({5, 6, 7, 8}, at::kLong)));
}

TEST(FlatBatch, NoSequences) {
  const FlatBatch batch = make_flat_batch({}, at::kCPU);
  EXPECT_EQ(batch.num_sequences(), 0);
  EXPECT_EQ(batch.num_tokens(), 0);
  EXPECT_EQ(batch.tokens_T.numel(), 0);
  EXPECT_EQ(batch.tokens_T.scalar_type(), at::kLong);
}

TEST(SplitByTokens, FillsEachMicroBatch) {
  EXPECT_EQ(split_by_tokens({4, 4, 2, 6, 1}, 10), (Ranges{{0, 3}, {3, 5}}));
  EXPECT_EQ(split_by_tokens({5, 5, 5, 5}, 10), (Ranges{{0, 2}, {2, 4}}));
  EXPECT_EQ(split_by_tokens({5, 5, 5, 5}, 9), (Ranges{{0, 1}, {1, 2}, {2, 3}, {3, 4}}));
}

TEST(SplitByTokens, ALongSequenceGetsItsOwn) {
  EXPECT_EQ(split_by_tokens({3, 50, 3, 3}, 10), (Ranges{{0, 1}, {1, 2}, {2, 4}}));
  EXPECT_EQ(split_by_tokens({50}, 10), (Ranges{{0, 1}}));
}

TEST(SplitByTokens, EmptySequencesAndEmptyList) {
  EXPECT_EQ(split_by_tokens({}, 10), Ranges{});
  EXPECT_EQ(split_by_tokens({0, 0, 0}, 1), (Ranges{{0, 3}}));
  EXPECT_EQ(split_by_tokens({0, 50, 0}, 10), (Ranges{{0, 1}, {1, 2}, {2, 3}}));
}

TEST(SplitByTokens, RefusesNonsense) {
  EXPECT_ERROR(InternalError, split_by_tokens({1}, 0), "max_tokens is 0");
  EXPECT_ERROR(InternalError, split_by_tokens({1, -2}, 5), "sequence 1 has length -2");
}

}  // namespace
}  // namespace r1::model
