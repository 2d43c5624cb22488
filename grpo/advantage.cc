#include "grpo/advantage.h"

#include <algorithm>
#include <cmath>

namespace r1::grpo {
namespace {

struct Moments {
  double mean = 0, std = 0;
  bool all_equal = true;
};

// Two passes, in order: the result depends on nothing but the values. Equality is tested on the
// values themselves, because their rounded mean may differ from all of them.
Moments moments(const std::vector<double>& values, int ddof) {
  Moments m;
  if (values.empty()) return m;
  const auto count = static_cast<double>(values.size());
  for (double v : values) m.mean += v;
  m.mean /= count;
  m.all_equal = std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; });
  if (m.all_equal) return m;
  double squares = 0;
  for (double v : values) squares += (v - m.mean) * (v - m.mean);
  m.std = std::sqrt(squares / (count - ddof));
  return m;
}

std::vector<double> usable_rewards(const std::vector<double>& rewards_G, const std::vector<bool>& usable_G, size_t group) {
  R1_CHECK(rewards_G.size() == usable_G.size(), "rewards and usable differ in length");
  std::vector<double> kept;
  for (size_t i = 0; i < rewards_G.size(); ++i) {
    if (!usable_G[i]) continue;
    if (!std::isfinite(rewards_G[i])) {
      throw DataError("reward of completion " + std::to_string(i) + " of group " + std::to_string(group) + " is " +
                      std::to_string(rewards_G[i]) + ": rewards must be finite; a row without a score must be marked unusable");
    }
    kept.push_back(rewards_G[i]);
  }
  return kept;
}

}  // namespace

Advantages group_advantages(const std::vector<std::vector<double>>& rewards_PG, const std::vector<std::vector<bool>>& usable_PG,
                            const AdvantageConfig& config) {
  R1_CHECK(rewards_PG.size() == usable_PG.size(), "rewards and usable differ in groups");
  std::vector<Moments> groups;
  std::vector<double> all;
  Advantages out;
  for (size_t p = 0; p < rewards_PG.size(); ++p) {
    const std::vector<double> kept = usable_rewards(rewards_PG[p], usable_PG[p], p);
    groups.push_back(moments(kept, config.std_ddof));
    all.insert(all.end(), kept.begin(), kept.end());
    out.usable_groups += !kept.empty();
    out.zero_std_groups += !kept.empty() && groups.back().all_equal;
    out.group_std.push_back(groups.back().std);
  }
  const Moments batch = moments(all, config.std_ddof);
  out.mean = batch.mean;
  out.std = batch.std;

  for (size_t p = 0; p < rewards_PG.size(); ++p) {
    const Moments& group = groups[p];
    const double scale =
        config.scale_rewards == "none" ? 1.0 : (config.scale_rewards == "batch" ? batch.std : group.std) + config.epsilon;
    std::vector<double> values_G(rewards_PG[p].size(), 0.0);
    for (size_t i = 0; i < values_G.size(); ++i) {
      if (usable_PG[p][i] && !group.all_equal) values_G[i] = (rewards_PG[p][i] - group.mean) / scale;
    }
    out.values_PG.push_back(std::move(values_G));
  }
  return out;
}

}  // namespace r1::grpo
