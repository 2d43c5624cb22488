#include "rewards/tinyzero.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "rewards/ascii.h"
#include "rewards/python_arithmetic.h"

namespace r1::rewards {
namespace {

constexpr double kTolerance = 1e-5;

// What Python's str.strip() takes away besides the ASCII white space of rewards/ascii.h.
constexpr std::array<std::string_view, 23> kMoreSpaces = {
    "\x1c",         "\x1d",         "\x1e",         "\x1f",         "\xc2\x85",     "\xc2\xa0",
    "\xe1\x9a\x80", "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84",
    "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
    "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

std::string_view strip(std::string_view text) {
  for (bool more = true; more && !text.empty();) {
    more = is_space(text.front());
    if (more) text.remove_prefix(1);
    for (const std::string_view space : kMoreSpaces) {
      if (!text.starts_with(space)) continue;
      text.remove_prefix(space.size());
      more = true;
    }
  }
  for (bool more = true; more && !text.empty();) {
    more = is_space(text.back());
    if (more) text.remove_suffix(1);
    for (const std::string_view space : kMoreSpaces) {
      if (!text.ends_with(space)) continue;
      text.remove_suffix(space.size());
      more = true;
    }
  }
  return text;
}

// Pairs are found from the left and do not overlap: the answer of the last one.
std::optional<std::string_view> last_answer(std::string_view line) {
  constexpr std::string_view kOpen = "<answer>", kClose = "</answer>";
  std::optional<std::string_view> answer;
  for (size_t at = line.find(kOpen); at != std::string_view::npos; at = line.find(kOpen, at)) {
    const size_t begin = at + kOpen.size(), end = line.find(kClose, begin);
    if (end == std::string_view::npos) break;
    answer = strip(line.substr(begin, end - begin));
    at = end + kClose.size();
  }
  return answer;
}

// Values of the digit runs, ascending; nullopt when a run is too long to be a given number or there are too many runs.
std::optional<std::vector<int64_t>> digit_runs(std::string_view text, size_t max_runs) {
  std::vector<int64_t> runs;
  for (size_t at = 0; at < text.size(); ++at) {
    if (!is_digit(text[at])) continue;
    if (runs.size() == max_runs) return std::nullopt;
    size_t end = at;
    while (end < text.size() && is_digit(text[end])) ++end;
    while (at < end && text[at] == '0') ++at;
    if (end - at > 18) return std::nullopt;
    int64_t value = 0;
    for (; at < end; ++at) value = value * 10 + (text[at] - '0');
    runs.push_back(value);
  }
  std::sort(runs.begin(), runs.end());
  return runs;
}

bool hits(const PythonNumber& value, int64_t target) {
  if (value.is_float) return std::fabs(value.real - static_cast<double>(target)) < kTolerance;
  return value.integer == target;
}

}  // namespace

TinyZeroVerdict judge_tinyzero(std::string_view completion, const std::vector<int64_t>& sorted_nums, int64_t target) {
  const size_t last_line = completion.rfind('\n') + 1;  // npos + 1 is 0
  const std::optional<std::string_view> answer = last_answer(completion.substr(last_line));
  if (!answer) return {Reason::kNoAnswer, {}, {}};
  if (digit_runs(*answer, sorted_nums.size()) != sorted_nums) {
    return {Reason::kWrongNumbers, *answer, "the digit runs are not the given numbers"};
  }
  const PythonResult result = evaluate_python(*answer);
  if (result.reason != Reason::kWellFormed) return {result.reason, *answer, result.problem};
  return {hits(result.value, target) ? Reason::kCorrect : Reason::kWrong, *answer, {}};
}

}  // namespace r1::rewards
