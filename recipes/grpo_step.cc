#include "recipes/grpo_step.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/file.h"
#include "base/progress.h"

namespace r1::recipes {
namespace {

struct Summary {
  double sum = 0, squares = 0, low = 0, high = 0;
  int64_t count = 0;
  void add(double value) {
    low = count ? std::min(low, value) : value;
    high = count ? std::max(high, value) : value;
    sum += value, squares += value * value, ++count;
  }
  double mean() const { return count ? sum / static_cast<double>(count) : 0; }
  double std() const {
    return count > 1 ? std::sqrt(std::max(0.0, (squares - sum * sum / static_cast<double>(count)) /
                                                   static_cast<double>(count - 1)))
                     : 0;
  }
};

void write_length_metrics(const ScoredBatch& batch, Metrics& metrics) {
  Summary all, terminated;
  double tokens = 0;
  for (const rollout::Group& group : batch.groups)
    for (const rollout::Completion& completion : group.completions) {
      all.add(static_cast<double>(completion.ids.size()));
      if (!completion.truncated()) terminated.add(static_cast<double>(completion.ids.size()));
      tokens += static_cast<double>(group.prompt_ids.size() + completion.ids.size());
    }
  metrics.set("num_tokens", tokens);
  metrics.set("completions/mean_length", all.mean());
  metrics.set("completions/min_length", all.low);
  metrics.set("completions/max_length", all.high);
  metrics.set("completions/mean_terminated_length", terminated.mean());
  metrics.set("completions/min_terminated_length", terminated.low);
  metrics.set("completions/max_terminated_length", terminated.high);
  metrics.set("completions/clipped_ratio",
              1.0 - static_cast<double>(terminated.count) /
                        static_cast<double>(std::max<int64_t>(1, all.count)));
}

}  // namespace

grpo::Advantages advantages_of(const ScoredBatch& batch, const GrpoConfig& config) {
  std::vector<std::vector<double>> rewards_PG;
  std::vector<std::vector<bool>> usable_PG;
  for (const auto& scores : batch.scores) {
    rewards_PG.emplace_back();
    usable_PG.emplace_back();
    for (const rewards::RubricScore& score : scores) {
      rewards_PG.back().push_back(score.value);
      usable_PG.back().push_back(score.usable);
    }
  }
  return grpo::group_advantages(rewards_PG, usable_PG, config.advantage);
}

std::vector<grpo::Sample> samples_of(const ScoredBatch& batch, const GrpoConfig& config) {
  std::vector<grpo::Sample> samples;
  for (size_t p = 0; p < batch.groups.size(); ++p)
    for (size_t g = 0; g < batch.groups[p].completions.size(); ++g) {
      const rollout::Completion& completion = batch.groups[p].completions[g];
      if (!batch.scores[p][g].usable ||
          (config.mask_truncated_completions && completion.truncated()))
        continue;
      grpo::Sample sample;
      sample.group = &batch.groups[p];
      sample.completion = &completion;
      sample.advantage = batch.advantages.values_PG[p][g];
      samples.push_back(std::move(sample));
    }
  return samples;
}

void write_batch_metrics(const ScoredBatch& batch, const std::vector<std::string>& reward_names,
                         Metrics& metrics) {
  Summary reward, group_std;
  std::vector<Summary> parts(reward_names.size());
  int64_t correct = 0, unusable = 0;
  for (const auto& scores : batch.scores)
    for (const rewards::RubricScore& score : scores) {
      if (!score.usable) {
        ++unusable;
        continue;
      }
      reward.add(score.value);
      for (size_t i = 0; i < parts.size(); ++i) parts[i].add(score.parts[i].value);
      correct += score.parts[0].reason == rewards::Reason::kCorrect;
    }
  for (const double std : batch.advantages.group_std) group_std.add(std);
  metrics.set("reward", reward.mean());
  metrics.set("reward_std", group_std.mean());
  for (size_t i = 0; i < parts.size(); ++i) {
    metrics.set("rewards/" + reward_names[i] + "/mean", parts[i].mean());
    metrics.set("rewards/" + reward_names[i] + "/std", parts[i].std());
  }
  metrics.set("correct", static_cast<double>(correct) /
                             static_cast<double>(std::max<int64_t>(1, reward.count)));
  metrics.set("frac_reward_zero_std", static_cast<double>(batch.advantages.zero_std_groups) /
                                          static_cast<double>(batch.groups.size()));
  metrics.set("rewards/unusable", static_cast<double>(unusable));
  write_length_metrics(batch, metrics);
}

void write_completions(const std::filesystem::path& folder, int64_t step, const ScoredBatch& batch,
                       const std::vector<std::string>& reward_names) {
  std::string text;
  for (size_t p = 0; p < batch.groups.size(); ++p)
    for (size_t g = 0; g < batch.texts[p].size(); ++g) {
      const rollout::Completion& completion = batch.groups[p].completions[g];
      Json rewards = Json::object(), reasons = Json::object();
      for (size_t i = 0; i < reward_names.size(); ++i) {
        const rewards::RewardScore& part = batch.scores[p][g].parts[i];
        rewards[reward_names[i]] =
            rewards::is_rewarder_fault(part.reason) ? Json() : Json(part.value);
        reasons[reward_names[i]] = rewards::reason_name(part.reason);
      }
      text += dump_json({{"step", step},
                         {"prompt_index", batch.groups[p].prompt_index},
                         {"prompt", batch.problems[p]->prompt},
                         {"completion", batch.texts[p][g]},
                         {"rewards", rewards},
                         {"reasons", reasons},
                         {"advantage", batch.advantages.values_PG[p][g]},
                         {"stop_reason", rollout::stop_reason_name(completion.stop_reason)},
                         {"length", completion.ids.size()}}) +
              "\n";
    }
  std::filesystem::create_directories(folder);
  write_file_atomic(folder / fmt::format("step_{}.jsonl", step), text);
}

std::string describe_step(int64_t step, const Metrics& metrics, const ScoredBatch& batch,
                          int64_t num_completions) {
  std::vector<std::vector<std::string>> rows = {{"step", "reward", "correct", "length", "entropy",
                                                 "kl", "grad norm", "logp diff max", "s/step"},
                                                {std::to_string(step)}};
  for (const char* name : {"reward", "correct", "completions/mean_length", "entropy", "kl",
                           "grad_norm", "sampling/sampling_logp_difference/max", "step_time"})
    rows[1].push_back(metrics.has(name) ? fmt::format("{:.4g}", metrics.get(name)) : "-");
  std::string text = format_table(rows);
  for (int64_t i = 0;
       i < std::min<int64_t>(num_completions, static_cast<int64_t>(batch.texts.size())); ++i) {
    const rewards::RubricScore& score = batch.scores[i][0];
    text += fmt::format("\n  {:5.2f} {:<14} {}{}", score.value,
                        rewards::reason_name(score.parts[0].reason), batch.problems[i]->prompt,
                        batch.texts[i][0]);
  }
  return text;
}

}  // namespace r1::recipes
