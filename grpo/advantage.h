// Group-relative advantages (DeepSeekMath, arXiv 2402.03300, section 4.1; Dr. GRPO, arXiv 2503.20783).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"

namespace r1::grpo {

struct AdvantageConfig {
  std::string scale_rewards = "group";
  int std_ddof = 1;
  double epsilon = 1e-4;

  template <class V>
  void visit(V& v) {
    v.field("scale_rewards", scale_rewards,
            "what centred rewards are divided by: their group's standard deviation, the batch's, "
            "or nothing (Dr. GRPO)",
            OneOf{"group", "batch", "none"});
    v.field("std_ddof", std_ddof, "1: sample standard deviation (torch, TRL, verl); 0: population", Range{0, 1});
    v.field("advantage_epsilon", epsilon, "added to the standard deviation (TRL: 1e-4)", Range{0.0, 1.0});
  }
};

struct Advantages {
  std::vector<std::vector<double>> values_PG;  // per group, per completion; 0 for unusable rows
  std::vector<double> group_std;               // per group, over its usable rows
  int64_t zero_std_groups = 0;                 // groups with usable rows whose usable rewards are all equal
  int64_t usable_groups = 0;                   // groups with at least one usable row: what zero_std_groups is out of
  double mean = 0, std = 0;                    // of the usable rewards of the batch; 0 when there are none
};

// A_i = (r_i - mean(r)) / (std(r) + epsilon). rewards_PG and usable_PG have the same ragged shape.
// Each group is centred on the mean of its usable rows; a group with equal rewards (or one usable
// row) gives exact zeros, whatever the scale. A standard deviation over fewer than two rewards is 0.
// Throws DataError naming group and row for a non-finite usable reward.
Advantages group_advantages(const std::vector<std::vector<double>>& rewards_PG, const std::vector<std::vector<bool>>& usable_PG,
                            const AdvantageConfig& config);

}  // namespace r1::grpo
