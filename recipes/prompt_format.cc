#include "recipes/prompt_format.h"

#include <fmt/format.h>

#include "base/error.h"
#include "model/prompts.h"
#include "sft/rows.h"

namespace r1::recipes {
namespace {

std::string render(const JsonlRow& row, Json messages, const PromptConfig& config,
                   const model::ChatTemplate* chat_template) {
  if (chat_template == nullptr)
    throw ConfigError(
        fmt::format("{}: the prompts need a chat template and the model's folder has none; set "
                    "prompt_template to a built-in prompt or leave it empty",
                    row.file));
  if (!config.system_prompt.empty() && messages[0]["role"] != "system")
    messages.insert(messages.begin(), Json{{"role", "system"}, {"content", config.system_prompt}});
  model::ChatOptions options;
  options.variables = config.chat_template_kwargs;
  if (row.value.contains("tools")) options.tools = row.value["tools"];
  // As TRL: a prompt that ends with the assistant's words is continued.
  const bool continues = messages.back()["role"] == "assistant";
  options.add_generation_prompt = !continues;
  if (continues) options.continue_final_message = "content";
  try {
    return chat_template->render(messages, options).text;
  } catch (const DataError& error) {
    row.fail(error.what(), "prompt");
  }
}

}  // namespace

void check(const PromptConfig& config, const std::string& path) {
  const std::string& name = config.prompt_template;
  if (name.empty() || name == "chat" || model::is_builtin_prompt(name)) return;
  try {
    model::builtin_prompt(name, "");
  } catch (const ConfigError& error) {
    throw ConfigError(fmt::format(
        "{}.prompt_template: {}; or \"chat\" for the model's chat template", path, error.what()));
  }
}

PromptText format_prompt(const JsonlRow& row, const PromptConfig& config,
                         const model::ChatTemplate* chat_template) {
  const auto prompt = row.value.find("prompt");
  if (prompt == row.value.end()) row.fail("field \"prompt\" is missing");
  if (prompt->is_array()) {
    sft::check_messages(row, *prompt, "prompt");
    return {render(row, *prompt, config, chat_template), true};
  }
  if (!prompt->is_string())
    row.fail(fmt::format("field \"prompt\" must be a text or a list of messages, found {}",
                         prompt->type_name()),
             "prompt");
  const std::string text = *prompt;
  if (text.empty()) row.fail("field \"prompt\" is empty", "prompt");
  if (config.prompt_template.empty()) return {text, false};
  if (config.prompt_template != "chat")
    return {model::builtin_prompt(config.prompt_template, text), false};
  return {
      render(row, Json::array({Json{{"role", "user"}, {"content", text}}}), config, chat_template),
      true};
}

}  // namespace r1::recipes
