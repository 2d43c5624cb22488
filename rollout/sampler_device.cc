#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "model/token_logprobs.h"
#include "rollout/sampler.h"

namespace r1::rollout {
namespace {

constexpr double kUnitsOfOne = double(int64_t{1} << 46);
constexpr int64_t kMaxElements = int64_t{1} << 25;  // of one [rows, V] temporary

// Per row the tokens that survive top-k, top-p and min-p. probs_BV: fp32, rows sum to 1.
at::Tensor kept_tokens(const at::Tensor& probs_BV, const SamplingConfig& config) {
  const int64_t size = probs_BV.size(1);
  at::Tensor kept_BV = probs_BV > 0;
  if (config.min_p > 0) {
    kept_BV = kept_BV.logical_and(probs_BV.ge(probs_BV.amax(1, true).mul(config.min_p)));
  }
  const bool top_k = config.top_k > 0 && config.top_k < size;
  if (!top_k && config.top_p >= 1.0) return kept_BV;
  auto [sorted_BV, ids_BV] = at::sort(probs_BV, /*stable=*/true, /*dim=*/1, /*descending=*/true);
  if (top_k) sorted_BV = sorted_BV.slice(1, 0, config.top_k);
  at::Tensor survives_BV = at::ones_like(sorted_BV, at::kBool);
  if (config.top_p < 1.0) {
    const at::Tensor units_BV = sorted_BV.to(at::kDouble).mul(kUnitsOfOne).round().to(at::kLong);
    const at::Tensor sum_BV = units_BV.cumsum(1);
    const at::Tensor mass_B1 = sum_BV.slice(1, -1).to(at::kDouble);
    // A token survives while those before it have not reached top_p; the first one always does.
    survives_BV = (sum_BV - units_BV).to(at::kDouble) < mass_B1.mul(config.top_p);
    survives_BV.slice(1, 0, 1).fill_(true);
  }
  const at::Tensor rank_BV = at::zeros_like(kept_BV).scatter_(1, ids_BV.slice(1, 0, survives_BV.size(1)), survives_BV);
  return kept_BV.logical_and(rank_BV);
}

struct DeviceDraws {
  at::Tensor tokens_B;    // int64
  at::Tensor log_kept_B;  // fp64: log of the kept share of the probability
};

DeviceDraws draw(const at::Tensor& logits_BV, const SamplingConfig& config, const at::Tensor& uniforms_B) {
  const at::Tensor values_BV = logits_BV.to(at::kFloat);
  if (config.temperature == 0) {
    // argmax may return any of several equal ones: take the first by hand.
    const at::Tensor first_B = values_BV.eq(values_BV.amax(1, true)).to(at::kByte).cumsum(1).eq(0).sum(1);
    return {first_B.clamp_max(values_BV.size(1) - 1), at::zeros_like(first_B, at::kDouble)};
  }
  const at::Tensor largest_B1 = values_BV.amax(1, true);
  const at::Tensor probs_BV = (values_BV - largest_B1).mul(1.0 / config.temperature).softmax(1);
  const at::Tensor kept_BV = kept_tokens(probs_BV, config);
  const at::Tensor units_BV = probs_BV.to(at::kDouble).mul(kUnitsOfOne).round().to(at::kLong);
  const at::Tensor sum_BV = units_BV.mul(kept_BV).cumsum(1);
  const at::Tensor kept_B1 = sum_BV.slice(1, -1);
  const at::Tensor target_B1 = uniforms_B.to(at::kDouble).unsqueeze(1).mul(kept_B1).floor().to(at::kLong);
  // Integers: the first sum above the target belongs to a token of at least one unit. The clamp is for rows that are not
  // finite, which the caller refuses.
  const at::Tensor tokens_B = sum_BV.le(target_B1).sum(1).clamp_max(values_BV.size(1) - 1);
  const at::Tensor share_B = kept_B1.to(at::kDouble).div(units_BV.sum(1, true).to(at::kDouble)).squeeze(1);
  return {tokens_B, share_B.log()};
}

// [4, rows] fp64: token, log-prob, log of the kept share, 1 when all logits are finite. Ids are exact below 2^53.
at::Tensor draw_rows(const at::Tensor& logits_BV, const SamplingConfig& config, const at::Tensor& uniforms_B) {
  const DeviceDraws draws = draw(logits_BV, config, uniforms_B);
  const double temperature = config.temperature == 0 ? 1.0 : config.temperature;
  const at::Tensor logp_B = model::logp_of(logits_BV, draws.tokens_B, temperature);
  const at::Tensor finite_B = logits_BV.isfinite().all(1);
  return at::stack({draws.tokens_B.to(at::kDouble), logp_B.to(at::kDouble), draws.log_kept_B, finite_B.to(at::kDouble)});
}

}  // namespace

std::vector<Draw> sample_on_device(const at::Tensor& logits_BV, const SamplingConfig& config,
                                   const std::vector<float>& uniforms) {
  check(config);
  const int64_t rows = logits_BV.size(0), chunk = std::max<int64_t>(1, kMaxElements / logits_BV.size(1));
  R1_CHECK(rows == int64_t(uniforms.size()), "one uniform per row");
  if (rows == 0) return {};
  const at::Tensor uniforms_B = at::tensor(at::ArrayRef<float>(uniforms), at::kFloat).to(logits_BV.device());
  std::vector<at::Tensor> parts;
  for (int64_t begin = 0; begin < rows; begin += chunk) {
    const int64_t end = std::min(rows, begin + chunk);
    parts.push_back(draw_rows(logits_BV.detach().slice(0, begin, end).contiguous(), config, uniforms_B.slice(0, begin, end)));
  }
  const at::Tensor host_4B = at::cat(parts, 1).to(at::kCPU).contiguous();
  const auto table = host_4B.accessor<double, 2>();
  std::vector<Draw> draws(rows);
  for (int64_t row = 0; row < rows; ++row) {
    if (table[3][row] == 0) {
      throw NonFiniteLogits(row, "row " + std::to_string(row) + " of the batch");
    }
    const float logp = float(table[1][row]);
    const double log_kept = config.temperature == 0 ? double(logp) : table[2][row];
    draws[row] = {int64_t(table[0][row]), logp, logp_among_kept(logp, log_kept)};
  }
  return draws;
}

}  // namespace r1::rollout
