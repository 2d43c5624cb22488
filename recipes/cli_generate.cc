// The verb generate.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "base/json.h"
#include "base/progress.h"
#include "recipes/cli.h"
#include "recipes/cli_model.h"
#include "recipes/evaluate.h"

namespace r1::recipes {
namespace {

struct GenerateOptions {
  ModelOptions model;
  std::string prompt;
  int64_t num_generations = 1;
  std::vector<std::string> stop;
  bool json = false;
};

void print_completion(const GenerateOptions& options, const rollout::Completion& completion,
                      size_t index, const std::string& text) {
  const char* reason = rollout::stop_reason_name(completion.stop_reason);
  if (options.json) {
    const Json row = {{"prompt", options.prompt},        {"completion", text},
                      {"ids", completion.ids},           {"logp", completion.logp},
                      {"tokens", completion.ids.size()}, {"stop_reason", reason}};
    fmt::print("{}\n", dump_json(row));
    return;
  }
  if (options.num_generations > 1)
    fmt::print("--- {} of {}: {} tokens, {}\n", index + 1, options.num_generations,
               completion.ids.size(), reason);
  fmt::print("{}\n", text);
}

void generate(const GenerateOptions& options) {
  const LoadedModel loaded = load_model(options.model);
  const auto prompts = tokenize_prompts({{options.prompt, Json::object()}}, *loaded.tokenizer,
                                        !options.model.no_bos);
  rollout::GenerationConfig config;
  config.num_generations = options.num_generations;
  config.max_completion_length = options.model.max_new_tokens;
  config.sampling = options.model.sampling;
  config.stop_strings = options.stop;
  rollout::Engine engine(*loaded.policy, loaded.tokenizer.get(), options.model.engine);
  const RandomStream draws(options.model.seed, "generate", Purpose::kSample);
  const std::vector<rollout::Group> groups = engine.generate(prompts, config, draws, 0);
  const std::vector<rollout::Completion>& completions = groups.at(0).completions;
  for (size_t i = 0; i < completions.size(); ++i)
    print_completion(options, completions[i], i, loaded.tokenizer->decode(completions[i].ids));
  std::fflush(stdout);
  const rollout::RolloutStats& stats = engine.stats();
  say(fmt::format("{} tokens in {:.2f} s, {:.0f} token/s", stats.completion_tokens, stats.seconds,
                  double(stats.completion_tokens) / std::max(stats.seconds, 1e-9)));
}

}  // namespace

void add_generate_verb(CLI::App& program) {
  const auto options = std::make_shared<GenerateOptions>();
  CLI::App* verb = program.add_subcommand("generate", "Print completions of a prompt");
  verb->add_option("--prompt", options->prompt, "text to continue")->type_name("TEXT")->required();
  verb->add_option("--num-generations", options->num_generations, "completions")
      ->check(in_range(1, 1 << 20));
  verb->add_option("--stop", options->stop, "end a completion where this text appears; repeatable")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  verb->add_flag("--json", options->json,
                 "one JSON object a line: prompt, completion, tokens, stop_reason");
  add_model_options(verb, options->model);
  verb->callback([options] { generate(*options); });
}

}  // namespace r1::recipes
