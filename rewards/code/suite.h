// The tests of a programming problem, and what counts as passing them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace r1::rewards::code {

enum class TestKind { kStdin, kCall, kAssert, kChecker };
// Of n tests, what a program scores that passes some of them:
//   kAll           1 when all pass, else 0; stops at the first failure
//   kFraction      passed / n; all are run
//   kFirstFailure  tests before the first failure / n; stops there. 1 when all pass
enum class ScoreMode { kAll, kFraction, kFirstFailure };

struct TestCase {
  std::string input, output;  // kStdin and kChecker
  Json args, expected;        // kCall
};

// A row's `tests`, in any of these forms, each with optional time_limit_s, memory_limit_mb,
// tolerance and score ("all", "fraction", "first_failure"):
//   {"type": "stdin", "cases": [{"input": "1 2\n", "output": "3\n"}]}
//   {"type": "call", "entry": "add", "cases": [{"args": [1, 2], "expected": 3}]}    a function, or
//   a method of class Solution
//   {"type": "assert", "code": ["assert add(1, 2) == 3"]}
//   {"type": "checker", "checker": "...", "cases": [{"input": "1 2\n"}]}            a Python
//   program: called with the paths of
//       input, output and reference output; exit code 0 accepts, 1 refuses
struct Suite {
  TestKind kind = TestKind::kStdin;
  ScoreMode score = ScoreMode::kAll;
  std::vector<TestCase> cases;
  std::string entry;              // kCall
  std::vector<std::string> code;  // kAssert
  std::string checker;            // kChecker
  double tolerance = 0;           // of numbers: |a - b| <= tolerance * max(1, |b|)
  std::optional<double> cpu_s;
  std::optional<int64_t> memory_mb;

  int64_t total() const;
};

// Throws DataError saying what is wrong where: "tests.cases[3].input: expected a string, found an
// integer".
Suite parse_suite(const Json& tests);
Json to_json(const Suite& suite);  // parse_suite gives it again

// The comparison of LiveCodeBench: both stripped, as many lines, every line equal when stripped, or
// its tokens all numbers of the same value (of values within the tolerance). Empty when they agree;
// otherwise where they do not.
std::string compare_output(std::string_view output, std::string_view expected, double tolerance);

// A value as driver.py writes it against plain JSON. Tuples count as lists, keys of a dict as
// strings; true is not 1. Empty when equal.
std::string compare_value(const Json& value, const Json& expected, double tolerance);

}  // namespace r1::rewards::code
