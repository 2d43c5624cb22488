// What is made of the results that driver.py writes, and of the tests of a program together.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/code/sandbox.h"

namespace r1::rewards::code {

// The random mark of one run: 32 hexadecimal digits. Only results behind it count.
std::string make_nonce();

// At most 256 bytes of it.
std::string detail_of(std::string_view text);
// The last line of standard error, which names an exception.
std::string_view last_line(std::string_view text);
// The limit that standard error says was met: memory, processes or files. Nothing: none.
std::optional<Verdict> limit_named_in(std::string_view complaint);

// The result of a test of type call whose run, `ran`, ended well.
TestResult judge_call(TestResult ran, std::string_view results, const std::string& nonce,
                      const Json& expected, double tolerance);
// One result for each of `count` assertions, of which `whole` is the run.
std::vector<TestResult> judge_assertions(const TestResult& whole, std::string_view results,
                                         const std::string& nonce, size_t count);
// The result of a program that ran well, with the run of its checker, which printed `said`.
TestResult judge_checked(TestResult ran, const TestResult& checker, std::string_view said);

// Fills the outcome from its `tests`. The first failure decides, but an internal error decides
// before it: of such an outcome no reward may be made.
void conclude(Outcome& outcome, const Suite& suite);

}  // namespace r1::rewards::code
