#include "recipes/cli.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "base/config.h"
#include "recipes/version.h"

namespace r1::recipes {
namespace {

constexpr int kBadUsage = 2;

std::string version_text() {
  const Json v = versions();
  return fmt::format("r1 {} (LibTorch {}{}, GCC {}, {} kernels)", v["r1"].get<std::string>(),
                     v["libtorch"].get<std::string>(), v["cuda"].get<bool>() ? " with CUDA" : "",
                     v["compiler"].get<std::string>(), v["kernels"].get<std::string>());
}

void print_line(const std::string& text) { fmt::print("{}\n", text); }

void describe_program(CLI::App& program) {
  program.name("r1");
  program.description(
      "Reinforcement-learning post-training of language models: R1-Zero and R1 recipes with GRPO.");
  program.require_subcommand(1);
  program.option_defaults()->always_capture_default();
  program.get_formatter()->column_width(32);
}

// After the verbs are added: they would inherit it.
void add_footer(CLI::App& program) {
  program.footer(
      "Examples:\n"
      "  r1 run recipes/countdown_zero.json                 run a recipe, or continue it\n"
      "  r1 run countdown_zero --set seed=2 --dry-run       show what would run\n"
      "  r1 explain grpo                                    the keys of a stage type\n"
      "  r1 generate --model DIR --prompt TEXT              completions of a checkpoint\n"
      "\n"
      "Exit codes: 0 done, 1 failed, 2 bad usage or recipe, 75 interrupted (the same command "
      "continues).");
}

void add_version(CLI::App& program) {
  program.set_version_flag("--version", version_text);
  program.add_subcommand("version", "Print the versions of r1 and its libraries")->callback([] {
    print_line(version_text());
  });
}

// CLI11 would only say that an argument was not expected.
void check_verb(const CLI::App& program, int argc, const char* const* argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> verbs;
  for (const CLI::App* verb : program.get_subcommands(nullptr)) verbs.push_back(verb->get_name());
  if (std::ranges::count(verbs, argv[1]) > 0) return;
  const std::string near = nearest(argv[1], verbs);
  throw ConfigError(fmt::format(
      "there is no command \"{}\"{}", argv[1],
      near.empty() ? "; `r1 --help` lists them" : fmt::format("; did you mean \"{}\"?", near)));
}

int explain_usage_error(const CLI::App& program, const CLI::ParseError& error) {
  const auto chosen = program.get_subcommands();
  const std::string verb = chosen.empty() ? "" : chosen.front()->get_name() + " ";
  fmt::print(stderr, "r1: {}; `r1 {}--help` shows the usage\n", error.what(), verb);
  return kBadUsage;
}

}  // namespace

int run_command_line(int argc, const char* const* argv) {
  CLI::App program;
  describe_program(program);
  add_recipe_verbs(program);
  add_generate_verb(program);
  add_chat_verb(program);
  add_render_verb(program);
  add_eval_verb(program);
  add_inspect_verb(program);
  add_score_verb(program);
  add_tokenize_verb(program);
  add_math_verb(program);
  add_version(program);
  add_footer(program);
  if (argc < 2) {
    fmt::print(stderr, "{}", program.help());
    return kBadUsage;
  }
  check_verb(program, argc, argv);
  try {
    program.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return program.exit(asked);
  } catch (const CLI::ParseError& error) {
    return explain_usage_error(program, error);
  }
  return 0;
}

}  // namespace r1::recipes
