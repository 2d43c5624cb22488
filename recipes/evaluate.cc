#include "recipes/evaluate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/jsonl.h"
#include "sft/rows.h"

namespace r1::recipes {
namespace {

constexpr int kResamples = 10'000;
constexpr size_t kShown = 12;

// What a completion answers, for the majority vote: the text of its last answer block, or all of
// it.
std::string answer_of(const std::string& completion) {
  const size_t open = completion.rfind("<answer>");
  if (open == std::string::npos) return completion;
  const size_t begin = open + std::string("<answer>").size(),
               close = completion.find("</answer>", begin);
  return completion.substr(begin, close == std::string::npos ? std::string::npos : close - begin);
}

struct MeanAndError {
  double mean = 0, stderr_ = 0;
};
MeanAndError mean_and_error(const std::vector<double>& values) {
  if (values.empty()) return {};
  const double n = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (const double v : values) sum += v;
  for (const double v : values) squares += (v - sum / n) * (v - sum / n);
  return {sum / n, n > 1 ? std::sqrt(squares / (n - 1) / n) : 0};
}

// Adds one problem's completions up.
class Tally {
 public:
  Tally(const EvalConfig& config, const rewards::Rubric& rubric) {
    const auto& names = rubric.reward_names();
    const auto find = [&](const std::string& name) {
      return std::find(names.begin(), names.end(), name) - names.begin();
    };
    correct_part_ =
        config.correct_reward.empty() ? 0 : static_cast<size_t>(find(config.correct_reward));
    format_part_ = static_cast<size_t>(find("format"));
    has_format_ = format_part_ < names.size();
    if (correct_part_ >= names.size())
      throw ConfigError(
          fmt::format("correct_reward \"{}\" is not among reward_funcs", config.correct_reward));
  }

  void add(const Problem& problem, const rollout::Group& group,
           const std::vector<std::string>& texts, const std::vector<rewards::RubricScore>& scores,
           bool show_it) {
    int64_t correct = 0, counted = 0;
    std::map<std::string, std::pair<int64_t, bool>> votes;  // answer -> votes, right
    std::vector<std::string> order;
    for (size_t i = 0; i < texts.size(); ++i) {
      tokens_ += static_cast<double>(group.completions[i].ids.size());
      truncated_ += group.completions[i].truncated();
      ++samples_;
      if (!scores[i].usable) continue;
      const bool right = scores[i].parts[correct_part_].reason == rewards::Reason::kCorrect;
      ++counted;
      correct += right;
      reward_ += scores[i].value;
      if (has_format_)
        formatted_ += scores[i].parts[format_part_].reason == rewards::Reason::kWellFormed;
      auto& vote = votes[answer_of(texts[i])];
      if (vote.first++ == 0) order.push_back(answer_of(texts[i]));
      vote.second = right;
    }
    usable_ += counted;
    if (counted == 0) return;
    result_.solved_share.push_back(static_cast<double>(correct) / static_cast<double>(counted));
    at_k_.push_back(pass_at_k(counted, correct, counted));
    const auto best = std::max_element(
        order.begin(), order.end(),
        [&](const auto& a, const auto& b) { return votes[a].first < votes[b].first; });
    consensus_.push_back(votes[*best].second ? 1 : 0);
    if (show_it) show(problem, texts[0], scores[0]);
  }

  EvalResult finish() {
    const double samples = std::max<double>(1, static_cast<double>(samples_)),
                 usable = std::max<double>(1, static_cast<double>(usable_));
    const MeanAndError at_1 = mean_and_error(result_.solved_share);
    result_.problems = static_cast<int64_t>(result_.solved_share.size());
    result_.samples = samples_;
    result_.pass_at_1 = at_1.mean;
    result_.pass_at_1_stderr = at_1.stderr_;
    result_.pass_at_k = mean_and_error(at_k_).mean;
    result_.cons_at_k = mean_and_error(consensus_).mean;
    result_.mean_length = tokens_ / samples;
    result_.truncated_share = truncated_ / samples;
    if (has_format_) result_.format_share = formatted_ / usable;
    result_.mean_reward = reward_ / usable;
    return std::move(result_);
  }

 private:
  void show(const Problem& problem, const std::string& text, const rewards::RubricScore& score) {
    result_.samples_to_show.push_back(
        {{"prompt", problem.prompt},
         {"completion", text},
         {"value", score.usable ? Json(score.value) : Json()},
         {"reason", rewards::reason_name(score.parts[correct_part_].reason)}});
  }
  size_t correct_part_ = 0, format_part_ = 0;
  bool has_format_ = false;
  EvalResult result_;
  std::vector<double> at_k_, consensus_;
  double tokens_ = 0, truncated_ = 0, formatted_ = 0, reward_ = 0;
  int64_t samples_ = 0, usable_ = 0;
};

}  // namespace

std::vector<Problem> read_problems(const std::filesystem::path& jsonl, int64_t limit,
                                   const PromptConfig& format,
                                   const model::ChatTemplate* chat_template) {
  std::vector<Problem> problems;
  sft::UniqueIds ids;
  const auto add = [&](const JsonlRow& row) {
    ids.add(row);
    PromptText prompt = format_prompt(row, format, chat_template);
    problems.push_back({std::move(prompt.text), row.value, prompt.from_chat_template});
  };
  read_jsonl_rows(jsonl, add, {.max_rows = limit > 0 ? limit : INT64_MAX});
  if (problems.empty()) throw DataError(fmt::format("{}: no problems in it", jsonl.string()));
  return problems;
}

std::vector<rollout::Prompt> tokenize_prompts(const std::vector<Problem>& problems,
                                              const model::Tokenizer& tokenizer, bool add_bos,
                                              int64_t first_index) {
  std::vector<rollout::Prompt> prompts;
  for (const Problem& problem : problems) {
    std::vector<int64_t> ids = tokenizer.encode(problem.prompt);
    if (add_bos && !problem.from_chat_template && tokenizer.adds_bos())
      ids.insert(ids.begin(), tokenizer.bos_id());
    prompts.push_back({first_index + static_cast<int64_t>(prompts.size()), std::move(ids)});
  }
  return prompts;
}

std::vector<std::string> decode_group(const rollout::Group& group,
                                      const model::Tokenizer& tokenizer) {
  std::vector<std::string> texts;
  for (const auto& completion : group.completions)
    texts.push_back(tokenizer.decode(completion.ids));
  return texts;
}

rewards::Rubric::OwnedGroup to_reward_group(const rollout::Group& group, const Problem& problem,
                                            const model::Tokenizer& tokenizer) {
  rewards::Rubric::OwnedGroup owned;
  owned.prompt = problem.prompt;
  owned.reference = problem.reference;
  owned.completions = decode_group(group, tokenizer);
  for (const rollout::Completion& completion : group.completions) {
    owned.length_tokens.push_back(static_cast<int64_t>(completion.ids.size()));
    owned.truncated.push_back(completion.truncated());
  }
  return owned;
}

EvalResult evaluate(const model::CausalLM& policy, const model::Tokenizer& tokenizer,
                    const std::vector<Problem>& problems, const EvalConfig& config,
                    const RandomStream& draws, uint64_t step,
                    const std::function<void(int64_t, int64_t)>& progress) {
  rewards::Rubric rubric(config.rubric, "evaluation");
  Tally tally(config, rubric);
  rollout::Engine engine(policy, &tokenizer, config.engine);
  rollout::GenerationConfig generation;
  generation.num_generations = config.num_generations;
  generation.max_completion_length = config.max_completion_length;
  generation.sampling = config.sampling;
  const int64_t total = static_cast<int64_t>(problems.size()) * config.num_generations;
  // Rewards are computed in the background while other groups are still being sampled.
  const auto groups = engine.generate(
      tokenize_prompts(problems, tokenizer, config.add_bos), generation, draws, step,
      [&](const rollout::Group& group) {
        const int64_t i = group.prompt_index;
        rubric.submit(i, to_reward_group(group, problems[i], tokenizer));
      },
      progress ? [&](int64_t done) { progress(done, total); } : std::function<void(int64_t)>{});
  for (size_t i = 0; i < groups.size(); ++i) {
    tally.add(problems[i], groups[i], decode_group(groups[i], tokenizer),
              rubric.collect(static_cast<int64_t>(i)),
              i % ((groups.size() + kShown - 1) / kShown) == 0);
  }
  rubric.check_faults();
  return tally.finish();
}

Json EvalResult::to_json() const {
  return {{"problems", problems},
          {"samples", samples},
          {"pass_at_1", pass_at_1},
          {"pass_at_1_stderr", pass_at_1_stderr},
          {"pass_at_k", pass_at_k},
          {"cons_at_k", cons_at_k},
          {"mean_length", mean_length},
          {"truncated", truncated_share},
          {"format", format_share ? Json(*format_share) : Json()},
          {"mean_reward", mean_reward}};
}

double pass_at_k(int64_t n, int64_t c, int64_t k) {
  if (n - c < k) return 1.0;
  double miss = 1.0;
  for (int64_t i = n - c + 1; i <= n; ++i)
    miss *= 1.0 - static_cast<double>(k) / static_cast<double>(i);
  return 1.0 - miss;
}

PairedDifference paired_bootstrap(const std::vector<double>& before,
                                  const std::vector<double>& after, double confidence,
                                  const RandomStream& draws) {
  if (before.size() != after.size() || before.empty())
    throw DataError(fmt::format(
        "a paired difference needs the same problems on both sides: {} before, {} after",
        before.size(), after.size()));
  std::vector<double> difference(before.size());
  for (size_t i = 0; i < before.size(); ++i) difference[i] = after[i] - before[i];
  const MeanAndError direct = mean_and_error(difference);
  std::vector<double> means(kResamples);
  const uint32_t n = static_cast<uint32_t>(difference.size());
  for (int r = 0; r < kResamples; ++r) {
    double sum = 0;
    for (uint32_t i = 0; i < n; ++i) sum += difference[draws.below(n, static_cast<uint64_t>(r), i)];
    means[r] = sum / n;
  }
  std::sort(means.begin(), means.end());
  const auto quantile = [&](double q) {
    return means[std::min<size_t>(kResamples - 1, static_cast<size_t>(q * kResamples))];
  };
  const double tail = (1.0 - confidence) / 2.0;
  return {direct.mean, direct.stderr_, quantile(tail), quantile(1.0 - tail)};
}

}  // namespace r1::recipes
