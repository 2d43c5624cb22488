// The verb eval.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/json.h"
#include "base/progress.h"
#include "recipes/cli.h"
#include "recipes/cli_model.h"
#include "recipes/evaluate.h"

namespace r1::recipes {
namespace {

struct EvalOptions {
  ModelOptions model;
  std::string data, config;
  std::vector<std::string> rewards;
  int64_t k = 8, limit = 0;
  bool json = false;
  PromptConfig prompt;
};

void print_result(const EvalResult& result, int64_t k, bool json) {
  if (json) {
    fmt::print("{}\n", dump_json_pretty(result.to_json()));
    return;
  }
  const auto number = [](double value) { return fmt::format("{:.4f}", value); };
  fmt::print(
      "{}",
      format_table({{"problems", fmt::format("{} x {} completions", result.problems, k)},
                    {"pass@1", fmt::format("{} +- {} (standard error)", number(result.pass_at_1),
                                           number(result.pass_at_1_stderr))},
                    {fmt::format("pass@{}", k), number(result.pass_at_k)},
                    {fmt::format("cons@{}", k), number(result.cons_at_k)},
                    {"mean reward", number(result.mean_reward)},
                    {"mean length", fmt::format("{:.1f} tokens", result.mean_length)},
                    {"truncated", number(result.truncated_share)}}));
}

void evaluate_file(const EvalOptions& options) {
  EvalConfig config;
  config.rubric = read_rubric(options.rewards, options.config);
  config.num_generations = options.k;
  config.max_completion_length = options.model.max_new_tokens;
  config.sampling = options.model.sampling;
  config.engine = options.model.engine;
  config.add_bos = !options.model.no_bos;
  check(options.prompt, "--prompt-template");
  const auto chat_template = model::load_chat_template(options.model.folder);
  const std::vector<Problem> problems =
      read_problems(options.data, options.limit, options.prompt, chat_template.get());
  const LoadedModel loaded = load_model(options.model);
  const RandomStream draws(options.model.seed, "eval", Purpose::kEval);
  std::unique_ptr<Progress> bar;
  const auto progress = [&](int64_t done, int64_t total) {
    if (!bar) bar = std::make_unique<Progress>("eval", total, "completion");
    bar->update(done);
  };
  const EvalResult result =
      evaluate(*loaded.policy, *loaded.tokenizer, problems, config, draws, 0, progress);
  bar.reset();
  print_result(result, options.k, options.json);
}

}  // namespace

void add_eval_verb(CommandLine& program) {
  const auto options = std::make_shared<EvalOptions>();
  Verb verb = program.add_verb("eval", "Measure a checkpoint on problems: pass@1, pass@k, cons@k");
  verb.option("--data", &options->data,
              "JSONL rows {\"prompt\": ..., reference fields of the reward}")
      .type_name("FILE")
      .required();
  verb.option("--reward", &options->rewards,
              "names of rewards, separated by commas; the first decides what is solved")
      .type_name("NAME[,NAME]")
      .delimiter(',')
      .required();
  verb.option("--config", &options->config,
              "JSON file with reward_configs, reward_weights, truncated")
      .type_name("FILE");
  verb.option("-k", &options->k, "completions of each problem").in_range(1, 1 << 20);
  verb.option("--limit", &options->limit, "only the first problems; 0: all").in_range(0, 1e12);
  verb.option("--prompt-template", &options->prompt.prompt_template,
              "chat: the model's chat template; or a built-in prompt, such as r1_zero")
      .type_name("NAME");
  verb.flag("--json", options->json, "print the result as JSON");
  add_model_options(verb, options->model);
  verb.callback([options] { evaluate_file(*options); });
}

}  // namespace r1::recipes
