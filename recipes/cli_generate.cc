// The verb generate.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/json.h"
#include "base/progress.h"
#include "model/chat_template.h"
#include "model/streaming_decoder.h"
#include "recipes/cli.h"
#include "recipes/cli_model.h"

namespace r1::recipes {
namespace {

struct GenerateOptions {
  ModelOptions model;
  std::string prompt, messages, system;
  bool chat = false;
  int64_t num_generations = 1;
  std::vector<std::string> stop;
  bool json = false, ignore_eos = false;
};

// A list of messages, or an object with them and with tools, documents, chat_template_kwargs.
RenderedPrompt read_messages(const GenerateOptions& options,
                             const model::ChatTemplate& chat_template) {
  const Json file = read_json(options.messages);
  const Json& messages = file.is_object() && file.contains("messages") ? file["messages"] : file;
  model::ChatOptions chat;
  if (file.is_object()) {
    chat.tools = file.value("tools", Json());
    chat.documents = file.value("documents", Json());
    chat.variables = file.value("chat_template_kwargs", Json::object());
  }
  return render_chat(chat_template, messages, options.system, std::move(chat));
}

RenderedPrompt read_prompt(const GenerateOptions& options) {
  const bool from_messages = !options.messages.empty();
  if (from_messages == !options.prompt.empty())
    throw ConfigError("generate: give either --prompt or --messages");
  if (!from_messages && !options.chat) {
    if (!options.system.empty())
      throw ConfigError("generate: --system goes with --chat or --messages");
    return {options.prompt, false};
  }
  const auto chat_template = require_chat_template(options.model.folder);
  if (from_messages) return read_messages(options, *chat_template);
  return render_chat(*chat_template,
                     Json::array({Json{{"role", "user"}, {"content", options.prompt}}}),
                     options.system, {});
}

void print_completion(const GenerateOptions& options, const std::string& prompt,
                      const rollout::Completion& completion, size_t index,
                      const std::string& text) {
  const char* reason = rollout::stop_reason_name(completion.stop_reason);
  if (options.json) {
    const Json row = {{"prompt", prompt},
                      {"completion", text},
                      {"ids", completion.ids},
                      {"logp", completion.logp},
                      {"tokens", completion.ids.size()},
                      {"stop_reason", reason}};
    fmt::print("{}\n", dump_json(row));
    return;
  }
  fmt::print("--- {} of {}: {} tokens, {}\n{}\n", index + 1, options.num_generations,
             completion.ids.size(), reason, text);
}

void generate(const GenerateOptions& options) {
  const RenderedPrompt prompt = read_prompt(options);
  const LoadedModel loaded = load_model(options.model);
  rollout::GenerationConfig config;
  config.num_generations = options.num_generations;
  config.max_completion_length = options.model.max_new_tokens;
  config.sampling = options.model.sampling;
  config.stop_strings = options.stop;
  config.ignore_eos = options.ignore_eos;
  rollout::Engine engine(*loaded.policy, loaded.tokenizer.get(), options.model.engine);
  const RandomStream draws(options.model.seed, "generate", Purpose::kSample);
  const bool streams = options.num_generations == 1 && !options.json;
  model::StreamingDecoder decoder(*loaded.tokenizer);
  rollout::TokenCallback print_token;
  if (streams)
    print_token = [&](int64_t, int64_t, int64_t id) {
      fmt::print("{}", decoder.push(id));
      std::fflush(stdout);
    };
  const std::vector<rollout::Prompt> prompts = {
      {0, prompt_ids(prompt, *loaded.tokenizer, !options.model.no_bos)}};
  const std::vector<rollout::Group> groups =
      engine.generate(prompts, config, draws, 0, {}, {}, print_token);
  const std::vector<rollout::Completion>& completions = groups.at(0).completions;
  if (streams) fmt::print("{}\n", decoder.finish());
  for (size_t i = 0; i < completions.size() && !streams; ++i)
    print_completion(options, prompt.text, completions[i], i,
                     loaded.tokenizer->decode(completions[i].ids));
  std::fflush(stdout);
  const rollout::RolloutStats& stats = engine.stats();
  say(fmt::format("{} tokens in {:.2f} s, {:.0f} token/s", stats.completion_tokens, stats.seconds,
                  double(stats.completion_tokens) / std::max(stats.seconds, 1e-9)));
}

}  // namespace

void add_generate_verb(CommandLine& program) {
  const auto options = std::make_shared<GenerateOptions>();
  Verb verb = program.add_verb("generate", "Print completions of a prompt");
  verb.option("--prompt", &options->prompt, "text to continue").type_name("TEXT");
  verb.flag("--chat", options->chat,
            "the prompt is a user's message, in the model's chat template");
  verb.option("--messages", &options->messages,
              "JSON file with a list of messages, or {\"messages\": [...], \"tools\": [...]}, "
              "for the chat template")
      .type_name("FILE");
  verb.option("--system", &options->system,
              "message of the system in front, with --chat or --messages")
      .type_name("TEXT");
  verb.option("--num-generations", &options->num_generations, "completions").in_range(1, 1 << 20);
  verb.option("--stop", &options->stop, "end a completion where this text appears; repeatable")
      .type_name("TEXT");
  verb.flag("--ignore-eos", options->ignore_eos,
            "go on behind the end of the text, up to --max-new-tokens");
  verb.flag("--json", options->json,
            "one JSON object a line: prompt, completion, ids, logp, tokens, stop_reason");
  add_model_options(verb, options->model);
  verb.callback([options] { generate(*options); });
}

}  // namespace r1::recipes
