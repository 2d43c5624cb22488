#include "rewards/format.h"

#include "rewards/think_answer.h"

namespace r1::rewards {
namespace {

class Format : public Reward {
 public:
  explicit Format(const FormatConfig& config) : config_(config) {}

  std::vector<RewardScore> score(const RewardGroup& group) const override {
    std::vector<RewardScore> scores;
    scores.reserve(group.completions.size());
    for (const RewardInput& input : group.completions) {
      const ThinkAnswer blocks = read_think_answer(input.completion, config_.think_opened_by_prompt);
      if (blocks.layout == Reason::kWellFormed) {
        scores.push_back({1, Reason::kWellFormed, Json::object()});
      } else {
        scores.push_back({0, blocks.layout, Json{{"position", blocks.layout_position}}});
      }
    }
    return scores;
  }

 private:
  FormatConfig config_;
};

}  // namespace

std::unique_ptr<Reward> make_format(const Json& config, const std::string& path) {
  FormatConfig values;
  read_config(config, path, values);
  return std::make_unique<Format>(values);
}

}  // namespace r1::rewards
