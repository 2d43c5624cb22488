// From the prompt of a data row to the text that a policy continues.
#pragma once

#include <string>

#include "base/config.h"
#include "base/jsonl.h"
#include "model/chat_template.h"

namespace r1::recipes {

struct PromptConfig {
  std::string prompt_template;
  std::string system_prompt;
  Json chat_template_kwargs = Json::object();

  template <class V>
  void visit(V& v) {
    v.field(
        "prompt_template", prompt_template,
        "what is made of a prompt: empty: nothing, it is continued as it is; \"chat\": a user's "
        "message in the model's chat template; or a built-in prompt: r1_zero, tinyzero_base, "
        "tinyzero_qwen_instruct, deepseek_r1_distill. Prompts that are lists of messages always go "
        "through the chat template");
    v.field("system_prompt", system_prompt,
            "message of the system in front, for prompts in the chat template that have none");
    v.field("chat_template_kwargs", chat_template_kwargs,
            "more variables of the chat template, such as {\"enable_thinking\": false}");
  }
};

// Throws ConfigError naming `path` for a prompt_template that is neither of those.
void check(const PromptConfig& config, const std::string& path);

struct PromptText {
  std::string text;
  bool from_chat_template = false;  // then it holds the bos token already, where there is one
};

// The text of a row {"prompt": text or list of messages, "tools" ...}. chat_template may be null.
// Throws ConfigError when a chat template is needed and there is none; what the row lacks is told
// through JsonlRow::fail.
PromptText format_prompt(const JsonlRow& row, const PromptConfig& config,
                         const model::ChatTemplate* chat_template);

}  // namespace r1::recipes
