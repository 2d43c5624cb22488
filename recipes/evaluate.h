// Scores a policy on a file of problems: pass@1, pass@k, cons@k, lengths, with standard errors.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/philox.h"
#include "model/causal_lm.h"
#include "model/tokenizer.h"
#include "recipes/prompt_format.h"
#include "rewards/rubric.h"
#include "rollout/engine.h"

namespace r1::recipes {

// A problem row of a data file: {"prompt": text or list of messages, ...reference fields}.
struct Problem {
  std::string prompt;  // the text that a policy continues
  Json reference;      // the whole row
  bool from_chat_template = false;
};
// chat_template: of the policy that will continue the prompts; may be null when none needs it.
std::vector<Problem> read_problems(const std::filesystem::path& jsonl, int64_t limit = 0,
                                   const PromptConfig& format = {},
                                   const model::ChatTemplate* chat_template = nullptr);
// add_bos holds for prompts that no chat template wrote.
std::vector<rollout::Prompt> tokenize_prompts(const std::vector<Problem>& problems,
                                              const model::Tokenizer& tokenizer, bool add_bos,
                                              int64_t first_index = 0);

std::vector<std::string> decode_group(const rollout::Group& group,
                                      const model::Tokenizer& tokenizer);
// The group as the rubric takes it.
rewards::Rubric::OwnedGroup to_reward_group(const rollout::Group& group, const Problem& problem,
                                            const model::Tokenizer& tokenizer);

struct EvalConfig {
  int64_t num_generations = 8;
  int64_t max_completion_length = 256;
  rollout::SamplingConfig sampling;
  rewards::RubricConfig rubric;
  std::string
      correct_reward;  // the reward whose `correct` reason counts as solved; empty: the first
  bool add_bos = true;
  rollout::EngineConfig engine;
};

struct EvalResult {
  int64_t problems = 0, samples = 0;
  double pass_at_1 = 0,
         pass_at_1_stderr =
             0;          // mean over problems of the share of correct samples; stderr over problems
  double pass_at_k = 0;  // unbiased, k = num_generations (Chen et al. 2021, arXiv 2107.03374):
                         // solved by any sample
  double cons_at_k = 0;  // majority answer is correct (ties: the earlier sample's answer)
  double mean_length = 0, truncated_share = 0;
  std::optional<double> format_share;  // well-formed by the "format" reward, if that is used
  double mean_reward = 0;
  std::vector<double> solved_share;   // per problem
  std::vector<Json> samples_to_show;  // rows {prompt, completion, value, reason} of the first
                                      // sample of the first problems
  Json to_json() const;               // without the last two
};

EvalResult evaluate(const model::CausalLM& policy, const model::Tokenizer& tokenizer,
                    const std::vector<Problem>& problems, const EvalConfig& config,
                    const RandomStream& draws, uint64_t step,
                    const std::function<void(int64_t done, int64_t total)>& progress = {});

// Unbiased pass@k from n samples with c correct: 1 - C(n-c, k) / C(n, k).
double pass_at_k(int64_t n, int64_t c, int64_t k);

struct PairedDifference {
  double mean = 0, stderr_ = 0;
  double lower = 0, upper = 0;  // of the bootstrap over problems at `confidence`
};
// after - before per problem; 10,000 keyed resamples. Throws DataError when the lengths differ.
PairedDifference paired_bootstrap(const std::vector<double>& before,
                                  const std::vector<double>& after, double confidence,
                                  const RandomStream& draws);

}  // namespace r1::recipes
