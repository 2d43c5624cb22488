#include "model/token_logprobs.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/parallel.h"
#include "base/philox.h"

namespace r1::model {
namespace {

constexpr int64_t kRows = 50, kHidden = 24, kVocab = 53;

at::Tensor normals(at::IntArrayRef shape, uint64_t seed) {
  const RandomStream draws(seed, "logprobs", Purpose::kData);
  at::Tensor values = at::empty(shape, at::kFloat);
  for (int64_t i = 0; i < values.numel(); ++i)
    values.mutable_data_ptr<float>()[i] =
        static_cast<float>(draws.normal(static_cast<uint64_t>(i)));
  return values;
}

struct Inputs {
  at::Tensor hidden = normals({kRows, kHidden}, 1), weight = normals({kVocab, kHidden}, 2) * 0.5;
  at::Tensor targets = at::arange(kRows, at::kLong).mul(7).remainder(kVocab);
  at::Tensor logp_weights = normals({kRows}, 3), entropy_weights = normals({kRows}, 4);
  Inputs in(at::ScalarType dtype) const {
    Inputs other = *this;
    for (at::Tensor* x : {&other.hidden, &other.weight})
      *x = x->to(dtype, false, true).requires_grad_(true);
    return other;
  }
};

struct Outcome {
  at::Tensor logp, entropy, dhidden, dweight;
};

Outcome outcome_of(const Inputs& x, const TokenLogprobs& rows, bool of_logp, bool of_entropy) {
  at::Tensor loss = at::zeros({}, at::kDouble);
  if (of_logp) loss = loss + (rows.logp_T.to(at::kDouble) * x.logp_weights.to(at::kDouble)).sum();
  if (of_entropy)
    loss = loss + (rows.entropy_T.to(at::kDouble) * x.entropy_weights.to(at::kDouble)).sum();
  loss.backward();
  return {rows.logp_T.detach(), rows.entropy_T.detach(), x.hidden.grad(), x.weight.grad()};
}

Outcome ours(at::ScalarType dtype, double temperature, int64_t chunk_rows, bool of_logp = true,
             bool of_entropy = true) {
  const Inputs x = Inputs().in(dtype);
  return outcome_of(x, token_logprobs(x.hidden, x.weight, x.targets, temperature, chunk_rows),
                    of_logp, of_entropy);
}

// log_softmax of the whole matrix in fp64, by ATen and its autograd.
Outcome plain(double temperature, bool of_logp = true, bool of_entropy = true) {
  const Inputs x = Inputs().in(at::kDouble);
  const at::Tensor logp = at::log_softmax(at::matmul(x.hidden, x.weight.t()) / temperature, -1);
  const TokenLogprobs rows{logp.gather(1, x.targets.unsqueeze(1)).squeeze(1),
                           -(logp.exp() * logp).sum(-1)};
  return outcome_of(x, rows, of_logp, of_entropy);
}

double difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}
double relative(const at::Tensor& a, const at::Tensor& b) {
  return difference(a, b) / b.to(at::kDouble).abs().max().item<double>();
}

TEST(TokenLogprobs, LogSoftmaxAndEntropy) {
  for (const double temperature : {1.0, 0.7}) {
    const Outcome wanted = plain(temperature), wide = ours(at::kDouble, temperature, 1024),
                  narrow = ours(at::kFloat, temperature, 1024);
    EXPECT_LT(difference(wide.logp, wanted.logp), 1e-12);  // fp64
    EXPECT_LT(difference(wide.entropy, wanted.entropy), 1e-12);
    // Logits are chains of 24 products of sizes around 1, up to ~10 after the temperature: 24
    // roundings of 6e-8 of that.
    EXPECT_LT(difference(narrow.logp, wanted.logp), 1e-5);
    EXPECT_LT(difference(narrow.entropy, wanted.entropy), 1e-5);
  }
}

TEST(TokenLogprobs, Gradients) {
  for (const double temperature : {1.0, 0.7})
    for (const auto& [of_logp, of_entropy] :
         std::vector<std::pair<bool, bool>>{{true, false}, {false, true}, {true, true}}) {
      const Outcome wanted = plain(temperature, of_logp, of_entropy);
      const Outcome wide = ours(at::kDouble, temperature, 1024, of_logp, of_entropy),
                    narrow = ours(at::kFloat, temperature, 1024, of_logp, of_entropy);
      EXPECT_LT(relative(wide.dhidden, wanted.dhidden), 1e-12)
          << temperature << of_logp << of_entropy;
      EXPECT_LT(relative(wide.dweight, wanted.dweight), 1e-12)
          << temperature << of_logp << of_entropy;
      EXPECT_LT(relative(narrow.dhidden, wanted.dhidden), 1e-5)
          << temperature << of_logp << of_entropy;  // as the log-probs
      EXPECT_LT(relative(narrow.dweight, wanted.dweight), 1e-5)
          << temperature << of_logp << of_entropy;
    }
}

TEST(TokenLogprobs, ChunksDoNotChangeALogprob) {
  for (const double temperature : {1.0, 0.7}) {
    const Outcome whole = ours(at::kFloat, temperature, 1000);
    for (const int64_t chunk_rows : {1, 3, 49, 50}) {
      const Outcome cut = ours(at::kFloat, temperature, chunk_rows);
      EXPECT_TRUE(at::equal(cut.logp, whole.logp)) << chunk_rows;
      EXPECT_TRUE(at::equal(cut.entropy, whole.entropy)) << chunk_rows;
      EXPECT_LT(relative(cut.dhidden, whole.dhidden), 1e-6) << chunk_rows;
      EXPECT_LT(relative(cut.dweight, whole.dweight), 1e-6) << chunk_rows;
    }
  }
}

TEST(TokenLogprobs, ThreadsDoNotChangeABit) {
  // Enough rows for several threads.
  const at::Tensor hidden = normals({2000, kHidden}, 1), weight = normals({kVocab, kHidden}, 2),
                   targets = at::arange(2000, at::kLong).remainder(kVocab);
  std::vector<at::Tensor> first;
  for (const int threads : {1, 2, 3}) {
    set_num_threads(threads);
    const at::Tensor h = hidden.clone().requires_grad_(true),
                     w = weight.clone().requires_grad_(true);
    const TokenLogprobs rows = token_logprobs(h, w, targets, 0.7, 2000);
    (rows.logp_T.sum() + rows.entropy_T.sum()).backward();
    const std::vector<at::Tensor> all = {rows.logp_T.detach(), rows.entropy_T.detach(), h.grad(),
                                         w.grad()};
    if (threads == 1) first = all;
    for (size_t i = 0; i < all.size(); ++i)
      EXPECT_TRUE(at::equal(all[i], first[i])) << "output " << i << ", " << threads << " threads";
  }
  set_num_threads(2);
}

// What a decode step computes for a row is what the update computes for it: the ratio of the first
// inner step is exactly 1.
TEST(TokenLogprobs, SingleRowsOfADecodeStepHaveTheSameBits) {
  const Inputs x;
  for (const double temperature : {1.0, 0.7}) {
    const at::Tensor all = token_logprobs(x.hidden, x.weight, x.targets, temperature, 7).logp_T;
    for (int64_t row = 0; row < kRows; ++row) {
      const at::Tensor one = logp_of(logits(x.hidden.narrow(0, row, 1), x.weight),
                                     x.targets.narrow(0, row, 1), temperature);
      EXPECT_EQ(one[0].item<float>(), all[row].item<float>()) << row;
    }
    const at::Tensor many = logp_of(logits(x.hidden.narrow(0, 3, 13), x.weight),
                                    x.targets.narrow(0, 3, 13), temperature);
    EXPECT_TRUE(at::equal(many, all.narrow(0, 3, 13)));
  }
}

TEST(TokenLogprobs, LogitsAreTheProduct) {
  const Inputs x;
  const at::Tensor wanted = at::matmul(x.hidden.to(at::kDouble), x.weight.to(at::kDouble).t());
  EXPECT_LT(relative(logits(x.hidden, x.weight), wanted), 2e-6);  // 24 roundings of 6e-8
  EXPECT_FALSE(logits(x.in(at::kFloat).hidden, x.weight).requires_grad());
}

TEST(TokenLogprobs, Bfloat16ModelsGiveFloat32) {
  const Inputs x = Inputs().in(at::kBFloat16);
  const TokenLogprobs rows = token_logprobs(x.hidden, x.weight, x.targets, 0.7);
  EXPECT_EQ(rows.logp_T.scalar_type(), at::kFloat);
  EXPECT_LT(difference(rows.logp_T.detach(), plain(0.7).logp),
            0.1);  // logits up to ~10 / 0.7, inputs and logits rounded to 2^-9
  (rows.logp_T.sum() + rows.entropy_T.sum()).backward();
  EXPECT_EQ(x.hidden.grad().scalar_type(), at::kBFloat16);
}

TEST(TokenLogprobs, UniformLogits) {
  const at::Tensor hidden = at::zeros({2, 4}), weight = at::ones({8, 4}),
                   targets = at::tensor({0, 7}, at::kLong);
  const TokenLogprobs rows = token_logprobs(hidden, weight, targets);
  for (int64_t i = 0; i < 2; ++i) {
    EXPECT_NEAR(rows.logp_T[i].item<float>(), -std::log(8.0), 3e-7);  // one rounding of 2.08
    EXPECT_NEAR(rows.entropy_T[i].item<float>(), std::log(8.0), 3e-7);
  }
}

}  // namespace
}  // namespace r1::model
