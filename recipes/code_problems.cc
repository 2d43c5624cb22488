#include "recipes/code_problems.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace r1::recipes {
namespace {

using Numbers = std::vector<int64_t>;

// ---- tests of a problem
// ----------------------------------------------------------------------------------------------------------

// Type call: f(input) is answer(input).
template <class Input, class Answer>
Json calls(const std::vector<Input>& inputs, Answer answer) {
  Json cases = Json::array();
  for (const Input& input : inputs)
    cases.push_back({{"args", Json::array({Json(input)})}, {"expected", answer(input)}});
  return {{"type", "call"}, {"entry", "f"}, {"cases", cases}};
}

// Type stdin: a line of numbers gives the lines answer(numbers).
template <class Answer>
Json reads(const std::vector<Numbers>& inputs, Answer answer) {
  Json cases = Json::array();
  for (const Numbers& input : inputs)
    cases.push_back({{"input", fmt::format("{}\n", fmt::join(input, " "))},
                     {"output", fmt::format("{}\n", fmt::join(answer(input), "\n"))}});
  return {{"type", "stdin"}, {"cases", cases}};
}

Json asserts(const std::vector<std::string>& code) { return {{"type", "assert"}, {"code", code}}; }

int64_t largest(const Numbers& v) { return *std::max_element(v.begin(), v.end()); }
int64_t smallest(const Numbers& v) { return *std::min_element(v.begin(), v.end()); }
char letter(int64_t number) { return static_cast<char>('a' + number); }

// ---- families
// ----------------------------------------------------------------------------------------------------------

// Values from `first` to `last`; letter 0 is "a".
struct Parameter {
  int64_t first, last;
  enum { kNumber, kLetter, kWord } shown = kNumber;

  std::string text(int64_t value) const {
    static const std::vector<const char*> kWords = {"fizz", "buzz", "bang", "pop",  "zip",
                                                    "foo",  "bar",  "tick", "tock", "ping"};
    if (shown == kLetter) return std::string(1, letter(value));
    return shown == kWord ? kWords[value % kWords.size()] : std::to_string(value);
  }
};

// {a} and {b} in the texts stand for the parameters.
struct Family {
  const char* name;
  Parameter a, b;
  const char* task;
  const char* program;
  struct Slip {
    const char *text, *becomes;
  };
  std::vector<Slip> slips;          // in the program
  Json (*tests)(int64_t, int64_t);  // with an input on each side of every border
};

// Values such that one more of a parameter never gives the same answers.
const std::vector<Family>& families() {
  static const std::vector<Family> kFamilies = {
      {"linear",
       {2, 13},
       {1, 12},
       "f(n): {a} times n plus {b}",
       "def f(n):\n  return {a} * n + {b}\n",
       {{"+", "-"}},
       [](int64_t a, int64_t b) {
         return calls<int64_t>({0, 1, 4, -3}, [=](int64_t n) { return a * n + b; });
       }},
      {"clamp",
       {0, 9},
       {12, 23},
       "f(n): n kept between {a} and {b}",
       "def f(n):\n  return max({a}, min({b}, n))\n",
       {{"max({a}, min({b}, n))", "min({a}, max({b}, n))"}},
       [](int64_t a, int64_t b) {
         return calls<int64_t>({a - 3, a, a + 2, b, b + 4},
                               [=](int64_t n) { return std::clamp(n, a, b); });
       }},
      {"remainder",
       {7, 20},
       {0, 5},
       "f(n): does n leave {b} when divided by {a}",
       "def f(n):\n  return n % {a} == {b}\n",
       {{"==", "!="}, {"%", "//"}},
       [](int64_t a, int64_t b) {
         return calls<int64_t>({b, b + 1, a, a + b, a + b + 1, 3 * a + b},
                               [=](int64_t n) { return n % a == b; });
       }},
      {"word",
       {3, 14},
       {0, 9, Parameter::kWord},
       "f(n): '{b}' for multiples of {a}, else n",
       "def f(n):\n  if n % {a} == 0:\n    return '{b}'\n  return n\n",
       {{"==", "!="}, {"  return n\n", ""}},
       [](int64_t a, int64_t b) {
         return calls<int64_t>({1, a, a + 1, 2 * a, 3 * a - 1}, [=](int64_t n) {
           return n % a == 0 ? Json(Parameter{0, 9, Parameter::kWord}.text(b)) : Json(n);
         });
       }},
      {"replace",
       {0, 11, Parameter::kLetter},
       {13, 24, Parameter::kLetter},
       "f(s): s with every {a} made {b}",
       "def f(s):\n  return s.replace('{a}', '{b}')\n",
       {{"'{a}', '{b}'", "'{b}', '{a}'"}},
       [](int64_t a, int64_t b) {
         const std::string before = {letter(a), letter(b), letter(a), letter(a + 1)};
         return calls<std::string>({"", before, "the quick " + before + " fox"},
                                   [=](std::string s) {
                                     std::replace(s.begin(), s.end(), letter(a), letter(b));
                                     return s;
                                   });
       }},
      {"join",
       {2, 9},
       {10, 24, Parameter::kLetter},
       "f(s): s {a} times with {b} between",
       "def f(s):\n  return '{b}'.join([s] * {a})\n",
       {{"[s] * {a}", "s * {a}"}, {"'{b}'.join([s] * {a})", "s * {a}"}},
       [](int64_t a, int64_t b) {
         return calls<std::string>({"ab", "", "hey"}, [=](const std::string& s) {
           return fmt::format("{}",
                              fmt::join(std::vector<std::string>(a, s), std::string(1, letter(b))));
         });
       }},
      {"slice",
       {0, 9},
       {11, 22},
       "f(v): v[{a}] to before v[{b}], reversed",
       "def f(v):\n  return v[{a}:{b}][::-1]\n",
       {{"[::-1]", ""}},
       [](int64_t a, int64_t b) {
         Numbers v(24);
         for (size_t i = 0; i < v.size(); ++i) v[i] = static_cast<int64_t>(i) * 7 % 31;
         return calls<Numbers>({v, {}}, [=](const Numbers& all) {
           Numbers part;
           for (int64_t i = std::min<int64_t>(b, static_cast<int64_t>(all.size())); i > a; --i)
             part.push_back(all[i - 1]);
           return part;
         });
       }},
      {"sum_between",
       {2, 11},
       {14, 25},
       "f(v): sum of those from {a} to {b}",
       "def f(v):\n  return sum(x for x in v if {a} <= x <= {b})\n",
       {{"{a} <= x <= {b}", "{a} < x < {b}"}},
       [](int64_t a, int64_t b) {
         return calls<Numbers>({{a - 1, a, a + 1, b, b + 1}, {}, {a, 50, b}}, [=](Numbers v) {
           std::erase_if(v, [=](int64_t x) { return x < a || x > b; });
           return std::accumulate(v.begin(), v.end(), int64_t{0});
         });
       }},
      {"largest",
       {2, 13},
       {1, 12},
       "f(v): {a} times the largest plus {b}",
       "def f(v):\n  return {a} * max(v) + {b}\n",
       {{"max", "min"}},
       [](int64_t a, int64_t b) {
         return calls<Numbers>({{3, 9, 1}, {-5, -2}, {4}},
                               [=](const Numbers& v) { return a * largest(v) + b; });
       }},
      {"digit_sum",
       {2, 13},
       {1, 12},
       "f(n): {a} times the digit sum of n, plus {b}",
       "def f(n):\n  t = 0\n  while n > 0:\n    t += n % 10\n    n //= 10\n  return {a} * t + "
       "{b}\n",
       {{"    n //= 10\n", ""}, {"% 10", "// 10"}},  // the first never ends
       [](int64_t a, int64_t b) {
         return calls<int64_t>({0, 7, 10, 4096}, [=](int64_t n) {
           int64_t sum = 0;
           for (; n > 0; n /= 10) sum += n % 10;
           return a * sum + b;
         });
       }},
      {"steps_down",
       {2, 13},
       {1, 12},
       "f(n): n, n - {a}, ... down to 0, plus {b} each",
       "def f(n):\n  v = []\n  while n >= 0:\n    v.append(n + {b})\n    n -= {a}\n  return v\n",
       {{"    n -= {a}\n", ""}, {">=", ">"}},  // the first fills the memory
       [](int64_t a, int64_t b) {
         return calls<int64_t>({0, 2 * a, 2 * a + 1, -1}, [=](int64_t n) {
           Json v = Json::array();
           for (; n >= 0; n -= a) v.push_back(n + b);
           return v;
         });
       }},
      {"read_smallest",
       {2, 13},
       {1, 12},
       "read numbers, print {a} times the smallest minus {b}",
       "v = list(map(int, input().split()))\nprint({a} * min(v) - {b})\n",
       {{"min", "max"}, {"map(int, input().split())", "input().split()"}},
       [](int64_t a, int64_t b) {
         return reads({{3, 9, 1}, {-5, -2}, {4}},
                      [=](const Numbers& v) { return Numbers{a * smallest(v) - b}; });
       }},
      {"read_each",
       {2, 13},
       {1, 12},
       "read numbers, print each times {a} plus {b}",
       "for x in input().split():\n  print(int(x) * {a} + {b})\n",
       {{"int(x)", "x"}, {"+", "-"}},
       [](int64_t a, int64_t b) {
         return reads({{3, 0, -1}, {12}}, [=](Numbers v) {
           for (int64_t& x : v) x = x * a + b;
           return v;
         });
       }},
      {"refuse",
       {2, 13},
       {1, 12},
       "f(n): {a} times n, ValueError below {b}",
       "def f(n):\n  if n < {b}:\n    raise ValueError\n  return {a} * n\n",
       {{"<", "<="}, {"raise ValueError", "return 0"}},
       [](int64_t a, int64_t b) {
         return asserts({fmt::format("assert f({}) == {}", b, a * b),
                         fmt::format("assert f({}) == {}", b + 7, a * (b + 7)),
                         fmt::format("try:\n  f({})\n  refused = False\nexcept ValueError:\n  "
                                     "refused = True\nassert refused",
                                     b - 1)});
       }},
      {"look_up",
       {2, 13},
       {1, 12},
       "f(d, k): d[k] plus {a}, or {b} without k",
       "def f(d, k):\n  return d[k] + {a} if k in d else {b}\n",
       {{"k in d", "k not in d"}, {" if k in d else {b}", ""}},
       [](int64_t a, int64_t b) {
         return asserts({fmt::format("assert f({{'x': 5, 'y': 8}}, 'y') == {}", 8 + a),
                         fmt::format("assert f({{'x': 5}}, 'z') == {}", b),
                         fmt::format("assert f({{}}, 1) == {}", b)});
       }},
  };
  return kFamilies;
}

// ---- problems
// ----------------------------------------------------------------------------------------------------------

std::string replaced(std::string text, const std::string& part, const std::string& by) {
  const size_t at = text.find(part);
  R1_CHECK(at != text.npos, "no \"" + part + "\" in \"" + text + "\"");
  return text.replace(at, part.size(), by);
}

std::string fenced(const std::string& program) { return "```python\n" + program + "```"; }

CodeProblem make_problem(const Family& family, int64_t a, int64_t b) {
  const auto fill = [&](const std::string& text, int64_t a_value, int64_t b_value) {
    return fmt::format(fmt::runtime(text), fmt::arg("a", family.a.text(a_value)),
                       fmt::arg("b", family.b.text(b_value)));
  };
  const std::string program = fill(family.program, a, b);
  CodeProblem problem = {
      family.name, fill(family.task, a, b) + "\n", family.tests(a, b), fenced(program), {}};
  problem.wrong = {fenced(fill(family.program, a + 1, b)), fenced(fill(family.program, a, b + 1))};
  for (const Family::Slip& slip : family.slips)
    problem.wrong.push_back(fenced(fill(replaced(family.program, slip.text, slip.becomes), a, b)));
  problem.wrong.push_back(fenced(replaced(program, ")", "")));
  problem.wrong.push_back(replaced(problem.right, "```python\n", ""));
  problem.wrong.push_back(problem.right.substr(0, problem.right.size() - 3));
  return problem;
}

}  // namespace

std::vector<CodeProblem> all_code_problems() {
  std::vector<CodeProblem> problems;
  for (const Family& family : families())
    for (int64_t a = family.a.first; a <= family.a.last; ++a)
      for (int64_t b = family.b.first; b <= family.b.last; ++b)
        problems.push_back(make_problem(family, a, b));
  return problems;
}

CodeSplit make_code_problems(const CodeProblemsConfig& config, const RandomStream& draws) {
  std::vector<CodeProblem> all = all_code_problems();
  const int64_t held_out = config.test_problems + config.validation_problems;
  const int64_t wanted = held_out + std::max<int64_t>(1, config.train_problems);
  const int64_t count = static_cast<int64_t>(all.size());
  if (wanted > count)
    throw ConfigError(
        fmt::format("code_data: there are {} problems, and {} training, {} validation and {} test "
                    "problems are asked for; ask for fewer",
                    count, std::max<int64_t>(1, config.train_problems), config.validation_problems,
                    config.test_problems));
  for (size_t i = all.size(); i > 1; --i)
    std::swap(all[i - 1], all[draws.below(static_cast<uint32_t>(i), i, 1)]);
  const auto begin = std::make_move_iterator(all.begin());
  const int64_t end = config.train_problems > 0 ? wanted : count;
  return {{begin + held_out, begin + end},
          {begin + config.test_problems, begin + held_out},
          {begin, begin + config.test_problems}};
}

std::string code_completion(const CodeProblem& problem, double right_share,
                            const RandomStream& draws, uint64_t row) {
  if (draws.uniform(row, 10) < right_share) return problem.right;
  return problem.wrong[draws.below(static_cast<uint32_t>(problem.wrong.size()), row, 11)];
}

}  // namespace r1::recipes
