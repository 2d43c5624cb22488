#include "model/prompts.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/error.h"

namespace r1::model {
namespace {

struct BuiltinPrompt {
  const char* name;
  const char* before;
  const char* after;
};

constexpr BuiltinPrompt kPrompts[] = {
    {"r1_zero",
     "A conversation between User and Assistant. The user asks a question, and the Assistant "
     "solves it. The assistant first thinks "
     "about the reasoning process in the mind and then provides the user with the answer. The "
     "reasoning process and answer are "
     "enclosed within <think> </think> and <answer> </answer> tags, respectively, i.e., <think> "
     "reasoning process here </think> "
     "<answer> answer here </answer>. User: ",
     ". Assistant:"},
    {"tinyzero_base",
     "A conversation between User and Assistant. The user asks a question, and the Assistant "
     "solves it. The assistant first thinks "
     "about the reasoning process in the mind and then provides the user with the answer.\nUser: ",
     "\nAssistant: Let me solve this step by step.\n<think>"},
    {"tinyzero_qwen_instruct",
     "<|im_start|>system\nYou are a helpful assistant. You first thinks about the reasoning "
     "process in the mind and then provides "
     "the user with the answer.<|im_end|>\n<|im_start|>user\n ",
     "<|im_end|>\n<|im_start|>assistant\nLet me solve this step by step.\n<think>"},
    {"deepseek_r1_distill", "<｜User｜>", "<｜Assistant｜><think>\n"},
};

const BuiltinPrompt* find(const std::string& name) {
  const auto found = std::find_if(std::begin(kPrompts), std::end(kPrompts),
                                  [&](const auto& prompt) { return prompt.name == name; });
  return found == std::end(kPrompts) ? nullptr : found;
}

}  // namespace

bool is_builtin_prompt(const std::string& name) { return find(name) != nullptr; }

std::string builtin_prompt(const std::string& name, std::string_view question) {
  const BuiltinPrompt* prompt = find(name);
  if (prompt != nullptr) return fmt::format("{}{}{}", prompt->before, question, prompt->after);
  std::string known;
  for (const BuiltinPrompt& one : kPrompts)
    known += fmt::format("{}{}", known.empty() ? "" : ", ", one.name);
  throw ConfigError(fmt::format("there is no built-in prompt \"{}\"; there are: {}", name, known));
}

}  // namespace r1::model
