// Several rewards with weights, scored off the caller's thread, with the unweighted breakdown kept.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/config.h"
#include "rewards/reward.h"

namespace r1::rewards {

struct RubricScore {
  double value = 0;                // sum of weight * value over the rewards; NaN when not usable
  bool usable = true;              // false when a reward failed by its own or the reference's fault
  std::vector<RewardScore> parts;  // one per reward, in the rubric's order, unweighted
};

// Names follow TRL: reward_funcs, reward_weights.
struct RubricConfig {
  std::vector<std::string> reward_funcs = {"countdown"};
  std::vector<double> reward_weights;    // empty: 1 for each
  Json reward_configs = Json::object();  // per reward name, its own config object
  std::string truncated = "score";       // a completion cut by length: "score" as it stands, or "zero" (reason truncated)
  double max_failed_share = 0.01;        // a run stops when more of the scored rows than this were rewarder faults

  template <class V>
  void visit(V& v) {
    v.field("reward_funcs", reward_funcs, "names of the rewards, each once");
    v.field("reward_weights", reward_weights, "one weight per reward; an empty list means 1 for each", Range{-1e6, 1e6});
    v.field("reward_configs", reward_configs, "options per reward: {\"countdown\": {\"format\": 0.1}}");
    v.field("truncated", truncated, "a completion cut by length: score it as it stands, or zero (reason truncated)",
            OneOf{"score", "zero"});
    v.field("max_failed_share", max_failed_share,
            "the run stops when a larger share of the scored completions failed by a reward's or reference's fault",
            Range{0.0, 1.0});
  }
};

// Thread safe. Groups are scored on background threads, as many at once as there are cores or as a reward asks for, so that scoring
// overlaps with rollout. The destructor drops what was not scored yet and stops the rewards that are scoring.
class Rubric {
 public:
  // Throws ConfigError, its places prefixed by `path`: no or unknown or doubled reward, another number of weights than
  // rewards, options for a reward that is not used, bad options.
  explicit Rubric(const RubricConfig& config, const std::string& path = "");
  ~Rubric();
  Rubric(const Rubric&) = delete;
  Rubric& operator=(const Rubric&) = delete;
  const std::vector<std::string>& reward_names() const;

  // Scores at once, on the calling thread: one RubricScore per completion. A reward that throws, returns another number of
  // scores or a value that is not finite gives rewarder_failed with the text in details["error"]; nothing of that is thrown.
  // With truncated "zero", a truncated completion gets value 0 and reason truncated in every part that is not a fault.
  std::vector<RubricScore> score(const RewardGroup& group) const;

  // Takes ownership of copies of texts and reference and returns at once; `ticket` names the result.
  struct OwnedGroup {
    std::string prompt;
    std::vector<std::string> completions;
    std::vector<int64_t> length_tokens;  // one per completion, or empty: unknown
    std::vector<bool> truncated;         // one per completion, or empty: none was
    Json reference;
  };
  // Throws InternalError for a ticket that is still out.
  void submit(int64_t ticket, OwnedGroup group);
  // Waits for that ticket and hands its scores out once. Throws Error naming the ticket when no group at all was scored for
  // timeout_s (it may be asked for again), Interrupted once stop_requested(), InternalError for a ticket that was never
  // submitted or was collected before.
  std::vector<RubricScore> collect(int64_t ticket, double timeout_s = 1800);

  // Throws Error with the reasons seen when the share of faults among all completions scored so far, by score() and in the
  // background, is above max_failed_share.
  void check_faults() const;

  // Seconds on the clock so far in which something was scored, in the background or not.
  double scoring_seconds() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1::rewards
