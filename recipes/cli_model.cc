#include "recipes/cli_model.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <ctime>
#include <string>

#include "base/parallel.h"
#include "model/checkpoint.h"

namespace r1::recipes {

void add_model_options(Verb& verb, ModelOptions& options) {
  verb.option("--model", &options.folder, "model folder in Hugging Face's layout")
      .type_name("DIR")
      .required();
  verb.option("--max-new-tokens", &options.max_new_tokens, "longest completion")
      .in_range(1, 1 << 24);
  rollout::SamplingConfig& sampling = options.sampling;
  verb.option("--temperature", &sampling.temperature, "0 takes the most likely token")
      .in_range(0.0, 100.0);
  verb.option("--top-k", &sampling.top_k, "draw from the k most likely tokens; 0: from all")
      .in_range(0, 1e9);
  verb.option("--top-p", &sampling.top_p, "draw from the smallest set of this probability")
      .in_range(0.0, 1.0);
  verb.option("--min-p", &sampling.min_p, "drop tokens below this share of the likeliest")
      .in_range(0.0, 1.0);
  verb.option("--seed", &options.seed, "same seed, same completions");
  verb.option("--device", &options.device, "cpu, cuda or cuda:N");
  verb.option("--dtype", &options.dtype, "float32, bfloat16, float16 or float64")
      .one_of({"float32", "bfloat16", "float16", "float64"});
  verb.option("--threads", &options.threads, "CPU threads; 0: all").in_range(0, 4096);
  verb.option("--max-slots", &options.engine.max_slots, "completions decoded at once")
      .in_range(1, 65536);
  verb.flag("--no-bos", options.no_bos,
            "do not put the tokenizer's beginning-of-text token in front of the prompt");
}

LoadedModel load_model(const ModelOptions& options) {
  if (options.threads > 0) set_num_threads(options.threads);
  at::set_num_threads(1);  // as in a run: results of ATen's kernels depend on it, ours do not
  LoadedModel loaded;
  const at::Device device = model::parse_device(options.device);
  loaded.policy =
      model::load_for_inference(options.folder, model::parse_dtype(options.dtype), device);
  loaded.tokenizer = model::load_tokenizer(options.folder);
  return loaded;
}

std::unique_ptr<model::ChatTemplate> require_chat_template(const std::string& folder) {
  auto chat_template = model::load_chat_template(folder);
  if (!chat_template)
    throw ConfigError(
        fmt::format("{}: the folder has no chat template (chat_template.jinja, or the field of "
                    "tokenizer_config.json)",
                    folder));
  return chat_template;
}

RenderedPrompt render_chat(const model::ChatTemplate& chat_template, Json messages,
                           const std::string& system, model::ChatOptions options) {
  if (!messages.is_array() || messages.empty())
    throw DataError("the messages must be a list that is not empty");
  if (!system.empty())
    messages.insert(messages.begin(), Json{{"role", "system"}, {"content", system}});
  const std::time_t now = std::time(nullptr);
  ::localtime_r(&now, &options.now);
  const bool continues = messages.back().value("role", "") == "assistant";
  options.add_generation_prompt = !continues;
  if (continues) options.continue_final_message = "content";
  return {chat_template.render(messages, options).text, true};
}

std::vector<int64_t> prompt_ids(const RenderedPrompt& prompt, const model::Tokenizer& tokenizer,
                                bool add_bos) {
  std::vector<int64_t> ids = tokenizer.encode(prompt.text);
  if (add_bos && !prompt.from_chat_template && tokenizer.adds_bos())
    ids.insert(ids.begin(), tokenizer.bos_id());
  return ids;
}

}  // namespace r1::recipes
