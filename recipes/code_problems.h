// Small Python problems with tests for the reward `code`: right completions, and the ways in which
// a small model gets them wrong.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/json.h"
#include "base/philox.h"

namespace r1::recipes {

struct CodeProblem {
  std::string family;  // "clamp"; a family's problems differ in two parameters
  std::string prompt;  // "f(n): n kept between 3 and 12", with a line break behind
  Json tests;          // rewards/code/suite.h; those of type call and assert call `f`
  // Completions: one Python code block. The wrong ones fail the tests, each by one mistake: a
  // parameter off by one, a slip such as another operator or a forgotten line, a syntax error, a
  // fence that is missing.
  std::string right;
  std::vector<std::string> wrong;
};

// All problems of all families, some 1,900; no two share a prompt.
std::vector<CodeProblem> all_code_problems();

struct CodeProblemsConfig {
  int64_t train_problems = 0;
  int64_t validation_problems = 100;
  int64_t test_problems = 300;

  template <class V>
  void visit(V& v) {
    v.field("train_problems", train_problems, "training problems; 0: all that are not held out",
            Range{0, 1e6});
    v.field("validation_problems", validation_problems,
            "held-out problems for evaluation during training", Range{0, 1e6});
    v.field("test_problems", test_problems, "held-out problems for the final numbers",
            Range{0, 1e6});
  }
};

struct CodeSplit {
  std::vector<CodeProblem> train, validation, test;
};
// Distinct problems in a random order. Throws ConfigError when more are asked for than there are.
CodeSplit make_code_problems(const CodeProblemsConfig& config, const RandomStream& draws);

// The right completion with probability right_share, else one of the wrong ones. `row` keys the
// draws.
std::string code_completion(const CodeProblem& problem, double right_share,
                            const RandomStream& draws, uint64_t row);

}  // namespace r1::recipes
