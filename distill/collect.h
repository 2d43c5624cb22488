// Teacher traces: the completions of a policy that a rubric verified, deduplicated, as rows to
// train a student on.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/json.h"
#include "rewards/rubric.h"

namespace r1::distill {

struct FilterConfig {
  double min_reward = 1.0;
  int64_t max_traces_per_prompt = 4;
  bool keep_truncated = false;

  template <class V>
  void visit(V& v) {
    v.field("min_reward", min_reward, "traces whose weighted reward is below this are dropped",
            Range{-1e6, 1e6});
    v.field("max_traces_per_prompt", max_traces_per_prompt,
            "distinct traces kept of one prompt, the first ones; 0: all", Range{0, 1e6});
    v.field("keep_truncated", keep_truncated, "keep verified traces that were cut by length");
  }
};

struct Candidate {
  std::string completion;
  bool truncated = false;
  rewards::RubricScore score;
};

// Adds groups up and hands out rows {"prompt", "completion", "reward"}. What was dropped is counted
// by cause.
class TraceFilter {
 public:
  explicit TraceFilter(const FilterConfig& config) : config_(config) {}
  // Rows of one prompt that pass, in order. Identical completions of the same prompt count once and
  // the limit holds for a prompt, also across calls.
  std::vector<Json> accept(const std::string& prompt, const std::vector<Candidate>& candidates);
  struct Counts {
    int64_t seen = 0, kept = 0, low_reward = 0, unusable = 0, truncated = 0, duplicate = 0,
            over_limit = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  FilterConfig config_;
  Counts counts_;
  std::map<std::string, std::set<std::string>> kept_;  // completions by prompt
};

Json to_json(const TraceFilter::Counts& counts);

}  // namespace r1::distill
