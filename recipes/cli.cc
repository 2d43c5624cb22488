#include "recipes/cli.h"

#include <fmt/format.h>

#include <string>

#include "base/json.h"
#include "recipes/arguments.h"
#include "recipes/version.h"

namespace r1::recipes {
namespace {

std::string version_text() {
  const Json v = versions();
  return fmt::format("r1 {} (LibTorch {}{}, GCC {}, {} kernels)", v["r1"].get<std::string>(),
                     v["libtorch"].get<std::string>(), v["cuda"].get<bool>() ? " with CUDA" : "",
                     v["compiler"].get<std::string>(), v["kernels"].get<std::string>());
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CommandLine program("r1",
                      "Reinforcement-learning post-training of language models: R1-Zero and R1 "
                      "recipes with GRPO.");
  add_recipe_verbs(program);
  add_generate_verb(program);
  add_chat_verb(program);
  add_render_verb(program);
  add_eval_verb(program);
  add_inspect_verb(program);
  add_score_verb(program);
  add_tokenize_verb(program);
  add_math_verb(program);
  add_sandbox_verb(program);
  program.version(version_text);
  program.add_verb("version", "Print the versions of r1 and its libraries").callback([] {
    fmt::print("{}\n", version_text());
  });
  program.footer(
      "Examples:\n"
      "  r1 run recipes/countdown_zero.json                 run a recipe, or continue it\n"
      "  r1 run countdown_zero --set seed=2 --dry-run       show what would run\n"
      "  r1 explain grpo                                    the keys of a stage type\n"
      "  r1 generate --model DIR --prompt TEXT              completions of a checkpoint\n"
      "\n"
      "Exit codes: 0 done, 1 failed, 2 bad usage or recipe, 75 interrupted (the same command "
      "continues).");
  return program.run(argc, argv);
}

}  // namespace r1::recipes
