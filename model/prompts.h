// Prompts of published experiments, by name: a question to the exact text that a policy continues.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace r1::model {

//   r1_zero                 DeepSeek-R1, arXiv 2501.12948, table 1
//   tinyzero_base           Jiayi-Pan/TinyZero, examples/data_preprocess/countdown.py, for base
//   models tinyzero_qwen_instruct  the same, for Qwen's instruct models deepseek_r1_distill     the
//   chat template of the DeepSeek-R1-Distill models, behind the bos token
// Throws ConfigError for another name, listing these.
std::string builtin_prompt(const std::string& name, std::string_view question);
bool is_builtin_prompt(const std::string& name);

}  // namespace r1::model
