// Countdown: reach a target from given numbers, each used exactly once, with + - * / and brackets.
// Problems, and the noisy search traces that a small model is pretrained on.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/philox.h"

namespace r1::recipes {

struct CountdownProblem {
  std::vector<int64_t> nums;  // in the order shown
  int64_t target = 0;
};

// Which problems: as many numbers as `num_numbers` lists, from [min_number, max_number], targets
// from [min_target, max_target], solvable under integer rules (no negative intermediate value,
// exact division).
struct CountdownConfig {
  std::vector<int64_t> num_numbers = {3};
  int64_t min_number = 1, max_number = 20;
  int64_t min_target = 10, max_target = 50;
  int64_t train_problems = 0;
  int64_t validation_problems = 200;
  int64_t test_problems = 500;

  template <class V>
  void visit(V& v) {
    v.field("num_numbers", num_numbers,
            "how many numbers a problem has: one of these, all as likely", Range{2, 6});
    v.field("min_number", min_number, "smallest number", Range{1, 10000});
    v.field("max_number", max_number, "largest number", Range{1, 10000});
    v.field("min_target", min_target, "smallest target", Range{1, 1000000});
    v.field("max_target", max_target, "largest target", Range{1, 1000000});
    v.field("train_problems", train_problems,
            "training problems; 0: every solvable one that is not held out", Range{0, 1e8});
    v.field("validation_problems", validation_problems,
            "held-out problems for evaluation during training", Range{0, 1e6});
    v.field("test_problems", test_problems, "held-out problems for the final numbers",
            Range{0, 1e6});
  }
};

struct CountdownSplit {
  std::vector<CountdownProblem> train, validation, test;
};
// Distinct problems, split by the multiset of numbers: no multiset of a held-out problem occurs in
// training. With train_problems 0 all solvable problems are enumerated; otherwise they are drawn at
// random. Throws ConfigError when the range does not hold enough problems.
CountdownSplit make_countdown_problems(const CountdownConfig& config, const RandomStream& draws);

// "mini": the miniature's text that a policy continues, `3,7,12:24<think>`. "question": TinyZero's
// task in words, for a chat template. Any built-in prompt (model/prompts.h): that task in it.
std::string countdown_prompt(const CountdownProblem& problem, const std::string& prompt_template);

// How traces search. A depth-first search over states (lists of numbers) tries at most `branching`
// operations of every state, best first by a heuristic blurred with noise; every tried operation is
// one item, `12+7=19:3,19;`, with the numbers that remain. It stops with the answer when the target
// is reached, or when its budget of items is spent; then it answers with the expression that came
// closest. After Stream of Search (arXiv 2404.03683), in a shorter notation.
struct TraceConfig {
  std::vector<int64_t> budgets = {1, 2, 4, 8, 16};
  std::vector<double> heuristic_noise = {8, 30};
  int branching = 4;
  int64_t max_result = 99;
  double tagged_share = 0.9;
  double slip_share = 0.0;
  bool answer_only = false;
  double answer_only_correct_share = 0.5;

  template <class V>
  void visit(V& v) {
    v.field("budgets", budgets, "items a search may try; one is drawn for every trace",
            Range{0, 1000});
    v.field("heuristic_noise", heuristic_noise,
            "standard deviation added to the heuristic; one is drawn for every trace",
            Range{0.0, 1e6});
    v.field("branching", branching, "operations tried in one state", Range{1, 100});
    v.field("max_result", max_result, "operations with a larger result are not tried",
            Range{1, 1e9});
    v.field("tagged_share", tagged_share,
            "share of traces with all tags; the others lack some of them or answer outside",
            Range{0.0, 1.0});
    v.field("slip_share", slip_share, "share of traces that contain a wrong calculation",
            Range{0.0, 1.0});
    v.field("answer_only", answer_only, "no search: an expression at once (the control)");
    v.field("answer_only_correct_share", answer_only_correct_share,
            "share of those expressions that are right", Range{0.0, 1.0});
  }
};
// What follows the prompt "mini": `12+7=19:3,19;...</think><answer>...</answer>`. `row` keys the
// draws.
std::string countdown_trace(const CountdownProblem& problem, const TraceConfig& config,
                            const RandomStream& draws, uint64_t row);

}  // namespace r1::recipes
