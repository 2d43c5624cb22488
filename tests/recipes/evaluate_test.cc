#include "recipes/evaluate.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1::recipes {
namespace {

// ---- pass@k ------------------------------------------------------------------------------------

TEST(PassAtK, ByHand) {
  // 1 - C(3, 3) / C(5, 3) = 1 - 1/10; 1 - C(3, 2) / C(5, 2) = 1 - 3/10; k = 1 is the share.
  EXPECT_NEAR(pass_at_k(5, 2, 3), 0.9, 1e-15);
  EXPECT_NEAR(pass_at_k(5, 2, 2), 0.7, 1e-15);
  EXPECT_NEAR(pass_at_k(5, 2, 1), 0.4, 1e-15);
  EXPECT_NEAR(pass_at_k(8, 3, 1), 3.0 / 8, 1e-15);
}

TEST(PassAtK, NothingSolved) {
  EXPECT_EQ(pass_at_k(5, 0, 1), 0.0);
  EXPECT_EQ(pass_at_k(5, 0, 5), 0.0);
}

TEST(PassAtK, FewerMissesThanDraws) {
  EXPECT_EQ(pass_at_k(5, 3, 3), 1.0);
  EXPECT_EQ(pass_at_k(5, 1, 5), 1.0);
  EXPECT_EQ(pass_at_k(1, 1, 1), 1.0);
}

TEST(PassAtK, IsTheAverageOverSubsets) {
  for (int n = 1; n <= 8; ++n)
    for (int c = 0; c <= n; ++c)
      for (int k = 1; k <= n; ++k) {
        int subsets = 0, solved = 0;
        for (int mask = 0; mask < 1 << n; ++mask) {
          if (__builtin_popcount(static_cast<unsigned>(mask)) != k) continue;
          ++subsets;
          solved += (mask & ((1 << c) - 1)) != 0;
        }
        EXPECT_NEAR(pass_at_k(n, c, k), static_cast<double>(solved) / subsets, 1e-14);
      }
}

// ---- the paired bootstrap ----------------------------------------------------------------------

RandomStream bootstrap_draws(uint64_t seed = 1) {
  return RandomStream(seed, "difference", Purpose::kBootstrap);
}

TEST(PairedBootstrap, AConstantDifferenceHasNoSpread) {
  const PairedDifference d =
      paired_bootstrap({0.1, 0.5, 0.3}, {0.2, 0.6, 0.4}, 0.95, bootstrap_draws());
  EXPECT_NEAR(d.mean, 0.1, 1e-15);
  EXPECT_NEAR(d.stderr_, 0, 1e-15);
  EXPECT_NEAR(d.lower, 0.1, 1e-15);
  EXPECT_NEAR(d.upper, 0.1, 1e-15);
}

TEST(PairedBootstrap, MeanAndErrorByHand) {
  // Differences 1, 0, -0.5, 0.5: mean 0.25; squares about it 0.5625 + 0.0625 + 0.5625 + 0.0625 =
  // 1.25; over 3 and over 4, the root.
  const PairedDifference d =
      paired_bootstrap({0, 1, 0.5, 0}, {1, 1, 0, 0.5}, 0.95, bootstrap_draws());
  EXPECT_NEAR(d.mean, 0.25, 1e-15);
  EXPECT_NEAR(d.stderr_, std::sqrt(1.25 / 12), 1e-15);
  EXPECT_LT(d.lower, d.mean);
  EXPECT_GT(d.upper, d.mean);
  EXPECT_GE(d.lower, -0.5);
  EXPECT_LE(d.upper, 1);
}

TEST(PairedBootstrap, ManyProblemsGiveTheNormalInterval) {
  // Differences -1 and 1 in turn: the mean of 400 resampled ones has deviation 1/20, so 95% lie
  // within 1.96 / 20. The 2.5% quantile of 10,000 resamples is good to 0.05 * sqrt(0.025 * 0.975 /
  // 10000) / 0.0584 = 0.0013; means come in steps of 2/400. Four of the one and one of the other.
  std::vector<double> before(400, 0), after(400);
  for (size_t i = 0; i < after.size(); ++i) after[i] = i % 2 ? 1 : -1;
  const PairedDifference d = paired_bootstrap(before, after, 0.95, bootstrap_draws());
  EXPECT_NEAR(d.lower, -1.96 / 20, 4 * 0.0013 + 0.005);
  EXPECT_NEAR(d.upper, 1.96 / 20, 4 * 0.0013 + 0.005);
  const PairedDifference wider = paired_bootstrap(before, after, 0.997, bootstrap_draws());
  EXPECT_LT(wider.lower, d.lower);
  EXPECT_GT(wider.upper, d.upper);
}

TEST(PairedBootstrap, TheSeedDecides) {
  std::vector<double> before(50, 0), after(50);
  for (size_t i = 0; i < after.size(); ++i) after[i] = std::sin(static_cast<double>(i * i));
  const PairedDifference a = paired_bootstrap(before, after, 0.9, bootstrap_draws(1));
  const PairedDifference b = paired_bootstrap(before, after, 0.9, bootstrap_draws(1));
  const PairedDifference c = paired_bootstrap(before, after, 0.9, bootstrap_draws(2));
  EXPECT_EQ(a.lower, b.lower);
  EXPECT_EQ(a.upper, b.upper);
  EXPECT_NE(a.lower, c.lower);
  EXPECT_EQ(a.mean, c.mean);
}

TEST(PairedBootstrap, NeedsTheSameProblems) {
  EXPECT_ERROR(DataError, paired_bootstrap({1, 2}, {1}, 0.9, bootstrap_draws()),
               "2 before, 1 after");
  EXPECT_ERROR(DataError, paired_bootstrap({}, {}, 0.9, bootstrap_draws()), "0 before, 0 after");
}

// ---- problems ----------------------------------------------------------------------------------

class Problems : public testing::Test {
 protected:
  std::filesystem::path file(const std::string& text) {
    std::ofstream(folder_ / "problems.jsonl", std::ios::binary) << text;
    return folder_ / "problems.jsonl";
  }
  TempFolder folder_;
};

TEST_F(Problems, KeepTheWholeRowAsReference) {
  const auto problems =
      read_problems(file("{\"prompt\":\"a\",\"nums\":[1,2],\"target\":3}\n\n"
                         "{\"prompt\":\"b\",\"target\":4}\n"));
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].prompt, "a");
  EXPECT_EQ(problems[0].reference["nums"], Json({1, 2}));
  EXPECT_EQ(problems[1].prompt, "b");
  EXPECT_EQ(problems[1].reference["target"], 4);
}

TEST_F(Problems, ALimitTakesTheFirst) {
  const auto path = file("{\"prompt\":\"a\"}\n{\"prompt\":\"b\"}\n{\"prompt\":\"c\"}\n");
  EXPECT_EQ(read_problems(path, 2).size(), 2u);
  EXPECT_EQ(read_problems(path, 2)[1].prompt, "b");
  EXPECT_EQ(read_problems(path, 0).size(), 3u);
  EXPECT_EQ(read_problems(path, 9).size(), 3u);
}

TEST_F(Problems, ErrorsNameTheLine) {
  EXPECT_ERROR(DataError, read_problems(file("{\"prompt\":\"a\"}\n{\"text\":\"b\"}\n")),
               "problems.jsonl:2");
  EXPECT_ERROR(DataError, read_problems(file("{\"prompt\":\"a\"}\n\n{\"prompt\":7}\n")),
               "problems.jsonl:3");
  EXPECT_ERROR(DataError, read_problems(file("{\"prompt\":\"a\"}\n{\"prompt\":\n")),
               "problems.jsonl:2");
  EXPECT_ERROR(DataError, read_problems(file("")), "no problems in it");
  EXPECT_ANY_THROW(read_problems(folder_ / "nowhere.jsonl"));
}

// A token per character, and a bos.
class CharTokenizer : public model::Tokenizer {
 public:
  explicit CharTokenizer(int64_t bos) : bos_(bos) {}
  std::vector<int64_t> encode(std::string_view text) const override {
    return {text.begin(), text.end()};
  }
  std::string decode(const std::vector<int64_t>& ids, bool) const override {
    return {ids.begin(), ids.end()};
  }
  int64_t vocab_size() const override { return 128; }
  int64_t bos_id() const override { return bos_; }
  int64_t eos_id() const override { return 2; }
  int64_t pad_id() const override { return -1; }
  int64_t token_id(std::string_view) const override { return -1; }
  void save(const std::filesystem::path&) const override {}

 private:
  int64_t bos_;
};

TEST(TokenizePrompts, CountUpAndBeginWithBos) {
  const std::vector<Problem> problems = {{"ab", {}}, {"c", {}}};
  const auto with_bos = tokenize_prompts(problems, CharTokenizer(1), true, 7);
  ASSERT_EQ(with_bos.size(), 2u);
  EXPECT_EQ(with_bos[0].index, 7);
  EXPECT_EQ(with_bos[0].ids, (std::vector<int64_t>{1, 'a', 'b'}));
  EXPECT_EQ(with_bos[1].index, 8);
  EXPECT_EQ(with_bos[1].ids, (std::vector<int64_t>{1, 'c'}));
  EXPECT_EQ(tokenize_prompts(problems, CharTokenizer(1), false)[0].ids,
            (std::vector<int64_t>{'a', 'b'}));
  EXPECT_EQ(tokenize_prompts(problems, CharTokenizer(-1), true)[1].ids,
            (std::vector<int64_t>{'c'}));
  EXPECT_EQ(tokenize_prompts(problems, CharTokenizer(1), true)[0].index, 0);
}

// ---- evaluate ----------------------------------------------------------------------------------

// A policy that says one of these letters again and again, each as likely as the others, because
// only its embedding speaks.
std::unique_ptr<model::CausalLM> parrot(const std::string& letters) {
  model::ModelConfig config;
  config.vocab_size = 128;
  config.hidden_size = 8;
  config.intermediate_size = 8;
  config.num_hidden_layers = 1;
  config.num_attention_heads = config.num_key_value_heads = 1;
  config.head_dim = 8;
  config.max_position_embeddings = 64;
  config.eos_token_ids = {2};
  auto policy = model::make_model(config, at::kFloat, at::kCPU);
  for (const model::NamedParameter& p : policy->parameters()) {
    at::Tensor tensor = p.tensor;
    const bool speaks = p.name == "model.embed_tokens.weight" || p.name.ends_with("norm.weight");
    tensor.fill_(speaks ? 1.0 : 0.0);
    if (p.name != "lm_head.weight") continue;
    for (const char letter : letters) tensor[letter].fill_(10.0);
  }
  return policy;
}

TEST(Evaluate, CountsWhatAFixedAnswerEarns) {
  // It answers "7777": the text of a completion without tags is wrong for the countdown reward and
  // cut by length.
  const std::vector<Problem> problems = {{"1,2:3", {{"nums", {1, 2}}, {"target", 3}}},
                                         {"2,2:4", {{"nums", {2, 2}}, {"target", 4}}}};
  EvalConfig config;
  config.num_generations = 3;
  config.max_completion_length = 4;
  config.rubric.reward_funcs = {"countdown", "format"};
  const EvalResult result = evaluate(*parrot("7"), CharTokenizer(1), problems, config,
                                     RandomStream(1, "eval", Purpose::kEval), 0);
  EXPECT_EQ(result.problems, 2);
  EXPECT_EQ(result.samples, 6);
  EXPECT_EQ(result.pass_at_1, 0);
  EXPECT_EQ(result.pass_at_k, 0);
  EXPECT_EQ(result.cons_at_k, 0);
  EXPECT_EQ(result.mean_length, 4);
  EXPECT_EQ(result.truncated_share, 1);
  EXPECT_EQ(result.format_share, 0);
  EXPECT_EQ(result.mean_reward, 0);
  EXPECT_EQ(result.solved_share, (std::vector<double>{0, 0}));
  ASSERT_EQ(result.samples_to_show.size(), 2u);
  EXPECT_EQ(result.samples_to_show[0]["completion"], "7777");
  EXPECT_EQ(result.samples_to_show[1]["prompt"], "2,2:4");
}

// Correct when the completion is "7".
class Seven : public rewards::Reward {
 public:
  std::vector<rewards::RewardScore> score(const rewards::RewardGroup& group) const override {
    std::vector<rewards::RewardScore> scores;
    for (const rewards::RewardInput& input : group.completions) {
      const bool right = input.completion == "7";
      rewards::RewardScore score;
      score.value = right ? 1 : 0;
      score.reason = right ? rewards::Reason::kCorrect : rewards::Reason::kWrong;
      scores.push_back(score);
    }
    return scores;
  }
};

TEST(Evaluate, ATiedVoteGoesToTheEarlierSample) {
  rewards::add("seven", [](const Json&, const std::string&) { return std::make_unique<Seven>(); });
  EvalConfig config;
  config.num_generations = 2;
  config.max_completion_length = 1;
  config.rubric.reward_funcs = {"seven"};
  const std::vector<Problem> problems(12, {"a", Json::object()});  // as many as are shown
  const EvalResult result = evaluate(*parrot("78"), CharTokenizer(1), problems, config,
                                     RandomStream(1, "eval", Purpose::kEval), 0);
  ASSERT_EQ(result.samples_to_show.size(), 12u);
  ASSERT_EQ(result.solved_share.size(), 12u);
  double consensus = 0, any = 0, all = 0;
  int64_t ties_won = 0, ties_lost = 0;
  for (size_t i = 0; i < 12; ++i) {
    const bool first = result.samples_to_show[i]["completion"] == "7";
    const bool tied = result.solved_share[i] == 0.5;
    consensus += first;  // two samples: the first one decides, tied or not
    any += result.solved_share[i] > 0;
    all += result.solved_share[i];
    ties_won += tied && first;
    ties_lost += tied && !first;
  }
  EXPECT_GT(ties_won, 0);
  EXPECT_GT(ties_lost, 0);
  EXPECT_DOUBLE_EQ(result.cons_at_k, consensus / 12);
  EXPECT_DOUBLE_EQ(result.pass_at_k, any / 12);
  EXPECT_DOUBLE_EQ(result.pass_at_1, all / 12);
  EXPECT_DOUBLE_EQ(result.mean_reward, all / 12);
  double squares = 0;
  for (const double share : result.solved_share) squares += std::pow(share - all / 12, 2);
  EXPECT_NEAR(result.pass_at_1_stderr, std::sqrt(squares / 11 / 12), 1e-15);
  EXPECT_FALSE(result.format_share) << "no reward looks at the format";
}

TEST(Evaluate, RefusesACorrectRewardThatIsNotAsked) {
  EvalConfig config;
  config.correct_reward = "format";
  EXPECT_ERROR(ConfigError,
               evaluate(*parrot("7"), CharTokenizer(1), {{"a", Json::object()}}, config,
                        RandomStream(1, "eval", Purpose::kEval), 0),
               "correct_reward \"format\" is not among reward_funcs");
}

}  // namespace
}  // namespace r1::recipes
