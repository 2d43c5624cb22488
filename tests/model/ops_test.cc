#include "model/ops.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <vector>

#include "base/parallel.h"
#include "base/philox.h"

namespace r1::model {
namespace {

at::Tensor normals(at::IntArrayRef shape, uint64_t seed) {
  const RandomStream draws(seed, "ops", Purpose::kData);
  at::Tensor values = at::empty(shape, at::kFloat);
  for (int64_t i = 0; i < values.numel(); ++i)
    values.mutable_data_ptr<float>()[i] =
        static_cast<float>(draws.normal(static_cast<uint64_t>(i)));
  return values;
}

// Outputs of an operation and the gradients of a weighted sum of them, one per input.
struct Outcome {
  std::vector<at::Tensor> outputs, gradients;
};
using Operation = std::function<std::vector<at::Tensor>(const std::vector<at::Tensor>&)>;

Outcome run(const Operation& operation, std::vector<at::Tensor> inputs, at::ScalarType dtype) {
  for (at::Tensor& input : inputs)
    if (input.defined()) input = input.to(dtype, false, true).requires_grad_(true);
  Outcome outcome{operation(inputs), {}};
  at::Tensor loss = at::zeros({}, at::kDouble);
  for (const at::Tensor& output : outcome.outputs)
    loss = loss + (output.to(at::kDouble) *
                   at::sin(at::arange(output.numel(), at::kDouble)).view(output.sizes()))
                      .sum();
  loss.backward();
  for (const at::Tensor& input : inputs)
    outcome.gradients.push_back(input.defined() ? input.grad() : input);
  return outcome;
}

double relative_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b).abs().max().item<double>() / b.abs().max().item<double>();
}

// The kernels' path in fp32 against `formula`, ATen's own operations, in fp64.
void expect_like(const Operation& formula, const Operation& operation,
                 const std::vector<at::Tensor>& inputs, double tolerance) {
  const Outcome got = run(operation, inputs, at::kFloat),
                wanted = run(formula, inputs, at::kDouble);
  ASSERT_EQ(got.outputs.size(), wanted.outputs.size());
  for (size_t i = 0; i < got.outputs.size(); ++i)
    EXPECT_LT(relative_difference(got.outputs[i], wanted.outputs[i]), tolerance) << "output " << i;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) continue;
    ASSERT_TRUE(got.gradients[i].defined()) << "input " << i;
    EXPECT_LT(relative_difference(got.gradients[i], wanted.gradients[i]), tolerance)
        << "gradient of input " << i;
  }
}

// Chains of at most 60 products here: 60 roundings of 6e-8 would be 4e-6 if all went one way.
constexpr double kTolerance = 4e-6;

TEST(Ops, OnlyFloat32OnTheCpuTakesTheKernels) {
  EXPECT_TRUE(uses_kernels(at::zeros({1}, at::kFloat)));
  for (const at::ScalarType dtype : {at::kDouble, at::kBFloat16, at::kHalf})
    EXPECT_FALSE(uses_kernels(at::zeros({1}, dtype)));
}

TEST(Ops, Linear) {
  const Operation formula = [](const auto& x) {
    return std::vector{at::matmul(x[0], x[1].t()) + x[2]};
  };
  const Operation operation = [](const auto& x) { return std::vector{Linear{x[1], x[2]}(x[0])}; };
  for (const int64_t rows : {1, 7, 60})
    expect_like(formula, operation,
                {normals({rows, 19}, 1), normals({33, 19}, 2), normals({33}, 3)}, kTolerance);
}

TEST(Ops, LinearWithoutBias) {
  const Operation formula = [](const auto& x) { return std::vector{at::matmul(x[0], x[1].t())}; };
  const Operation operation = [](const auto& x) { return std::vector{Linear{x[1], {}}(x[0])}; };
  expect_like(formula, operation, {normals({7, 19}, 1), normals({33, 19}, 2)}, kTolerance);
}

TEST(Ops, LinearOfAViewThatIsNotContiguous) {
  const Operation formula = [](const auto& x) {
    return std::vector{at::matmul(x[0].t(), x[1].t())};
  };
  const Operation operation = [](const auto& x) { return std::vector{Linear{x[1], {}}(x[0].t())}; };
  expect_like(formula, operation, {normals({19, 7}, 1), normals({33, 19}, 2)}, kTolerance);
}

std::vector<at::Tensor> plain_norm(const at::Tensor& x, const at::Tensor& delta,
                                   const at::Tensor& weight) {
  const at::Tensor h = delta.defined() ? x + delta : x;
  return {h, h * at::rsqrt((h * h).mean(-1, true) + 1e-5) * weight};
}
std::vector<at::Tensor> our_norm(const at::Tensor& x, const at::Tensor& delta,
                                 const at::Tensor& weight) {
  const auto [h, y] = add_rms_norm(x, delta, weight, 1e-5);
  return {h, y};
}

TEST(Ops, AddRmsNorm) {
  const Operation formula = [](const auto& x) { return plain_norm(x[0], x[1], x[2]); };
  const Operation operation = [](const auto& x) { return our_norm(x[0], x[1], x[2]); };
  expect_like(formula, operation, {normals({7, 19}, 1), normals({7, 19}, 2), normals({19}, 3)},
              kTolerance);
  expect_like(formula, operation, {normals({7, 19}, 1), at::Tensor(), normals({19}, 3)},
              kTolerance);
}

TEST(Ops, AddRmsNormWhenOnlyTheNormIsUsed) {  // the sum has no gradient of its own, as after the
                                              // last layer
  const Operation formula = [](const auto& x) {
    return std::vector{plain_norm(x[0], x[1], x[2])[1]};
  };
  const Operation operation = [](const auto& x) {
    return std::vector{our_norm(x[0], x[1], x[2])[1]};
  };
  expect_like(formula, operation, {normals({7, 19}, 1), normals({7, 19}, 2), normals({19}, 3)},
              kTolerance);
}

TEST(Ops, AddRmsNormInFloat64IsTheFormula) {
  const Operation formula = [](const auto& x) { return plain_norm(x[0], x[1], x[2]); };
  const Operation operation = [](const auto& x) { return our_norm(x[0], x[1], x[2]); };
  const std::vector<at::Tensor> inputs = {normals({7, 19}, 1), normals({7, 19}, 2),
                                          normals({19}, 3)};
  const Outcome got = run(operation, inputs, at::kDouble),
                wanted = run(formula, inputs, at::kDouble);
  for (size_t i = 0; i < 2; ++i)
    EXPECT_LT(relative_difference(got.outputs[i], wanted.outputs[i]), 1e-14);
}

TEST(Ops, Swiglu) {
  const Operation formula = [](const auto& x) {
    return std::vector{x[0] / (1 + at::exp(-x[0])) * x[1]};
  };
  const Operation operation = [](const auto& x) { return std::vector{swiglu(x[0], x[1])}; };
  expect_like(formula, operation, {normals({7, 19}, 1), normals({7, 19}, 2)}, kTolerance);
}

TEST(Ops, RopeTable) {
  RopeTable rope(rope_frequencies(8, 10000.0, {}));
  const auto& [cosine, sine] = rope.get(3, at::kFloat);
  EXPECT_EQ(cosine.size(1), 4);
  EXPECT_GE(cosine.size(0), 3);
  // Pair i turns by position * 10000^(-2i/8): 1, 0.1, 0.01 and 0.001 per position.
  const double speeds[] = {1, 0.1, 0.01, 0.001};
  for (int64_t position = 0; position < 3; ++position)
    for (int64_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(cosine[position][i].item<float>(),
                  std::cos(static_cast<double>(position) * speeds[i]),
                  3e-7);  // two roundings to fp32
      EXPECT_NEAR(sine[position][i].item<float>(),
                  std::sin(static_cast<double>(position) * speeds[i]), 3e-7);
    }
  EXPECT_GE(rope.get(1000, at::kFloat).first.size(0), 1000);
  EXPECT_EQ(rope.get(2, at::kDouble).first.scalar_type(), at::kDouble);
}

// ---- attention ---------------------------------------------------------------------------------

constexpr int64_t kHeads = 4, kKvHeads = 2;

FlatBatch batch_of(const std::vector<int64_t>& lengths) {
  FlatBatch batch;
  batch.offsets = {0};
  for (const int64_t length : lengths) batch.offsets.push_back(batch.offsets.back() + length);
  batch.first_position.assign(lengths.size(), 0);
  return batch;
}

// Rotation, causal softmax and weighted sum for every sequence and head by itself.
at::Tensor plain_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                           const FlatBatch& batch, int64_t head_dim) {
  std::vector<at::Tensor> sequences;
  for (int64_t s = 0; s < batch.num_sequences(); ++s) {
    const int64_t begin = batch.offsets[s], length = batch.offsets[s + 1] - begin;
    const at::Tensor speeds =
        at::pow(10000.0, at::arange(0, head_dim, 2, at::kDouble) / -static_cast<double>(head_dim));
    const at::Tensor angles = at::outer(at::arange(length, at::kDouble), speeds);
    const auto head_of = [&](const at::Tensor& x, int64_t head) {
      return x.narrow(0, begin, length).narrow(1, head * head_dim, head_dim);
    };
    const auto turned = [&](const at::Tensor& x) {
      const auto halves = x.chunk(2, -1);
      return at::cat({halves[0] * angles.cos() - halves[1] * angles.sin(),
                      halves[1] * angles.cos() + halves[0] * angles.sin()},
                     -1);
    };
    std::vector<at::Tensor> heads;
    for (int64_t h = 0; h < kHeads; ++h) {
      const int64_t kv = h / (kHeads / kKvHeads);
      const at::Tensor scores = at::matmul(turned(head_of(q, h)), turned(head_of(k, kv)).t()) /
                                std::sqrt(static_cast<double>(head_dim));
      const at::Tensor later = at::ones({length, length}, at::kBool).triu(1);
      heads.push_back(
          at::matmul(at::softmax(scores.masked_fill(later, -INFINITY), -1), head_of(v, kv)));
    }
    sequences.push_back(at::cat(heads, 1));
  }
  return at::cat(sequences);
}

TEST(Ops, AttentionOfAFlatBatch) {
  const FlatBatch batch = batch_of({1, 17, 33, 16});
  for (const int64_t head_dim : {16, 48}) {
    RopeTable rope(rope_frequencies(head_dim, 10000.0, {}));
    const AttentionGeometry geometry{
        kHeads, kKvHeads, head_dim,
        static_cast<float>(1 / std::sqrt(static_cast<double>(head_dim)))};
    const Operation formula = [&](const auto& x) {
      return std::vector{plain_attention(x[0], x[1], x[2], batch, head_dim)};
    };
    const Operation operation = [&](const auto& x) {
      return std::vector{attention(x[0], x[1], x[2], batch, geometry, rope, nullptr, {}, {})};
    };
    const std::vector<at::Tensor> inputs = {normals({67, kHeads * head_dim}, 1),
                                            normals({67, kKvHeads * head_dim}, 2),
                                            normals({67, kKvHeads * head_dim}, 3)};
    expect_like(formula, operation, inputs,
                1e-5);  // scores good to some 1e-6 (see kernels_test), angles rounded to fp32
    // The same in fp64, through ATen: only the angles are rounded.
    const Outcome got = run(operation, inputs, at::kDouble),
                  wanted = run(formula, inputs, at::kDouble);
    EXPECT_LT(relative_difference(got.outputs[0], wanted.outputs[0]), 1e-5);
    for (size_t i = 0; i < 3; ++i)
      EXPECT_LT(relative_difference(got.gradients[i], wanted.gradients[i]), 1e-5) << i;
  }
}

TEST(Ops, MatmulHasTheBitsOfOneGemmForAnyThreads) {
  for (const auto& [m, n, k] : std::vector<std::array<int64_t, 3>>{
           {1, 700, 300}, {300, 65, 70}, {33, 500, 129}, {7, 5, 3}}) {
    const at::Tensor a = normals({m, k}, 1), b = normals({n, k}, 2);
    const GemmOperand left{a.const_data_ptr<float>(), k, 1}, right{b.const_data_ptr<float>(), 1, k};
    at::Tensor whole = at::empty({m, n});
    kernels().gemm(left, right, whole.mutable_data_ptr<float>(), n, 0, m, 0, n, k, false);
    for (const int threads : {1, 2, 3}) {
      set_num_threads(threads);
      at::Tensor c = at::full({m, n}, 7.0f);
      matmul(left, right, c.mutable_data_ptr<float>(), n, m, n, k, false);
      EXPECT_TRUE(at::equal(c, whole))
          << m << " " << n << " " << k << ", " << threads << " threads";
    }
  }
  set_num_threads(2);
}

}  // namespace
}  // namespace r1::model
