// A reward of one's own, registered by a program that links the library, and used beside the built-in ones in a rubric.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/error.h"
#include "rewards/reward.h"
#include "rewards/rubric.h"

namespace {
using r1::Json;
using namespace r1::rewards;

// 1 for a completion of at most max_chars characters, 0 for a longer one.
struct BrevityConfig {
  int max_chars = 80;
  template <class V>
  void visit(V& v) {
    v.field("max_chars", max_chars, "longest completion that scores 1", r1::Range{1, 1e6});
  }
};

class Brevity : public Reward {
 public:
  explicit Brevity(const BrevityConfig& config) : config_(config) {}
  std::vector<RewardScore> score(const RewardGroup& group) const override {
    std::vector<RewardScore> scores;
    for (const RewardInput& input : group.completions) {
      const bool brief = input.completion.size() <= static_cast<size_t>(config_.max_chars);
      scores.push_back({brief ? 1.0 : 0.0, brief ? Reason::kCorrect : Reason::kWrong, {{"chars", input.completion.size()}}});
    }
    return scores;
  }

 private:
  BrevityConfig config_;
};

std::unique_ptr<Reward> make_brevity(const Json& json, const std::string& path) {
  BrevityConfig config;
  r1::read_config(json, path, config);
  return std::make_unique<Brevity>(config);
}

}  // namespace

int main() try {
  add("brevity", make_brevity, r1::describe_config<BrevityConfig>);

  RubricConfig config;
  config.reward_funcs = {"countdown", "brevity"};
  config.reward_weights = {1.0, 0.2};
  config.reward_configs = {{"brevity", {{"max_chars", 60}}}};
  const Rubric rubric(config);

  const Json reference = {{"nums", {3, 7, 12}}, {"target", 22}};
  const std::vector<std::string> completions = {
      "<think>3 + 7 is 10, and 12 more is 22</think><answer>3 + 7 + 12</answer>",
      "<think>12 + 7</think><answer>12 + 7 + 3</answer>",
      "<think>12 + 7</think><answer>12 + 7</answer>",
  };
  RewardGroup group;
  group.reference = &reference;
  for (const std::string& text : completions) group.completions.push_back({.prompt = "", .completion = text});

  const std::vector<RubricScore> scores = rubric.score(group);
  for (size_t i = 0; i < scores.size(); ++i) {
    std::printf("%.2f", scores[i].value);
    for (size_t k = 0; k < scores[i].parts.size(); ++k) {
      const RewardScore& part = scores[i].parts[k];
      std::printf("  %s %.2f (%s)", rubric.reward_names()[k].c_str(), part.value, reason_name(part.reason));
    }
    std::printf("  %s\n", completions[i].c_str());
  }
  return scores[1].value > scores[0].value && scores[0].value > scores[2].value ? 0 : 1;
} catch (const r1::Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
