// The parts of one GRPO step that are not a line each: scoring, samples, logs.
#pragma once

#include <string>
#include <vector>

#include "base/metrics.h"
#include "grpo/advantage.h"
#include "grpo/batch.h"
#include "recipes/evaluate.h"
#include "recipes/grpo_config.h"
#include "rewards/rubric.h"
#include "rollout/types.h"

namespace r1::recipes {

// Everything known about one generation: per group, per completion.
struct ScoredBatch {
  std::vector<rollout::Group> groups;
  std::vector<const Problem*> problems;  // per group
  std::vector<std::vector<std::string>> texts;
  std::vector<std::vector<rewards::RubricScore>> scores;
  grpo::Advantages advantages;
};

grpo::Advantages advantages_of(const ScoredBatch& batch, const GrpoConfig& config);

// Completions that enter the loss, in order; unusable and masked ones are left out.
std::vector<grpo::Sample> samples_of(const ScoredBatch& batch, const GrpoConfig& config);

// reward, reward_std, rewards/<func>/{mean,std}, frac_reward_zero_std, completions/*, num_tokens,
// correct: TRL's names.
void write_batch_metrics(const ScoredBatch& batch, const std::vector<std::string>& reward_names,
                         Metrics& metrics);

// completions/step_N.jsonl: a row per completion.
void write_completions(const std::filesystem::path& folder, int64_t step, const ScoredBatch& batch,
                       const std::vector<std::string>& reward_names);

// The metrics as a table and a few completions with their rewards, for standard error.
std::string describe_step(int64_t step, const Metrics& metrics, const ScoredBatch& batch,
                          int64_t num_completions);

}  // namespace r1::recipes
