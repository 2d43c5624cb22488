#include "rollout/sampler.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

#include "base/error.h"
#include "base/parallel.h"
#include "model/token_logprobs.h"

namespace r1::rollout {
namespace {

// Probabilities of a row relative to its most likely token, so the largest weight is 1.
using Weights = std::vector<float>;

// The kept tokens: those before or at `id` in the order of falling weight and, among equals, rising id.
struct Cut {
  float weight = 0;
  int64_t id = -1;
  double floor = 0;  // min-p

  bool keeps(float w, int64_t i) const { return w > 0 && double(w) >= floor && (w > weight || (w == weight && i <= id)); }
};

int64_t argmax(const float* logits, int64_t size) { return std::max_element(logits, logits + size) - logits; }

bool all_finite(const float* logits, int64_t size) {
  float sum = 0;  // x * 0 is NaN exactly when x is not finite
  for (int64_t i = 0; i < size; ++i) sum += logits[i] * 0.0f;
  return sum == 0;
}

void relative_weights(const float* logits, double temperature, Weights& weights) {
  const int64_t size = int64_t(weights.size());
  const float largest = logits[argmax(logits, size)];
  const float inverse = float(1.0 / temperature);
  for (int64_t i = 0; i < size; ++i) weights[i] = std::exp((logits[i] - largest) * inverse);
}

// Token ids by falling weight, brought into order only as far as somebody asks.
class Ranking {
  auto before() const {
    return [this](int32_t a, int32_t b) { return weights_[a] != weights_[b] ? weights_[a] > weights_[b] : a < b; };
  }

 public:
  explicit Ranking(const Weights& weights) : weights_(weights), ids_(weights.size()) { std::iota(ids_.begin(), ids_.end(), 0); }
  // The count most likely ids come before all others (in no order).
  void select(int64_t count) {
    if (count >= int64_t(ids_.size())) return;
    std::nth_element(ids_.begin(), ids_.begin() + count - 1, ids_.end(), before());
    limit_ = count;
  }
  int32_t at(int64_t rank) {
    while (rank >= sorted_) {
      const int64_t end = std::min(size(), std::max<int64_t>(64, 4 * sorted_));
      const auto first = ids_.begin() + sorted_, middle = ids_.begin() + end;
      if (end < size()) std::nth_element(first, middle - 1, ids_.begin() + size(), before());
      std::sort(first, middle, before());
      sorted_ = end;
    }
    return ids_[rank];
  }
  // The least likely of the selected ids; to be asked before at().
  int32_t last() const { return ids_[size() - 1]; }
  int64_t size() const { return limit_ < 0 ? int64_t(ids_.size()) : limit_; }
  double mass() const {
    double sum = 0;
    for (int64_t i = 0; i < size(); ++i) sum += weights_[ids_[i]];
    return sum;
  }

 private:
  const Weights& weights_;
  std::vector<int32_t> ids_;
  int64_t sorted_ = 0, limit_ = -1;
};

Cut find_cut(const Weights& weights, const SamplingConfig& config) {
  Cut cut;
  cut.floor = config.min_p;
  const int64_t size = int64_t(weights.size());
  const bool top_k = config.top_k > 0 && config.top_k < size;
  if (!top_k && config.top_p >= 1.0) return cut;
  Ranking ranking(weights);
  if (top_k) ranking.select(config.top_k);
  cut.id = ranking.last();
  if (config.top_p < 1.0) {
    const double wanted = config.top_p * ranking.mass();
    double sum = 0;
    for (int64_t rank = 0; rank < ranking.size(); ++rank) {
      cut.id = ranking.at(rank);
      sum += weights[cut.id];
      if (sum >= wanted) break;
    }
  }
  cut.weight = weights[cut.id];
  return cut;
}

struct Choice {
  int64_t token = 0;
  double kept_share = 1;  // of the whole probability
};

Choice choose(const Weights& weights, const Cut& cut, double uniform) {
  const int64_t size = int64_t(weights.size());
  double total = 0, kept = 0;
  for (int64_t i = 0; i < size; ++i) {
    total += weights[i];
    if (cut.keeps(weights[i], i)) kept += weights[i];
  }
  const double target = uniform * kept;
  double sum = 0;
  Choice choice;
  choice.kept_share = kept / total;
  for (int64_t i = 0; i < size; ++i) {
    if (!cut.keeps(weights[i], i)) continue;
    sum += weights[i];
    choice.token = i;  // stays the last kept token when rounding leaves a gap at the end
    if (sum > target) break;
  }
  return choice;
}

}  // namespace

NonFiniteLogits::NonFiniteLogits(int64_t bad_row, const std::string& where)
    : Error(where +
            ": the model gave logits that are not finite; its weights have diverged or overflow "
            "their type. Lower the learning rate, or use dtype float32 or bfloat16"),
      row(bad_row) {}

void check(const SamplingConfig& config) {
  // Below this, float logits divided by the temperature have no digits left.
  constexpr double kMinTemperature = 1e-3;
  const auto fail = [](const std::string& name, double value, const std::string& wanted) {
    throw ConfigError("sampling: " + name + " is " + std::to_string(value) + ", must be " + wanted);
  };
  if (!(config.temperature == 0 || config.temperature >= kMinTemperature) || !std::isfinite(config.temperature)) {
    fail("temperature", config.temperature, "0 (the most likely token) or at least 0.001");
  }
  if (config.top_k < 0) fail("top_k", double(config.top_k), "0 (off) or more");
  if (!(config.top_p >= 0 && config.top_p <= 1)) fail("top_p", config.top_p, "in [0, 1]");
  if (!(config.min_p >= 0 && config.min_p <= 1)) fail("min_p", config.min_p, "in [0, 1]");
}

float logp_among_kept(float logp, double log_kept) {
  if (log_kept == 0) return logp;
  return float(std::min(0.0, double(logp) - log_kept));  // rounding must not give more than certainty
}

std::vector<Draw> sample(const at::Tensor& logits_BV, const SamplingConfig& config, const std::vector<float>& uniforms) {
  check(config);
  const int64_t rows = logits_BV.size(0), size = logits_BV.size(1);
  R1_CHECK(rows == int64_t(uniforms.size()), "one uniform per row");
  if (rows == 0) return {};
  if (!logits_BV.is_cpu()) return sample_on_device(logits_BV, config, uniforms);

  const at::Tensor dense_BV = logits_BV.detach().contiguous();
  const at::Tensor values_BV = dense_BV.to(at::kFloat);
  const float* values = values_BV.const_data_ptr<float>();
  at::Tensor tokens_B = at::empty({rows}, at::kLong);
  int64_t* tokens = tokens_B.mutable_data_ptr<int64_t>();
  std::vector<double> log_kept(rows);
  const bool greedy = config.temperature == 0;
  parallel_for(rows, std::max<int64_t>(1, 8192 / size), [&](int64_t begin, int64_t end) {
    Weights weights(greedy ? 0 : size);
    for (int64_t row = begin; row < end; ++row) {
      const float* logits = values + row * size;
      if (!all_finite(logits, size)) {
        throw NonFiniteLogits(row, "row " + std::to_string(row) + " of the batch");
      }
      if (greedy) {
        tokens[row] = argmax(logits, size);
        continue;
      }
      relative_weights(logits, config.temperature, weights);
      const Choice choice = choose(weights, find_cut(weights, config), uniforms[row]);
      tokens[row] = choice.token;
      log_kept[row] = std::log(choice.kept_share);
    }
  });
  const at::Tensor logp_B = model::logp_of(dense_BV, tokens_B, greedy ? 1.0 : config.temperature).to(at::kFloat);
  const float* logp = logp_B.const_data_ptr<float>();
  std::vector<Draw> draws(rows);
  for (int64_t row = 0; row < rows; ++row) {
    const double kept = greedy ? double(logp[row]) : log_kept[row];
    draws[row] = {tokens[row], logp[row], logp_among_kept(logp[row], kept)};
  }
  return draws;
}

}  // namespace r1::rollout
