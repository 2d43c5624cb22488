#include "rewards/math_answer.h"

#include <utility>
#include <vector>

#include "rewards/excerpt.h"

namespace r1::rewards {
namespace {

using math::ExtractReason;
using math::Verdict;

// The reference as text; false when the row has none.
bool read_gold(const Json* reference, std::string& gold) {
  if (reference == nullptr || !reference->is_object()) return false;
  for (const char* name : {"answer", "gold"}) {
    const auto field = reference->find(name);
    if (field == reference->end()) continue;
    if (field->is_object() && field->size() == 1 && field->contains("int")) {  // of more than 64 bits
      gold = (*field)["int"].get<std::string>();
      return true;
    }
    if (!field->is_string() && !field->is_number()) return false;
    gold = field->is_string() ? field->get<std::string>() : dump_json(*field);
    return true;
  }
  return false;
}

Reason reason_of(ExtractReason reason) {
  switch (reason) {
    case ExtractReason::kFound:
      return Reason::kWellFormed;
    case ExtractReason::kNoAnswer:
      return Reason::kNoAnswer;
    case ExtractReason::kUnclosedBox:
      return Reason::kUnclosedAnswer;
    case ExtractReason::kSeveralBoxes:
      return Reason::kManyAnswers;
    case ExtractReason::kThinkNeverClosed:
      return Reason::kUnclosedThink;
    case ExtractReason::kTooLong:
      return Reason::kBudgetExceeded;
  }
  return Reason::kRewarderFailed;
}

Reason reason_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kEqual:
      return Reason::kCorrect;
    case Verdict::kNotEqual:
      return Reason::kWrong;
    case Verdict::kUndecided:
      return Reason::kUndecided;
    case Verdict::kReferenceBroken:
      return Reason::kReferenceBroken;
    case Verdict::kPredictionUnparsable:
      return Reason::kUnparsable;
    case Verdict::kUndefined:
      return Reason::kUndefined;
    case Verdict::kBudgetExceeded:
      return Reason::kBudgetExceeded;
  }
  return Reason::kRewarderFailed;
}

class MathAnswer : public Reward {
 public:
  explicit MathAnswer(MathConfig config) : config_(std::move(config)) {}

  std::vector<RewardScore> score(const RewardGroup& group) const override {
    std::string gold;
    const bool has_gold = read_gold(group.reference, gold);
    std::vector<RewardScore> scores;
    scores.reserve(group.completions.size());
    for (const RewardInput& input : group.completions) {
      if (has_gold) {
        scores.push_back(score_one(gold, input.completion));
      } else {
        scores.push_back({0, Reason::kReferenceBroken,
                          Json{{"problem", "'answer' must be a string or a number"}}});
      }
    }
    return scores;
  }

 private:
  RewardScore score_one(const std::string& gold, std::string_view completion) const {
    const math::Extraction extraction = math::extract(completion, config_.policy);
    const math::Judgement judgement = math::judge(gold, completion, config_.policy);
    Json details = {{"verdict", math::verdict_name(judgement.verdict)},
                    {"rule", judgement.rule},
                    {"steps", judgement.steps}};
    if (!judgement.detail.empty()) details["problem"] = judgement.detail;
    if (judgement.verdict == Verdict::kReferenceBroken)
      return {0, Reason::kReferenceBroken, std::move(details)};
    if (extraction.reason != ExtractReason::kFound)
      return {config_.none, reason_of(extraction.reason), std::move(details)};
    details["answer"] = excerpt(extraction.answer, 200);
    const bool equal = judgement.verdict == Verdict::kEqual;
    return {equal ? config_.correct : config_.wrong, reason_of(judgement.verdict),
            std::move(details)};
  }

  MathConfig config_;
};

}  // namespace

std::unique_ptr<Reward> make_math(const Json& config, const std::string& path) {
  MathConfig values;
  read_config(config, path, values);
  if (values.none > values.wrong || values.wrong > values.correct) {
    throw ConfigError(path + ": needs none <= wrong <= correct, not " +
                      std::to_string(values.none) + ", " + std::to_string(values.wrong) + ", " +
                      std::to_string(values.correct));
  }
  return std::make_unique<MathAnswer>(std::move(values));
}

}  // namespace r1::rewards
