// `r1 explain`: what the keys of a recipe mean, from the same tables that read it.
#pragma once

#include <string>

namespace r1::recipes {

// Without `word` all stage types and rewards. With "recipe", a stage type or a reward: its keys.
// With a key ("beta", "sampling.top_k", "grpo.beta"): type, default, limits, help and who has it.
// Throws ConfigError with the nearest keys when nothing has that name.
std::string explain(const std::string& word);

}  // namespace r1::recipes
