#include "distill/collect.h"

namespace r1::distill {

std::vector<Json> TraceFilter::accept(const std::string& prompt,
                                      const std::vector<Candidate>& candidates) {
  std::vector<Json> rows;
  std::set<std::string>& kept = kept_[prompt];
  for (const Candidate& candidate : candidates) {
    ++counts_.seen;
    if (!candidate.score.usable)
      ++counts_.unusable;
    else if (candidate.truncated && !config_.keep_truncated)
      ++counts_.truncated;
    else if (candidate.score.value < config_.min_reward)
      ++counts_.low_reward;
    else if (config_.max_traces_per_prompt > 0 &&
             static_cast<int64_t>(kept.size()) >= config_.max_traces_per_prompt)
      ++counts_.over_limit;
    else if (!kept.insert(candidate.completion).second)
      ++counts_.duplicate;
    else
      rows.push_back({{"prompt", prompt},
                      {"completion", candidate.completion},
                      {"reward", candidate.score.value}});
  }
  counts_.kept += static_cast<int64_t>(rows.size());
  return rows;
}

Json to_json(const TraceFilter::Counts& c) {
  return {{"sampled", c.seen},         {"kept", c.kept},           {"low_reward", c.low_reward},
          {"unusable", c.unusable},    {"truncated", c.truncated}, {"duplicate", c.duplicate},
          {"over_limit", c.over_limit}};
}

}  // namespace r1::distill
