#include "rewards/countdown.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "rewards/excerpt.h"
#include "rewards/expression.h"
#include "rewards/think_answer.h"
#include "rewards/tinyzero.h"

namespace r1::rewards {
namespace {

constexpr int64_t kMaxNumber = 999'999'999'999'999'999;  // what 18 digits can write
constexpr size_t kMaxNumbers = 64;

struct Problem {
  std::vector<int64_t> sorted_nums;
  int64_t target = 0;
  std::string broken;  // why the reference is no problem; empty when it is one
};

// False also for an unsigned value above int64_t's range.
bool read_integer(const Json& json, int64_t& value) {
  if (!json.is_number_integer()) return false;
  if (json.is_number_unsigned() && json.get<uint64_t>() > uint64_t{INT64_MAX}) return false;
  value = json.get<int64_t>();
  return true;
}

Problem broken(std::string why) { return {{}, 0, std::move(why)}; }

Problem read_problem(const Json* reference) {
  if (reference == nullptr || !reference->is_object()) return broken("the reference is no object");
  const auto nums = reference->find("nums"), target = reference->find("target");
  if (nums == reference->end()) return broken("field 'nums' is missing");
  if (target == reference->end()) return broken("field 'target' is missing");
  Problem problem;
  if (!nums->is_array() || nums->empty() || nums->size() > kMaxNumbers) {
    return broken("'nums' must be a list of 1 to 64 integers");
  }
  for (const Json& item : *nums) {
    int64_t number = 0;
    if (!read_integer(item, number) || number < 0 || number > kMaxNumber) {
      return broken("'nums' must hold integers from 0 to 10^18 - 1, not " + excerpt(dump_json(item), 40));
    }
    problem.sorted_nums.push_back(number);
  }
  if (!read_integer(*target, problem.target)) {
    return broken("'target' must be an integer, not " + excerpt(dump_json(*target), 40));
  }
  std::sort(problem.sorted_nums.begin(), problem.sorted_nums.end());
  return problem;
}

class Countdown : public Reward {
 public:
  explicit Countdown(CountdownConfig config) : config_(std::move(config)) {}

  std::vector<RewardScore> score(const RewardGroup& group) const override {
    const Problem problem = read_problem(group.reference);
    std::vector<RewardScore> scores;
    scores.reserve(group.completions.size());
    for (const RewardInput& input : group.completions) {
      if (!problem.broken.empty()) {
        scores.push_back({0, Reason::kReferenceBroken, Json{{"problem", problem.broken}}});
      } else if (config_.mode == "strict") {
        scores.push_back(score_strict(problem, input.completion));
      } else {
        scores.push_back(score_tinyzero(problem, input.completion));
      }
    }
    return scores;
  }

 private:
  RewardScore score_strict(const Problem& problem, std::string_view completion) const {
    const ThinkAnswer blocks = read_think_answer(completion, config_.think_opened_by_prompt);
    if (blocks.extraction != Reason::kWellFormed) {
      return {config_.none, blocks.extraction, Json{{"position", blocks.extraction_position}}};
    }
    const Expression expression = parse_expression(blocks.answer);
    Json details = {{"answer", excerpt(blocks.answer, 200)}};
    std::vector<int64_t> used = expression.numbers;
    std::sort(used.begin(), used.end());
    if (expression.complete && used != problem.sorted_nums) {
      details["used"] = expression.numbers;
      return {config_.format, Reason::kWrongNumbers, std::move(details)};
    }
    if (expression.reason != Reason::kWellFormed) {
      details["problem"] = expression.problem;
      details["position"] = static_cast<size_t>(blocks.answer.data() - completion.data()) + expression.position;
      return {config_.format, expression.reason, std::move(details)};
    }
    details["value"] = to_string(expression.value);
    const bool hit = expression.value == Rational(problem.target);
    return {hit ? config_.correct : config_.format, hit ? Reason::kCorrect : Reason::kWrong, std::move(details)};
  }

  RewardScore score_tinyzero(const Problem& problem, std::string_view completion) const {
    const TinyZeroVerdict verdict = judge_tinyzero(completion, problem.sorted_nums, problem.target);
    if (verdict.reason == Reason::kNoAnswer) {
      return {config_.none, verdict.reason, Json::object()};
    }
    Json details = {{"answer", excerpt(verdict.answer, 200)}};
    if (!verdict.problem.empty()) details["problem"] = verdict.problem;
    const bool hit = verdict.reason == Reason::kCorrect;
    return {hit ? config_.correct : config_.format, verdict.reason, std::move(details)};
  }

  CountdownConfig config_;
};

}  // namespace

std::unique_ptr<Reward> make_countdown(const Json& config, const std::string& path) {
  CountdownConfig values;
  read_config(config, path, values);
  if (!(values.none <= values.format && values.format <= values.correct)) {
    throw ConfigError(path + ": values must rise from none over format to correct, but none is " + dump_json(values.none) +
                      ", format " + dump_json(values.format) + ", correct " + dump_json(values.correct));
  }
  return std::make_unique<Countdown>(std::move(values));
}

}  // namespace r1::rewards
