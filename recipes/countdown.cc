#include "recipes/countdown.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "model/prompts.h"

namespace r1::recipes {
namespace {

using Multiset = std::vector<int64_t>;  // sorted

constexpr int64_t kMaxEnumerated = 5'000'000;  // multisets

// Calls visit(result) for every operation on a >= b that stays in the non-negative integers.
template <class F>
void each_operation(int64_t a, int64_t b, F visit) {
  visit('+', a + b);
  visit('-', a - b);
  visit('*', a * b);
  if (b != 0 && a % b == 0) visit('/', a / b);
}

void collect_reachable(const Multiset& numbers, std::set<int64_t>& out) {
  if (numbers.size() == 1) out.insert(numbers[0]);
  for (size_t i = 0; i < numbers.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      Multiset rest;
      for (size_t k = 0; k < numbers.size(); ++k)
        if (k != i && k != j) rest.push_back(numbers[k]);
      rest.push_back(0);
      each_operation(std::max(numbers[i], numbers[j]), std::min(numbers[i], numbers[j]),
                     [&](char, int64_t result) {
                       rest.back() = result;
                       collect_reachable(rest, out);
                     });
    }
}

std::vector<int64_t> solvable_targets(const Multiset& numbers, const CountdownConfig& c) {
  std::set<int64_t> reachable;
  collect_reachable(numbers, reachable);
  return {reachable.lower_bound(c.min_target), reachable.upper_bound(c.max_target)};
}

// Adds all sorted multisets of `size` numbers in rising order.
void add_multisets(const CountdownConfig& c, int64_t size, std::vector<Multiset>& sets) {
  Multiset current(size, c.min_number);
  while (true) {
    sets.push_back(current);
    if (sets.size() > kMaxEnumerated)
      throw ConfigError(
          "countdown_data: too many problems to enumerate; set train_problems to draw that many at "
          "random");
    int64_t i = size - 1;
    while (i >= 0 && current[i] == c.max_number) --i;
    if (i < 0) return;
    std::fill(current.begin() + i, current.end(), current[i] + 1);
  }
}

Multiset draw_multiset(const CountdownConfig& c, const RandomStream& draws, uint64_t row) {
  const uint32_t sizes = static_cast<uint32_t>(c.num_numbers.size());
  const int64_t size = c.num_numbers[sizes == 1 ? 0 : draws.below(sizes, row, 5)];
  Multiset numbers;
  for (int64_t i = 0; i < size; ++i)
    numbers.push_back(c.min_number +
                      draws.below(static_cast<uint32_t>(c.max_number - c.min_number + 1), row, 1,
                                  static_cast<uint32_t>(i)));
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// Problem `row`'s numbers in a random order.
CountdownProblem shuffled(Multiset numbers, int64_t target, const RandomStream& draws,
                          uint64_t row) {
  for (size_t i = numbers.size(); i > 1; --i)
    std::swap(numbers[i - 1],
              numbers[draws.below(static_cast<uint32_t>(i), row, 2, static_cast<uint32_t>(i))]);
  return {std::move(numbers), target};
}

void check_config(const CountdownConfig& c) {
  if (c.num_numbers.empty())
    throw ConfigError("countdown_data: num_numbers is empty; say how many numbers a problem has");
  std::set<int64_t> sizes;
  for (const int64_t size : c.num_numbers)
    if (!sizes.insert(size).second)
      throw ConfigError(fmt::format("countdown_data: num_numbers lists {} twice", size));
  if (c.max_number < c.min_number || c.max_target < c.min_target)
    throw ConfigError(fmt::format("countdown_data: empty range: numbers [{}, {}], targets [{}, {}]",
                                  c.min_number, c.max_number, c.min_target, c.max_target));
}

// Hands problems of one multiset after another to the held-out sets until they are full, then to
// training.
class Splitter {
 public:
  Splitter(const CountdownConfig& config, const RandomStream& draws)
      : config_(config), draws_(draws) {}
  // False when everything asked for is there.
  bool add(const Multiset& numbers, const std::vector<int64_t>& targets) {
    for (const int64_t target : targets) {
      auto& part = destination();
      if (&part == &split_.train && config_.train_problems > 0 &&
          static_cast<int64_t>(part.size()) >= config_.train_problems)
        return false;
      part.push_back(shuffled(numbers, target, draws_, row_++));
    }
    current_full_ = true;
    return true;
  }
  CountdownSplit finish() {
    if (static_cast<int64_t>(split_.test.size()) < config_.test_problems ||
        static_cast<int64_t>(split_.validation.size()) < config_.validation_problems ||
        split_.train.empty() || static_cast<int64_t>(split_.train.size()) < config_.train_problems)
      throw ConfigError(
          fmt::format("countdown_data: the range holds too few solvable problems: got {} training, "
                      "{} validation, {} test problems; widen max_number "
                      "or the targets, or ask for fewer",
                      split_.train.size(), split_.validation.size(), split_.test.size()));
    split_.test.resize(config_.test_problems);
    split_.validation.resize(config_.validation_problems);
    return std::move(split_);
  }

 private:
  // A multiset goes to one part whole, so the part changes only between multisets.
  std::vector<CountdownProblem>& destination() {
    if (current_full_) {
      part_ = static_cast<int64_t>(split_.test.size()) < config_.test_problems ? &split_.test
              : static_cast<int64_t>(split_.validation.size()) < config_.validation_problems
                  ? &split_.validation
                  : &split_.train;
      current_full_ = false;
    }
    return *part_;
  }
  const CountdownConfig& config_;
  const RandomStream& draws_;
  CountdownSplit split_;
  std::vector<CountdownProblem>* part_ = &split_.test;
  bool current_full_ = true;
  uint64_t row_ = 0;
};

// ---- traces
// ----------------------------------------------------------------------------------------------------------

struct Term {
  int64_t value;
  std::string expression;
};
using State = std::vector<Term>;

struct Move {
  size_t i, j;  // terms combined, value of i >= value of j
  char op;
  int64_t result;
  double rank;
};

std::string bracketed(const std::string& expression) {
  return expression.find_first_not_of("0123456789") == std::string::npos ? expression
                                                                         : "(" + expression + ")";
}

State take(const State& state, const Move& move) {
  State next;
  for (size_t k = 0; k < state.size(); ++k)
    if (k != move.i && k != move.j) next.push_back(state[k]);
  next.push_back({move.result, bracketed(state[move.i].expression) + move.op +
                                   bracketed(state[move.j].expression)});
  return next;
}

class Search {
 public:
  Search(const CountdownProblem& problem, const TraceConfig& config, const RandomStream& draws,
         uint64_t row)
      : problem_(problem), config_(config), draws_(draws), row_(row) {
    budget_ =
        config.budgets.empty()
            ? 0
            : config.budgets[draws.below(static_cast<uint32_t>(config.budgets.size()), row, 10)];
    noise_ = config.heuristic_noise.empty()
                 ? 0
                 : config.heuristic_noise[draws.below(
                       static_cast<uint32_t>(config.heuristic_noise.size()), row, 11)];
    factors_ = draws.below(2, row, 12) == 1;
    if (draws.uniform(row, 13) < config.slip_share && budget_ > 0)
      slip_at_ = draws.below(static_cast<uint32_t>(budget_), row, 14);
    for (const int64_t number : problem.nums) start_.push_back({number, std::to_string(number)});
  }

  void run() { explore(start_); }
  const std::string& items() const { return items_; }
  bool solved() const { return solved_; }
  // The expression found, or the one that came closest; empty when nothing was tried.
  const std::string& answer() const { return answer_; }
  State start() const { return start_; }

  std::vector<Move> moves(const State& state) {
    std::vector<Move> moves;
    for (size_t i = 0; i < state.size(); ++i)
      for (size_t j = 0; j < state.size(); ++j) {
        if (i == j || state[i].value < state[j].value ||
            (state[i].value == state[j].value && i < j))
          continue;
        each_operation(state[i].value, state[j].value, [&](char op, int64_t result) {
          if (result <= config_.max_result) moves.push_back({i, j, op, result, 0});
        });
      }
    for (Move& move : moves)
      move.rank = distance(state, move) + noise_ * draws_.normal(row_, 15, draw_++);
    std::stable_sort(moves.begin(), moves.end(),
                     [](const Move& a, const Move& b) { return a.rank < b.rank; });
    return moves;
  }

 private:
  // Mean distance of the numbers left to the target, or to its nearest factor.
  double distance(const State& state, const Move& move) const {
    double sum = near(move.result);
    for (size_t k = 0; k < state.size(); ++k)
      if (k != move.i && k != move.j) sum += near(state[k].value);
    return sum / static_cast<double>(state.size() - 1);
  }
  double near(int64_t value) const {
    if (!factors_) return static_cast<double>(std::abs(value - problem_.target));
    int64_t best = std::abs(value - problem_.target);
    for (int64_t f = 1; f * f <= problem_.target; ++f)
      if (problem_.target % f == 0)
        best = std::min({best, std::abs(value - f), std::abs(value - problem_.target / f)});
    return static_cast<double>(best);
  }

  void explore(const State& state) {
    const std::vector<Move> ranked = moves(state);
    for (size_t m = 0; m < ranked.size() && m < static_cast<size_t>(config_.branching); ++m) {
      if (tried_ == budget_) return;
      Move move = ranked[m];
      if (tried_++ == slip_at_) move.result += 1 + draws_.below(9, row_, 16);
      const State next = take(state, move);
      items_ +=
          fmt::format("{}{}{}={}", state[move.i].value, move.op, state[move.j].value, move.result);
      if (next.size() > 1) {
        std::vector<int64_t> left;
        for (const Term& term : next) left.push_back(term.value);
        items_ += fmt::format(":{}", fmt::join(left, ","));
      }
      items_ += ';';
      if (next.size() == 1)
        consider(next[0]);
      else
        explore(next);
      if (solved_) return;
    }
  }
  void consider(const Term& term) {
    const int64_t miss = std::abs(term.value - problem_.target);
    if (!answer_.empty() && miss >= best_miss_) return;
    best_miss_ = miss;
    answer_ = term.expression;
    solved_ = miss == 0;
  }

  const CountdownProblem& problem_;
  const TraceConfig& config_;
  const RandomStream& draws_;
  uint64_t row_;
  int64_t budget_, tried_ = 0, best_miss_ = 0, slip_at_ = -1;
  double noise_;
  bool factors_, solved_ = false;
  uint32_t draw_ = 0;
  State start_;
  std::string items_, answer_;
};

// An expression over all numbers, right or (almost surely) wrong.
std::string guess(const CountdownProblem& problem, Search& search, const RandomStream& draws,
                  uint64_t row, bool right) {
  if (right) {
    TraceConfig exhaustive;
    exhaustive.budgets = {1'000'000};
    exhaustive.heuristic_noise = {30};
    exhaustive.branching = 1'000;
    exhaustive.max_result = 1'000'000;
    Search full(problem, exhaustive, draws, row);
    full.run();
    return full.answer();
  }
  State state = search.start();
  for (uint32_t step = 0; state.size() > 1; ++step) {
    const std::vector<Move> moves = search.moves(state);
    state = take(state, moves[draws.below(static_cast<uint32_t>(moves.size()), row, 20, step)]);
  }
  return state[0].expression;
}

}  // namespace

CountdownSplit make_countdown_problems(const CountdownConfig& config, const RandomStream& draws) {
  check_config(config);
  Splitter splitter(config, draws);
  if (config.train_problems == 0) {
    std::vector<Multiset> sets;
    for (const int64_t size : config.num_numbers) add_multisets(config, size, sets);
    for (size_t i = sets.size(); i > 1; --i)
      std::swap(sets[i - 1], sets[draws.below(static_cast<uint32_t>(i), i, 3)]);
    for (const Multiset& numbers : sets) splitter.add(numbers, solvable_targets(numbers, config));
    return splitter.finish();
  }
  std::set<Multiset> seen;
  const int64_t wanted = config.train_problems + config.validation_problems + config.test_problems;
  bool more = true;
  for (uint64_t row = 0; more && row < static_cast<uint64_t>(100 * wanted + 10'000); ++row) {
    const Multiset numbers = draw_multiset(config, draws, row);
    if (!seen.insert(numbers).second) continue;
    const std::vector<int64_t> targets = solvable_targets(numbers, config);
    if (!targets.empty())
      more = splitter.add(numbers,
                          {targets[draws.below(static_cast<uint32_t>(targets.size()), row, 4)]});
  }
  return splitter.finish();
}

std::string countdown_prompt(const CountdownProblem& problem, const std::string& prompt_template) {
  if (prompt_template == "mini")
    return fmt::format("{}:{}<think>", fmt::join(problem.nums, ","), problem.target);
  const std::string task = fmt::format(
      "Using the numbers [{}], create an equation that equals {}. You can use basic arithmetic "
      "operations (+, -, *, /) and each number can only be used once. Show "
      "your work in <think> </think> tags. And return the final answer in <answer> </answer> tags, "
      "for example <answer> (1 + 2) / 3 </answer>.",
      fmt::join(problem.nums, ", "), problem.target);
  return prompt_template == "question" ? task : model::builtin_prompt(prompt_template, task);
}

std::string countdown_trace(const CountdownProblem& problem, const TraceConfig& config,
                            const RandomStream& draws, uint64_t row) {
  Search search(problem, config, draws, row);
  std::string thought, answer;
  if (config.answer_only) {
    answer = guess(problem, search, draws, row,
                   draws.uniform(row, 21) < config.answer_only_correct_share);
  } else {
    search.run();
    thought = search.items();
    answer = search.answer().empty() ? guess(problem, search, draws, row, false) : search.answer();
  }
  if (draws.uniform(row, 22) < config.tagged_share)
    return thought + "</think><answer>" + answer + "</answer>";
  switch (draws.below(4, row, 23)) {
    case 0:
      return thought;  // stops without an answer
    case 1:
      return thought + "</think>" + answer;  // answers outside the tags
    case 2:
      return thought + "<answer>" + answer + "</answer>";  // never ends the thought
    default:
      return "</think>" + thought + "<answer>" + answer;  // thinks outside, never ends the answer
  }
}

}  // namespace r1::recipes
