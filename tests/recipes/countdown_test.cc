#include "recipes/countdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "model/prompts.h"
#include "rewards/reward.h"
#include "tests/base/expect_error.h"

namespace r1::recipes {
namespace {

using Numbers = std::vector<int64_t>;

RandomStream draws_of(uint64_t seed) { return RandomStream(seed, "data", Purpose::kData); }

CountdownConfig small_config() {
  CountdownConfig config;
  config.max_number = 9;
  config.validation_problems = 40;
  config.test_problems = 60;
  return config;
}

// Every value that some expression over all the numbers has under integer rules.
std::set<int64_t> reachable(const Numbers& numbers) {
  if (numbers.size() == 1) return {numbers[0]};
  std::set<int64_t> values;
  for (size_t i = 0; i < numbers.size(); ++i)
    for (size_t j = 0; j < numbers.size(); ++j) {
      if (i == j) continue;
      const int64_t a = numbers[i], b = numbers[j];
      Numbers results = {a + b, a * b};
      if (a >= b) results.push_back(a - b);
      if (b != 0 && a % b == 0) results.push_back(a / b);
      for (const int64_t result : results) {
        Numbers rest = {result};
        for (size_t k = 0; k < numbers.size(); ++k)
          if (k != i && k != j) rest.push_back(numbers[k]);
        values.merge(reachable(rest));
      }
    }
  return values;
}

Numbers sorted(Numbers numbers) {
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::string text_of(const std::vector<CountdownProblem>& problems) {
  std::string text;
  for (const CountdownProblem& problem : problems) text += countdown_prompt(problem, "mini") + "\n";
  return text;
}

std::string text_of(const CountdownSplit& split) {
  return text_of(split.train) + "|" + text_of(split.validation) + "|" + text_of(split.test);
}

// ---- problems ----------------------------------------------------------------------------------

void expect_sound(const CountdownSplit& split, const CountdownConfig& config) {
  std::set<std::pair<Numbers, int64_t>> seen;
  std::map<Numbers, std::set<int64_t>> values;
  for (const auto* part : {&split.train, &split.validation, &split.test})
    for (const CountdownProblem& problem : *part) {
      const Numbers numbers = sorted(problem.nums);
      ASSERT_THAT(config.num_numbers, testing::Contains(static_cast<int64_t>(numbers.size())));
      EXPECT_GE(numbers.front(), config.min_number);
      EXPECT_LE(numbers.back(), config.max_number);
      EXPECT_GE(problem.target, config.min_target);
      EXPECT_LE(problem.target, config.max_target);
      EXPECT_TRUE(seen.emplace(numbers, problem.target).second)
          << "twice: " << countdown_prompt(problem, "mini");
      if (!values.contains(numbers)) values[numbers] = reachable(numbers);
      EXPECT_TRUE(values[numbers].contains(problem.target))
          << "no solution: " << countdown_prompt(problem, "mini");
    }
}

void expect_apart(const CountdownSplit& split) {
  std::map<Numbers, std::set<std::string>> parts;
  for (const CountdownProblem& p : split.train) parts[sorted(p.nums)].insert("train");
  for (const CountdownProblem& p : split.validation) parts[sorted(p.nums)].insert("validation");
  for (const CountdownProblem& p : split.test) parts[sorted(p.nums)].insert("test");
  for (const auto& [numbers, names] : parts)
    EXPECT_EQ(names.size(), 1u) << numbers[0] << " " << numbers[1];
}

TEST(CountdownProblems, EnumeratedOnesAreAllSolvableProblems) {
  const CountdownConfig config = small_config();
  const CountdownSplit split = make_countdown_problems(config, draws_of(1));
  expect_sound(split, config);
  expect_apart(split);
  EXPECT_EQ(split.validation.size(), 40u);
  EXPECT_EQ(split.test.size(), 60u);
  // Training has every problem of its multisets, and only held-out multisets are missing from it.
  std::set<std::pair<Numbers, int64_t>> train;
  std::set<Numbers> train_numbers, held_out;
  for (const CountdownProblem& p : split.train) {
    train.emplace(sorted(p.nums), p.target);
    train_numbers.insert(sorted(p.nums));
  }
  for (const auto* part : {&split.validation, &split.test})
    for (const CountdownProblem& p : *part) held_out.insert(sorted(p.nums));
  for (int64_t a = 1; a <= 9; ++a)
    for (int64_t b = a; b <= 9; ++b)
      for (int64_t c = b; c <= 9; ++c) {
        const Numbers numbers = {a, b, c};
        std::set<int64_t> targets = reachable(numbers);
        std::erase_if(targets, [](int64_t target) { return target < 10 || target > 50; });
        if (targets.empty() || held_out.contains(numbers)) continue;
        EXPECT_TRUE(train_numbers.contains(numbers)) << a << " " << b << " " << c;
        for (const int64_t target : targets)
          EXPECT_TRUE(train.contains({numbers, target}))
              << a << " " << b << " " << c << " " << target;
      }
}

TEST(CountdownProblems, DrawnOnesAreSoundToo) {
  using Sizes = std::vector<int64_t>;
  for (const Sizes& num_numbers : {Sizes{2}, Sizes{3}, Sizes{4}, Sizes{3, 4}}) {
    CountdownConfig config = small_config();
    config.num_numbers = num_numbers;
    config.max_number = num_numbers[0] == 2 ? 60 : 25;
    config.train_problems = 200;
    const CountdownSplit split = make_countdown_problems(config, draws_of(1));
    expect_sound(split, config);
    expect_apart(split);
    EXPECT_EQ(split.train.size(), 200u);
    EXPECT_EQ(split.validation.size(), 40u);
    EXPECT_EQ(split.test.size(), 60u);
  }
}

TEST(CountdownProblems, NumbersAreShownInAnyOrder) {
  const CountdownSplit split = make_countdown_problems(small_config(), draws_of(1));
  const auto in_order = std::count_if(split.train.begin(), split.train.end(), [](const auto& p) {
    return std::is_sorted(p.nums.begin(), p.nums.end());
  });
  EXPECT_GT(in_order, 0);
  EXPECT_LT(in_order, static_cast<std::ptrdiff_t>(split.train.size() / 2));  // about one in six
}

TEST(CountdownProblems, TheSeedDecides) {
  for (const int64_t train_problems : {0, 50}) {
    CountdownConfig config = small_config();
    config.train_problems = train_problems;
    const std::string one = text_of(make_countdown_problems(config, draws_of(1)));
    EXPECT_EQ(text_of(make_countdown_problems(config, draws_of(1))), one);
    EXPECT_NE(text_of(make_countdown_problems(config, draws_of(2))), one);
  }
}

TEST(CountdownProblems, NoHeldOutProblemsAreFine) {
  CountdownConfig config = small_config();
  config.validation_problems = config.test_problems = 0;
  const CountdownSplit split = make_countdown_problems(config, draws_of(1));
  EXPECT_TRUE(split.validation.empty());
  EXPECT_TRUE(split.test.empty());
  EXPECT_GT(split.train.size(), 0u);
}

TEST(CountdownProblems, ARangeThatIsTooSmallIsAConfigError) {
  CountdownConfig config = small_config();
  config.max_number = 3;
  EXPECT_ERROR(ConfigError, make_countdown_problems(config, draws_of(1)), "too few solvable");
  config.train_problems = 1000;
  EXPECT_ERROR(ConfigError, make_countdown_problems(config, draws_of(1)), "too few solvable");
  config = small_config();
  config.min_number = 10;
  EXPECT_ERROR(ConfigError, make_countdown_problems(config, draws_of(1)), "empty range");
  config = small_config();
  config.num_numbers = {};
  EXPECT_ERROR(ConfigError, make_countdown_problems(config, draws_of(1)), "num_numbers is empty");
  config.num_numbers = {3, 4, 3};  // its problems would be in training and held out
  EXPECT_ERROR(ConfigError, make_countdown_problems(config, draws_of(1)), "3 twice");
  config = small_config();
  config.num_numbers = {6};
  config.max_number = 10000;
  EXPECT_ERROR(ConfigError, make_countdown_problems(config, draws_of(1)), "set train_problems");
}

// Half of the problems have three numbers, half four: of 400, more than 4 standard deviations (40)
// off happens once in 16,000 seeds.
TEST(CountdownProblems, SizesAreAsLikely) {
  CountdownConfig config = small_config();
  config.num_numbers = {3, 4};
  config.max_number = 99;
  config.train_problems = 400;
  const CountdownSplit split = make_countdown_problems(config, draws_of(1));
  const auto threes = std::count_if(split.train.begin(), split.train.end(),
                                    [](const auto& p) { return p.nums.size() == 3; });
  EXPECT_NEAR(static_cast<double>(threes), 200, 40);
}

// ---- prompts -----------------------------------------------------------------------------------

TEST(CountdownPrompt, Mini) {
  EXPECT_EQ(countdown_prompt({{3, 7, 12}, 24}, "mini"), "3,7,12:24<think>");
}

// The texts of TinyZero's examples/data_preprocess/countdown.py, opened up to <think>.
TEST(CountdownPrompt, TinyZero) {
  const std::string task =
      "Using the numbers [19, 36, 55, 7], create an equation that equals 65. You can use basic "
      "arithmetic operations (+, -, *, /) and each number can only be used once. Show your work in "
      "<think> </think> tags. And return the final answer in <answer> </answer> tags, for example "
      "<answer> (1 + 2) / 3 </answer>.";
  const CountdownProblem problem{{19, 36, 55, 7}, 65};
  EXPECT_EQ(countdown_prompt(problem, "tinyzero_base"),
            "A conversation between User and Assistant. The user asks a question, and the "
            "Assistant solves it. The assistant first thinks about the reasoning process in the "
            "mind and then provides the user with the answer.\nUser: " +
                task + "\nAssistant: Let me solve this step by step.\n<think>");
  EXPECT_EQ(countdown_prompt(problem, "tinyzero_qwen_instruct"),
            "<|im_start|>system\nYou are a helpful assistant. You first thinks about the "
            "reasoning process in the mind and then provides the user with the answer.<|im_end|>\n"
            "<|im_start|>user\n " +
                task +
                "<|im_end|>\n<|im_start|>assistant\nLet me solve this step by step.\n<think>");
  EXPECT_ERROR(ConfigError, countdown_prompt(problem, "tinyzero"), "there is no built-in prompt \"tinyzero\"");
}

TEST(CountdownPrompt, QuestionAndR1Zero) {
  const CountdownProblem problem{{3, 7}, 21};
  const std::string question = countdown_prompt(problem, "question");
  EXPECT_EQ(question.substr(0, 54), "Using the numbers [3, 7], create an equation that equa");
  EXPECT_EQ(countdown_prompt(problem, "r1_zero"), model::builtin_prompt("r1_zero", question));
}

// ---- traces ------------------------------------------------------------------------------------

struct Item {
  int64_t left = 0, right = 0, result = 0;
  char op = 0;
  Numbers remaining;  // empty after the last operation
};

// The items of a thought; every character of it belongs to one.
std::vector<Item> items_of(const std::string& thought) {
  static const std::regex shape(R"((\d+)([-+*/])(\d+)=(\d+)(?::(\d+(?:,\d+)*))?;)");
  std::vector<Item> items;
  size_t length = 0;
  for (std::sregex_iterator it(thought.begin(), thought.end(), shape), end; it != end; ++it) {
    Item item{
        std::stoll((*it)[1]), std::stoll((*it)[3]), std::stoll((*it)[4]), (*it)[2].str()[0], {}};
    std::istringstream rest((*it)[5]);
    for (std::string number; std::getline(rest, number, ',');)
      item.remaining.push_back(std::stoll(number));
    items.push_back(item);
    length += static_cast<size_t>(it->length());
  }
  EXPECT_EQ(length, thought.size()) << thought;
  return items;
}

bool is_true(const Item& item) {
  switch (item.op) {
    case '+':
      return item.left + item.right == item.result;
    case '-':
      return item.left - item.right == item.result;
    case '*':
      return item.left * item.right == item.result;
    default:
      return item.right != 0 && item.result * item.right == item.left;
  }
}

// Follows the items: each takes two numbers of a state seen on the way and puts back the result.
testing::AssertionResult is_search(const std::vector<Item>& items, const Numbers& start) {
  std::vector<Numbers> path = {sorted(start)};  // the states from the root to where we are
  for (const Item& item : items) {
    bool fits = false;
    while (!path.empty() && !fits) {
      Numbers expected = path.back();
      for (const int64_t operand : {item.left, item.right}) {
        const auto it = std::find(expected.begin(), expected.end(), operand);
        if (it == expected.end()) break;
        expected.erase(it);
      }
      expected.push_back(item.result);
      const bool last = path.back().size() == 2;
      fits = expected.size() + 1 == path.back().size() &&
             (last ? item.remaining.empty() : sorted(item.remaining) == sorted(expected));
      if (!fits)
        path.pop_back();  // the search went back
      else if (!last)
        path.push_back(sorted(expected));
    }
    if (!fits)
      return testing::AssertionFailure()
             << item.left << item.op << item.right << " fits no state on the path";
  }
  return testing::AssertionSuccess();
}

constexpr const char* kAnswerOpen = "</think><answer>";
constexpr const char* kAnswerClose = "</answer>";

struct Parsed {
  bool tagged = false;
  std::string thought, answer;
};
Parsed parse(const std::string& trace) {
  const size_t open = trace.find(kAnswerOpen);
  if (open == std::string::npos || !trace.ends_with(kAnswerClose)) return {};
  const size_t begin = open + std::string(kAnswerOpen).size();
  return {true, trace.substr(0, open),
          trace.substr(begin, trace.size() - std::string(kAnswerClose).size() - begin)};
}

Numbers numbers_in(const std::string& expression) {
  static const std::regex number(R"(\d+)");
  Numbers numbers;
  for (std::sregex_iterator it(expression.begin(), expression.end(), number), end; it != end; ++it)
    numbers.push_back(std::stoll(it->str()));
  return numbers;
}

double reward_of(const CountdownProblem& problem, const std::string& completion) {
  static const auto reward = rewards::make("countdown", Json::object(), "test");
  const Json reference = {{"nums", problem.nums}, {"target", problem.target}};
  rewards::RewardGroup group;
  group.reference = &reference;
  group.completions.push_back({"", completion, 0, false});
  return reward->score(group)[0].value;
}

std::vector<CountdownProblem> problems_for_traces() {
  return make_countdown_problems(small_config(), draws_of(1)).train;
}

TEST(CountdownTraces, AreTrueSearchesThatAnswerWhatTheyFound) {
  const auto problems = problems_for_traces();
  TraceConfig config;
  config.tagged_share = 1;
  config.budgets = {6};
  int64_t solved = 0, went_back = 0;
  for (uint64_t row = 0; row < 400; ++row) {
    const CountdownProblem& problem = problems[row % problems.size()];
    const std::string trace = countdown_trace(problem, config, draws_of(3), row);
    const Parsed parsed = parse(trace);
    ASSERT_TRUE(parsed.tagged) << trace;
    const std::vector<Item> items = items_of(parsed.thought);
    ASSERT_LE(items.size(), 6u) << trace;
    for (const Item& item : items) EXPECT_TRUE(is_true(item)) << trace;
    EXPECT_TRUE(is_search(items, problem.nums)) << trace;
    EXPECT_EQ(sorted(numbers_in(parsed.answer)), sorted(problem.nums)) << trace;
    // Solved exactly when the last item is the target; the search ends there.
    const auto hits = std::count_if(items.begin(), items.end(), [&](const Item& item) {
      return item.remaining.empty() && item.result == problem.target;
    });
    EXPECT_LE(hits, 1) << trace;
    if (hits == 1) {
      EXPECT_TRUE(items.back().remaining.empty() && items.back().result == problem.target) << trace;
    }
    EXPECT_EQ(reward_of(problem, trace), hits == 1 ? 1.0 : 0.1) << trace;
    solved += hits;
    went_back += items.size() > 2;
  }
  EXPECT_GT(solved, 0);
  EXPECT_LT(solved, 400);
  EXPECT_GT(went_back, 0);
}

TEST(CountdownTraces, ASpentBudgetAnswersTheClosestTry) {
  const auto problems = problems_for_traces();
  TraceConfig config;
  config.tagged_share = 1;
  config.budgets = {5};
  for (uint64_t row = 0; row < 200; ++row) {
    const CountdownProblem& problem = problems[row % problems.size()];
    const std::string trace = countdown_trace(problem, config, draws_of(4), row);
    const Parsed parsed = parse(trace);
    int64_t best = -1;
    for (const Item& item : items_of(parsed.thought))
      if (item.remaining.empty()) {
        const int64_t miss = std::abs(item.result - problem.target);
        best = best < 0 ? miss : std::min(best, miss);
      }
    if (best <= 0) continue;
    // The answer misses by as much as the best complete try; as a problem of that value it is
    // right.
    const bool above = reward_of({problem.nums, problem.target + best}, trace) == 1.0;
    const bool below = reward_of({problem.nums, problem.target - best}, trace) == 1.0;
    EXPECT_TRUE(above || below) << trace;
  }
}

TEST(CountdownTraces, BudgetsAreDrawnFromTheList) {
  const auto problems = problems_for_traces();
  TraceConfig config;
  config.tagged_share = 1;
  config.budgets = {1, 4};
  std::map<size_t, int64_t> counts;
  for (uint64_t row = 0; row < 300; ++row) {
    const Parsed parsed =
        parse(countdown_trace(problems[row % problems.size()], config, draws_of(5), row));
    ++counts[items_of(parsed.thought).size()];
  }
  EXPECT_EQ(counts[0], 0);
  EXPECT_NEAR(static_cast<double>(counts[1]), 150, 5 * std::sqrt(300 * 0.25));  // 5 deviations
  EXPECT_GT(counts[4], 0);
  EXPECT_EQ(counts.rbegin()->first, 4u);
}

TEST(CountdownTraces, MoreBudgetSolvesMore) {
  const auto problems = problems_for_traces();
  std::vector<double> shares;
  for (const int64_t budget : {2, 8, 1000}) {
    TraceConfig config;
    config.tagged_share = 1;
    config.budgets = {budget};
    config.branching = 100;
    double solved = 0;
    for (uint64_t row = 0; row < 200; ++row)
      solved +=
          reward_of(problems[row], countdown_trace(problems[row], config, draws_of(6), row)) == 1.0;
    shares.push_back(solved / 200);
  }
  EXPECT_LT(shares[0], shares[1]);
  EXPECT_LT(shares[1], shares[2]);
  EXPECT_EQ(shares[2], 1.0);  // all of a small tree: every problem has a solution
}

TEST(CountdownTraces, TaggedShare) {
  const auto problems = problems_for_traces();
  for (const double share : {0.0, 0.6, 1.0}) {
    TraceConfig config;
    config.tagged_share = share;
    constexpr int kTraces = 1000;
    int64_t tagged = 0;
    for (uint64_t row = 0; row < kTraces; ++row)
      tagged +=
          parse(countdown_trace(problems[row % problems.size()], config, draws_of(7), row)).tagged;
    // Five standard deviations of a binomial.
    EXPECT_NEAR(static_cast<double>(tagged), kTraces * share,
                5 * std::sqrt(kTraces * share * (1 - share)));
  }
}

TEST(CountdownTraces, UntaggedOnesScoreNoFormat) {
  const auto problems = problems_for_traces();
  TraceConfig config;
  config.tagged_share = 0;
  for (uint64_t row = 0; row < 100; ++row) {
    const std::string trace = countdown_trace(problems[row], config, draws_of(8), row);
    EXPECT_EQ(reward_of(problems[row], trace), 0.0) << trace;
  }
}

TEST(CountdownTraces, SlipShareIsTheShareOfTracesWithAWrongItem) {
  const auto problems = problems_for_traces();
  TraceConfig config;
  config.tagged_share = 1;
  config.slip_share = 0.5;
  config.budgets = {1};  // one item: a slip cannot lie behind the end
  constexpr int kTraces = 1000;
  int64_t wrong = 0;
  for (uint64_t row = 0; row < kTraces; ++row) {
    const auto items = items_of(
        parse(countdown_trace(problems[row % problems.size()], config, draws_of(9), row)).thought);
    wrong += !std::all_of(items.begin(), items.end(), is_true);
  }
  EXPECT_NEAR(static_cast<double>(wrong), 500, 5 * std::sqrt(kTraces * 0.25));
}

TEST(CountdownTraces, AnswerOnlyHasNoItems) {
  const auto problems = problems_for_traces();
  TraceConfig config;
  config.tagged_share = 1;
  config.answer_only = true;
  for (const double share : {0.0, 0.4, 1.0}) {
    config.answer_only_correct_share = share;
    constexpr int kTraces = 400;
    int64_t right = 0;
    for (uint64_t row = 0; row < kTraces; ++row) {
      const CountdownProblem& problem = problems[row % problems.size()];
      const std::string trace = countdown_trace(problem, config, draws_of(10), row);
      const Parsed parsed = parse(trace);
      ASSERT_TRUE(parsed.tagged) << trace;
      EXPECT_EQ(parsed.thought, "") << trace;
      EXPECT_EQ(sorted(numbers_in(parsed.answer)), sorted(problem.nums)) << trace;
      right += reward_of(problem, trace) == 1.0;
    }
    // Five standard deviations; a random expression is right by luck for at most one in five.
    const double spread = 5 * std::sqrt(kTraces * share * (1 - share));
    EXPECT_GE(static_cast<double>(right), kTraces * share - spread);
    EXPECT_LE(static_cast<double>(right), kTraces * (share + 0.2 * (1 - share)) + spread);
  }
}

TEST(CountdownTraces, ARowDecides) {
  const CountdownProblem problem{{3, 7, 8}, 32};
  const TraceConfig config;
  std::set<std::string> traces;
  for (uint64_t row = 0; row < 20; ++row) {
    traces.insert(countdown_trace(problem, config, draws_of(11), row));
    EXPECT_EQ(countdown_trace(problem, config, draws_of(11), row),
              countdown_trace(problem, config, draws_of(11), row));
  }
  EXPECT_GT(traces.size(), 5u);
}

}  // namespace
}  // namespace r1::recipes
