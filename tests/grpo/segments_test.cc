#include "grpo/segments.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/base/expect_error.h"

namespace r1::grpo {
namespace {

TEST(Segments, SumAndMeanAreRepeatedOverTheSegment) {
  const at::Tensor values_T = at::tensor({1.0, 2.0, 4.0, 8.0, 16.0, 32.0}, at::kDouble);
  const at::Tensor sum_T = segment_sum(values_T, {0, 3, 4, 6});
  const at::Tensor mean_T = segment_mean(values_T, {0, 3, 4, 6});
  EXPECT_TRUE(sum_T.equal(at::tensor({7.0, 7.0, 7.0, 8.0, 48.0, 48.0}, at::kDouble)));
  EXPECT_TRUE(mean_T.equal(at::tensor({7.0 / 3, 7.0 / 3, 7.0 / 3, 8.0, 24.0, 24.0}, at::kDouble)));
}

TEST(Segments, GradientIsTheSameMapOfTheIncomingGradient) {
  const at::Tensor values_T = at::tensor({1.0, 2.0, 4.0}, at::kDouble).requires_grad_();
  const at::Tensor weights_T = at::tensor({1.0, 10.0, 100.0}, at::kDouble);
  (segment_mean(values_T, {0, 2, 3}) * weights_T).sum().backward();
  EXPECT_TRUE(values_T.grad().equal(at::tensor({5.5, 5.5, 100.0}, at::kDouble)));
  values_T.mutable_grad().zero_();
  (segment_sum(values_T, {0, 2, 3}) * weights_T).sum().backward();
  EXPECT_TRUE(values_T.grad().equal(at::tensor({11.0, 11.0, 100.0}, at::kDouble)));
}

TEST(Segments, SumsDoNotDependOnWhatLiesAround) {
  const at::Tensor values_T = at::rand({40000}, at::kFloat);
  const at::Tensor whole_T = segment_mean(values_T, {0, 7, 39000, 40000});
  const at::Tensor alone_T = segment_mean(values_T.slice(0, 7, 39000), {0, 38993});
  EXPECT_EQ(whole_T[7].item<float>(), alone_T[0].item<float>());
  EXPECT_EQ(whole_T.scalar_type(), at::kFloat);
}

TEST(Segments, EmptySegmentsAndNoSegments) {
  const at::Tensor values_T = at::tensor({1.0, 3.0}, at::kDouble);
  EXPECT_TRUE(segment_mean(values_T, {0, 0, 2, 2}).equal(at::tensor({2.0, 2.0}, at::kDouble)));
  EXPECT_EQ(segment_mean(at::empty({0}), {0}).numel(), 0);
}

TEST(Segments, OffsetsMustCoverTheTokens) {
  const at::Tensor values_T = at::ones({3});
  EXPECT_ERROR(InternalError, segment_sum(values_T, {0, 2}), "offsets");
  EXPECT_ERROR(InternalError, segment_sum(values_T, {}), "offsets");
}

}  // namespace
}  // namespace r1::grpo
