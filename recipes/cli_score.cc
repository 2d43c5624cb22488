// The verb score.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "base/json.h"
#include "base/progress.h"
#include "recipes/cli.h"
#include "rewards/score_rows.h"

namespace r1::recipes {
namespace {

struct ScoreOptions {
  std::vector<std::string> rewards;
  std::string config, input;
};

void score(const ScoreOptions& options) {
  const rewards::RubricConfig rubric = read_rubric(options.rewards, options.config);
  const rewards::ScoreSummary summary = rewards::score_jsonl(
      options.input, rubric, std::cout, options.config.empty() ? "" : options.config + ": ");
  std::string text = fmt::format("{} rows", summary.rows);
  if (summary.rows > summary.unusable) text += fmt::format(", mean value {:.4f}", summary.mean);
  if (summary.unusable > 0)
    text += fmt::format("; {} without a value: see their reasons", summary.unusable);
  say(text);
}

}  // namespace

rewards::RubricConfig read_rubric(const std::vector<std::string>& reward_names,
                                  const std::filesystem::path& file) {
  rewards::RubricConfig rubric;
  if (!file.empty()) {
    if (!std::filesystem::is_regular_file(file))
      throw ConfigError(fmt::format("--config {}: there is no such file", file.string()));
    JsonLimits limits;
    limits.comments = true;
    read_config(read_json(file, limits), file.string() + ": ", rubric);
  }
  if (!reward_names.empty()) rubric.reward_funcs = reward_names;
  return rubric;
}

void add_score_verb(CommandLine& program) {
  const auto options = std::make_shared<ScoreOptions>();
  Verb verb = program.add_verb("score", "Score completions with rewards");
  verb.footer(
      "Input rows: {\"completion\" or \"pred\": ..., \"prompt\": ... and the reference fields of "
      "the "
      "reward}.\n"
      "Writes one row for each to standard output: its id or line number, value, reason, details.");
  verb.option("--reward", &options->rewards,
              "names of rewards, separated by commas; `r1 explain` lists them")
      .type_name("NAME[,NAME]")
      .delimiter(',')
      .required();
  verb.option("--config", &options->config,
              "JSON file with reward_configs, reward_weights, truncated")
      .type_name("FILE");
  verb.option("input", &options->input, "JSONL file; - reads standard input").required();
  verb.callback([options] { score(*options); });
}

}  // namespace r1::recipes
