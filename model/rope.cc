#include "model/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace r1::model {
namespace {

// Positions in which a pair turns by one radian: theta^(2i / head_dim), in fp32 as torch computes
// it.
std::vector<float> radian_periods(int64_t head_dim, double theta) {
  std::vector<float> periods;
  for (int64_t i = 0; i < head_dim; i += 2) {
    const float exponent = static_cast<float>(i) / static_cast<float>(head_dim);
    periods.push_back(static_cast<float>(
        std::pow(static_cast<double>(static_cast<float>(theta)), static_cast<double>(exponent))));
  }
  return periods;
}

void scale_linear(std::vector<float>& inverse, const RopeScaling& scaling) {
  for (float& frequency : inverse) frequency /= static_cast<float>(scaling.factor);
}

// Long periods are stretched by `factor`, short ones kept, those between interpolated.
void scale_llama3(std::vector<float>& inverse, const RopeScaling& scaling) {
  const auto context = static_cast<double>(scaling.original_max_position_embeddings);
  const double low = scaling.low_freq_factor, high = scaling.high_freq_factor;
  const auto longest_kept = static_cast<float>(context / high),
             shortest_stretched = static_cast<float>(context / low);
  const auto factor = static_cast<float>(scaling.factor);
  for (float& frequency : inverse) {
    const float wave = static_cast<float>(2 * std::numbers::pi) / frequency;
    if (wave > shortest_stretched) {
      frequency /= factor;
    } else if (!(wave < longest_kept)) {
      const float smooth = (static_cast<float>(context) / wave - static_cast<float>(low)) /
                           static_cast<float>(high - low);
      frequency = (1.0f - smooth) * frequency / factor + smooth * frequency;
    }
  }
}

// The pair that turns `rotations` times over the original context.
double yarn_dimension(double rotations, int64_t head_dim, double theta, int64_t context) {
  return static_cast<double>(head_dim) *
         std::log(static_cast<double>(context) / (rotations * 2 * std::numbers::pi)) /
         (2 * std::log(theta));
}

double yarn_mscale(double factor, double mscale) {
  return factor <= 1 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

float yarn_attention_factor(const RopeScaling& s) {
  if (s.attention_factor) return static_cast<float>(*s.attention_factor);
  const double mscale = s.mscale.value_or(0), all_dim = s.mscale_all_dim.value_or(0);
  if (mscale != 0 && all_dim != 0)
    return static_cast<float>(yarn_mscale(s.factor, mscale) / yarn_mscale(s.factor, all_dim));
  return static_cast<float>(yarn_mscale(s.factor, 1.0));
}

// Pairs that turn often over the original context keep their frequency, those that turn rarely are
// divided by `factor`, a ramp lies between.
void scale_yarn(std::vector<float>& inverse, const std::vector<float>& periods, double theta,
                const RopeScaling& s) {
  const auto head_dim = static_cast<int64_t>(2 * inverse.size());
  const int64_t context = s.original_max_position_embeddings;
  double low = yarn_dimension(s.beta_fast.value_or(32), head_dim, theta, context),
         high = yarn_dimension(s.beta_slow.value_or(1), head_dim, theta, context);
  if (s.truncate.value_or(true)) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(head_dim - 1));
  if (low == high) high += 0.001;
  for (size_t i = 0; i < inverse.size(); ++i) {
    const float place =
        (static_cast<float>(i) - static_cast<float>(low)) / static_cast<float>(high - low);
    const float kept = 1.0f - std::clamp(place, 0.0f, 1.0f);
    const float stretched = 1.0f / (static_cast<float>(s.factor) * periods[i]);
    inverse[i] = stretched * (1.0f - kept) + inverse[i] * kept;
  }
}

}  // namespace

RopeFrequencies rope_frequencies(int64_t head_dim, double theta, const RopeScaling& scaling) {
  const std::vector<float> periods = radian_periods(head_dim, theta);
  RopeFrequencies frequencies;
  for (const float wave : periods) frequencies.inverse.push_back(1.0f / wave);
  if (scaling.type == "linear") scale_linear(frequencies.inverse, scaling);
  if (scaling.type == "llama3") scale_llama3(frequencies.inverse, scaling);
  if (scaling.type == "yarn") {
    scale_yarn(frequencies.inverse, periods, theta, scaling);
    frequencies.attention_factor = yarn_attention_factor(scaling);
  }
  return frequencies;
}

}  // namespace r1::model
