#include "rollout/sampler.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "base/parallel.h"
#include "base/philox.h"
#include "model/token_logprobs.h"

namespace r1::rollout {
namespace {

using testing::HasSubstr;

at::Tensor rows(const std::vector<std::vector<float>>& values) {
  std::vector<at::Tensor> list;
  for (const auto& row : values) list.push_back(at::tensor(at::ArrayRef<float>(row), at::kFloat));
  return at::stack(list);
}
at::Tensor logits_of(std::vector<float> probabilities) {
  for (float& p : probabilities) p = std::log(p);
  return rows({probabilities});
}
Draw draw_one(const at::Tensor& logits_1V, const SamplingConfig& config, float uniform) {
  return sample(logits_1V, config, {uniform}).at(0);
}
// How many of 1,000 evenly spaced uniforms give each token: 1,000 times its probability, to within one.
std::vector<int> counts(const at::Tensor& logits_1V, const SamplingConfig& config) {
  std::vector<float> uniforms;
  for (int i = 0; i < 1000; ++i) uniforms.push_back((float(i) + 0.5f) / 1000.0f);
  std::vector<int> result(logits_1V.size(1), 0);
  for (const Draw& draw : sample(logits_1V.expand({1000, -1}), config, uniforms)) {
    ++result.at(draw.token);
  }
  return result;
}
void expect_shares(const at::Tensor& logits_1V, const SamplingConfig& config, const std::vector<double>& shares) {
  const std::vector<int> seen = counts(logits_1V, config);
  for (size_t i = 0; i < shares.size(); ++i) {
    EXPECT_NEAR(seen[i], 1000 * shares[i], 1.0) << "token " << i;
    if (shares[i] == 0) {
      EXPECT_EQ(seen[i], 0) << "token " << i;
    }
  }
}
at::Tensor random_logits(int64_t count, int64_t vocab, double scale, uint64_t seed) {
  const RandomStream stream(seed, "test", Purpose::kData);
  at::Tensor out = at::empty({count, vocab}, at::kFloat);
  float* p = out.mutable_data_ptr<float>();
  for (int64_t i = 0; i < count * vocab; ++i) p[i] = float(scale * stream.normal(uint64_t(i)));
  return out;
}
std::vector<float> random_uniforms(int64_t count, uint64_t seed) {
  const RandomStream stream(seed, "test", Purpose::kSample);
  std::vector<float> uniforms;
  for (int64_t i = 0; i < count; ++i) uniforms.push_back(stream.uniform(uint64_t(i)));
  return uniforms;
}
std::vector<int64_t> tokens_of(const std::vector<Draw>& draws) {
  std::vector<int64_t> tokens;
  for (const Draw& draw : draws) tokens.push_back(draw.token);
  return tokens;
}

const std::vector<float> kFive = {0.4f, 0.1f, 0.3f, 0.15f, 0.05f};

TEST(Sampler, DrawsByTheCumulativeDistributionInVocabularyOrder) {
  const at::Tensor logits = logits_of(kFive);
  expect_shares(logits, {}, {0.4, 0.1, 0.3, 0.15, 0.05});
  const std::vector<std::pair<float, int64_t>> cases = {{0.0f, 0},  {0.39f, 0}, {0.41f, 1}, {0.49f, 1},
                                                        {0.51f, 2}, {0.81f, 3}, {0.96f, 4}, {1 - 0x1p-24f, 4}};
  for (const auto& [uniform, token] : cases) EXPECT_EQ(draw_one(logits, {}, uniform).token, token) << uniform;
}

TEST(Sampler, TemperatureIsAPowerOfTheProbabilities) {
  // Squares over their sum: 0.16, 0.01, 0.09, 0.0225, 0.0025 over 0.285.
  expect_shares(logits_of(kFive), {.temperature = 0.5},
                {0.16 / 0.285, 0.01 / 0.285, 0.09 / 0.285, 0.0225 / 0.285, 0.0025 / 0.285});
  const Draw draw = draw_one(logits_of(kFive), {.temperature = 0.5}, 0.0f);
  EXPECT_NEAR(draw.logp, std::log(0.16 / 0.285), 1e-6);
}

TEST(Sampler, TopKKeepsTheKMostLikely) {
  expect_shares(logits_of(kFive), {.top_k = 2}, {4.0 / 7, 0, 3.0 / 7, 0, 0});
  expect_shares(logits_of(kFive), {.top_k = 1}, {1, 0, 0, 0, 0});
  expect_shares(logits_of(kFive), {.top_k = 9}, {0.4, 0.1, 0.3, 0.15, 0.05});
}

TEST(Sampler, TopPKeepsTheSmallestSetThatReachesIt) {
  expect_shares(logits_of(kFive), {.top_p = 0.0}, {1, 0, 0, 0, 0});
  expect_shares(logits_of(kFive), {.top_p = 0.39}, {1, 0, 0, 0, 0});
  expect_shares(logits_of(kFive), {.top_p = 0.65}, {4.0 / 7, 0, 3.0 / 7, 0, 0});
  expect_shares(logits_of(kFive), {.top_p = 0.75}, {0.4 / 0.85, 0, 0.3 / 0.85, 0.15 / 0.85, 0});
}

TEST(Sampler, MinPIsRelativeToTheMostLikely) {
  expect_shares(logits_of(kFive), {.min_p = 0.3}, {0.4 / 0.85, 0, 0.3 / 0.85, 0.15 / 0.85, 0});
  expect_shares(logits_of(kFive), {.min_p = 1.0}, {1, 0, 0, 0, 0});
}

TEST(Sampler, FiltersApplyOneAfterTheOther) {
  // Top-3 leaves 0.4, 0.3, 0.15 of 0.85: 0.7 / 0.85 = 0.82 reaches 0.8, which 0.7 of the whole would not.
  expect_shares(logits_of(kFive), {.top_k = 3, .top_p = 0.8}, {4.0 / 7, 0, 3.0 / 7, 0, 0});
  expect_shares(logits_of(kFive), {.top_k = 3, .min_p = 0.5}, {4.0 / 7, 0, 3.0 / 7, 0, 0});
  expect_shares(logits_of(kFive), {.top_p = 0.9, .min_p = 0.5}, {4.0 / 7, 0, 3.0 / 7, 0, 0});
  expect_shares(logits_of(kFive), {.top_k = 4, .top_p = 0.95, .min_p = 0.9}, {1, 0, 0, 0, 0});
}

TEST(Sampler, TiesKeepTheLowerId) {
  const at::Tensor equal = rows({{1, 1, 1, 1}});
  expect_shares(equal, {.top_k = 2}, {0.5, 0.5, 0, 0});
  expect_shares(equal, {.top_p = 0.3}, {0.5, 0.5, 0, 0});
  expect_shares(equal, {.min_p = 1.0}, {0.25, 0.25, 0.25, 0.25});
  expect_shares(rows({{0, 2, 1, 2, 1}}), {.top_k = 3},
                {0, 1 / (2 + std::exp(-1.0)), std::exp(-1.0) / (2 + std::exp(-1.0)), 1 / (2 + std::exp(-1.0)), 0});
}

TEST(Sampler, GreedyTakesTheLowestOfTheLargest) {
  const at::Tensor logits = rows({{0, 3, 1, 3}, {5, 5, 5, 5}, {-1, -2, -3, 0}});
  const std::vector<Draw> draws = sample(logits, {.temperature = 0}, {0.9f, 0.9f, 0.9f});
  EXPECT_EQ(tokens_of(draws), (std::vector<int64_t>{1, 0, 3}));
  EXPECT_NEAR(draws[1].logp, std::log(0.25), 1e-6);
  for (const Draw& draw : draws) EXPECT_EQ(draw.sampling_logp, 0.0f);
}

TEST(Sampler, NeverReturnsAnImpossibleToken) {
  const at::Tensor logits = rows({{-1000, 0, -1000, 0, -1000}});
  expect_shares(logits, {}, {0, 0.5, 0, 0.5, 0});
  EXPECT_EQ(draw_one(logits, {}, 0.0f).token, 1);
  EXPECT_EQ(draw_one(logits, {}, 1 - 0x1p-24f).token, 3);
  // Four tokens are asked for, two are possible.
  expect_shares(logits, {.top_k = 4}, {0, 0.5, 0, 0.5, 0});
}

TEST(Sampler, FrequenciesFollowSoftmax) {
  // Pearson's statistic of 100,000 draws with 5 degrees of freedom: above 20.5 with probability 0.001.
  const std::vector<double> logits = {1.0, -0.5, 0.3, 2.0, -2.0, 0.0};
  const int64_t count = 100'000;
  std::vector<double> seen(6), p(6);
  for (size_t i = 0; i < 6; ++i) p[i] = std::exp(logits[i]);
  const double total = std::accumulate(p.begin(), p.end(), 0.0);
  const at::Tensor row = rows({{1.0f, -0.5f, 0.3f, 2.0f, -2.0f, 0.0f}});
  for (const Draw& draw : sample(row.expand({count, -1}), {}, random_uniforms(count, 7))) ++seen[draw.token];
  double chi_square = 0;
  for (size_t i = 0; i < 6; ++i) {
    const double expected = double(count) * p[i] / total;
    chi_square += (seen[i] - expected) * (seen[i] - expected) / expected;
  }
  EXPECT_LT(chi_square, 20.5);
}

TEST(Sampler, LogProbsAreTheTrainersBits) {
  const at::Tensor logits = random_logits(33, 100, 3.0, 5);
  for (const double temperature : {1.0, 0.7, 1.3}) {
    const std::vector<Draw> draws = sample(logits, {.temperature = temperature}, random_uniforms(33, 1));
    const std::vector<int64_t> tokens = tokens_of(draws);
    const at::Tensor expected = model::logp_of(logits, at::tensor(at::ArrayRef<int64_t>(tokens)), temperature);
    for (size_t i = 0; i < draws.size(); ++i) {
      EXPECT_EQ(draws[i].logp, expected[int64_t(i)].item<float>());
      EXPECT_EQ(draws[i].sampling_logp, draws[i].logp);  // no filter
    }
  }
}

TEST(Sampler, SamplingLogProbIsOverTheKeptTokens) {
  const Draw draw = draw_one(logits_of(kFive), {.top_k = 2}, 0.9f);
  EXPECT_EQ(draw.token, 2);
  EXPECT_NEAR(draw.logp, std::log(0.3), 1e-6);
  EXPECT_NEAR(draw.sampling_logp, std::log(3.0 / 7), 1e-6);
  EXPECT_NEAR(draw_one(logits_of(kFive), {.top_k = 1}, 0.9f).sampling_logp, 0.0, 1e-6);
  EXPECT_LE(draw_one(logits_of(kFive), {.top_k = 1}, 0.9f).sampling_logp, 0.0f);
  // A filter that drops nothing changes nothing.
  const Draw all = draw_one(logits_of(kFive), {.top_k = 5, .top_p = 0.9999, .min_p = 0.01}, 0.9f);
  EXPECT_EQ(all.sampling_logp, all.logp);
}

// The tokens that are kept, the slow way: sort everything.
std::set<int64_t> kept_by_sorting(const at::Tensor& logits_V, const SamplingConfig& config) {
  const at::Tensor p = logits_V.sub(logits_V.max()).exp();
  std::vector<int64_t> ids(p.size(0));
  std::iota(ids.begin(), ids.end(), 0);
  const float* w = p.const_data_ptr<float>();
  std::stable_sort(ids.begin(), ids.end(), [w](int64_t a, int64_t b) { return w[a] > w[b]; });
  if (config.top_k > 0) ids.resize(std::min<size_t>(ids.size(), config.top_k));
  double mass = 0, sum = 0;
  for (const int64_t id : ids) mass += w[id];
  std::set<int64_t> kept;
  for (const int64_t id : ids) {
    if (config.top_p < 1 && sum >= config.top_p * mass && !kept.empty()) break;
    sum += w[id];
    if (w[id] >= config.min_p) kept.insert(id);
  }
  return kept;
}

TEST(Sampler, FiltersALargeVocabularyAsSortingWould) {
  const int64_t vocab = 30'000;
  const at::Tensor logits = random_logits(1, vocab, 1.5, 11);
  const std::vector<SamplingConfig> configs = {{.top_k = 50},   {.top_p = 0.3},
                                               {.top_p = 0.9},  {.top_k = 2000, .top_p = 0.95},
                                               {.min_p = 0.05}, {.top_k = 500, .top_p = 0.99, .min_p = 0.02}};
  for (const SamplingConfig& config : configs) {
    const std::set<int64_t> kept = kept_by_sorting(logits[0], config);
    double share = 0;
    const at::Tensor p = logits[0].to(at::kDouble).softmax(0);
    for (const int64_t id : kept) share += p[id].item<double>();
    for (const Draw& draw : sample(logits.expand({64, -1}), config, random_uniforms(64, 3))) {
      EXPECT_TRUE(kept.contains(draw.token)) << draw.token;
      EXPECT_NEAR(draw.sampling_logp, draw.logp - std::log(share), 1e-5);
    }
    // The borders of the kept set, in vocabulary order.
    EXPECT_EQ(draw_one(logits, config, 0.0f).token, *kept.begin());
    EXPECT_EQ(draw_one(logits, config, 1 - 0x1p-24f).token, *kept.rbegin());
  }
}

TEST(Sampler, ThreadsDoNotChangeDraws) {
  const at::Tensor logits = random_logits(64, 5000, 2.0, 2);
  const int before = num_threads();
  set_num_threads(1);
  const std::vector<Draw> one = sample(logits, {.top_p = 0.9}, random_uniforms(64, 4));
  set_num_threads(2);
  const std::vector<Draw> two = sample(logits, {.top_p = 0.9}, random_uniforms(64, 4));
  set_num_threads(before);
  EXPECT_EQ(tokens_of(one), tokens_of(two));
  for (size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].sampling_logp, two[i].sampling_logp);
}

TEST(Sampler, DeviceOperationsDrawTheSameTokens) {
  const at::Tensor logits = random_logits(400, 257, 2.0, 21);
  const std::vector<float> uniforms = random_uniforms(400, 22);
  const std::vector<SamplingConfig> configs = {{},
                                               {.temperature = 0},
                                               {.temperature = 0.6},
                                               {.top_k = 5},
                                               {.top_p = 0.8},
                                               {.min_p = 0.1},
                                               {.temperature = 1.5, .top_k = 40, .top_p = 0.7, .min_p = 0.05},
                                               {.top_p = 0.0}};
  for (const SamplingConfig& config : configs) {
    const std::vector<Draw> host = sample(logits, config, uniforms), device = sample_on_device(logits, config, uniforms);
    EXPECT_EQ(tokens_of(host), tokens_of(device));
    for (size_t i = 0; i < host.size(); ++i) {
      EXPECT_EQ(host[i].logp, device[i].logp);
      EXPECT_NEAR(host[i].sampling_logp, device[i].sampling_logp, 1e-5);  // exp of two libraries
    }
  }
  const at::Tensor ties = rows({{0, 3, 1, 3}, {1, 1, 1, 1}});
  EXPECT_EQ(tokens_of(sample_on_device(ties, {.temperature = 0}, {0, 0})), (std::vector<int64_t>{1, 0}));
  EXPECT_EQ(tokens_of(sample_on_device(ties, {.top_k = 2}, {0.99f, 0.99f})), (std::vector<int64_t>{3, 1}));
}

TEST(Sampler, OtherTypesOfLogits) {
  for (const at::ScalarType type : {at::kDouble, at::kBFloat16}) {
    const at::Tensor logits = random_logits(8, 50, 1.0, 9).to(type);
    const std::vector<Draw> draws = sample(logits, {}, random_uniforms(8, 9));
    const at::Tensor expected = logits.to(at::kDouble).log_softmax(1);
    for (int64_t i = 0; i < 8; ++i) EXPECT_NEAR(draws[i].logp, expected[i][draws[i].token].item<double>(), 1e-5);
  }
}

TEST(Sampler, RefusesLogitsThatAreNotFinite) {
  const float inf = std::numeric_limits<float>::infinity();
  for (const float bad : {inf, -inf, std::nanf("")}) {
    for (const double temperature : {0.0, 1.0}) {
      const at::Tensor logits = rows({{0, 1, 2}, {1, 2, 3}, {1, bad, 3}, {bad, 0, 0}});
      const std::vector<float> uniforms(4, 0.5f);
      for (const auto& draw : {sample, sample_on_device}) {
        try {
          draw(logits, {.temperature = temperature}, uniforms);
          ADD_FAILURE() << "accepted " << bad;
        } catch (const NonFiniteLogits& error) {
          EXPECT_EQ(error.row, 2);
          EXPECT_THAT(error.what(), HasSubstr("row 2"));
        }
      }
    }
  }
}

TEST(Sampler, RefusesBadSettings) {
  const at::Tensor logits = logits_of(kFive);
  const std::vector<SamplingConfig> configs = {{.temperature = -1}, {.temperature = 1e-9}, {.temperature = std::nan("")},
                                               {.top_k = -1},       {.top_p = 1.5},        {.top_p = std::nan("")},
                                               {.min_p = -0.1}};
  for (const SamplingConfig& config : configs) EXPECT_THROW(draw_one(logits, config, 0.5f), ConfigError);
}

TEST(Sampler, NothingToDraw) {
  EXPECT_TRUE(sample(at::empty({0, 5}, at::kFloat), {}, {}).empty());
  EXPECT_TRUE(sample_on_device(at::empty({0, 5}, at::kFloat), {}, {}).empty());
}

}  // namespace
}  // namespace r1::rollout
