// The command line of the program `r1`. One cli_*.cc per group of verbs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "recipes/arguments.h"
#include "rewards/rubric.h"

namespace r1::recipes {

// Parses the arguments and runs the verb. Returns the exit code: 0, or 2 for bad usage (then it has
// printed why); everything else that goes wrong is thrown.
int run_command_line(int argc, const char* const* argv);

// Each adds its verbs to the program; their callbacks do the work.
void add_recipe_verbs(CommandLine& program);   // run, validate, explain, report
void add_score_verb(CommandLine& program);     // score
void add_math_verb(CommandLine& program);      // explain-math
void add_sandbox_verb(CommandLine& program);   // sandbox
void add_generate_verb(CommandLine& program);  // generate
void add_chat_verb(CommandLine& program);      // chat
void add_render_verb(CommandLine& program);    // render
void add_eval_verb(CommandLine& program);      // eval
void add_inspect_verb(CommandLine& program);   // inspect
void add_tokenize_verb(CommandLine& program);  // tokenize

// The rubric of --reward and --config. The file holds what a recipe's `rubric` holds; names given
// win over its reward_funcs. Throws ConfigError naming the file and key.
rewards::RubricConfig read_rubric(const std::vector<std::string>& reward_names,
                                  const std::filesystem::path& file);

}  // namespace r1::recipes
