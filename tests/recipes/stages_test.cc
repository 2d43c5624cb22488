// Whole recipes in miniature: what a run leaves, and that nothing but the recipe decides its bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/parallel.h"
#include "model/checkpoint.h"
#include "recipes/recipe.h"
#include "recipes/runner.h"
#include "rewards/reward.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1::recipes {
namespace {
namespace fs = std::filesystem;

constexpr const char* kRecipe = R"({
  "name": "tiny", "seed": 3,
  "stages": [
    {"name": "data", "type": "countdown_data", "max_number": 9, "validation_problems": 20,
     "test_problems": 20, "corpus_rows": 64, "corpus_validation_rows": 8, "traces": {"budgets": [1, 2]}},
    {"name": "base", "type": "pretrain", "data": "data", "max_steps": 4, "train_batch_size": 8,
     "model": {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 2,
               "num_key_value_heads": 1, "max_position_embeddings": 128},
     "learning_rate": 1e-2, "eval_steps": 2, "save_steps": 2, "save_total_limit": 0, "logging_steps": 1},
    {"name": "zero", "type": "grpo", "model": "base", "data": "data", "eval_file": "validation.jsonl",
     "max_steps": 3, "generation_batch_size": 8, "num_generations": 4, "max_completion_length": 24,
     "reward_funcs": ["digits", "countdown"], "beta": 0.02, "learning_rate": 1e-3, "micro_batch_tokens": 100,
     "eval_steps": 3, "eval_problems": 4, "save_steps": 1, "save_total_limit": 0, "logging_steps": 1},
    {"name": "zero_eval", "type": "eval", "model": "zero", "data": "data", "limit": 4,
     "num_generations": 3, "max_completion_length": 24, "reward_funcs": ["countdown", "format"]},
    {"name": "distilled", "type": "distill", "teacher": "zero", "student": "base", "data": "data",
     "num_prompts": 6, "num_generations": 2, "max_completion_length": 24, "reward_funcs": ["digits"],
     "min_reward": 0.01, "keep_truncated": true, "max_steps": 2, "train_batch_size": 4, "learning_rate": 1e-3},
    {"name": "tuned", "type": "sft", "model": "distilled", "data": "data", "train_file": "corpus.jsonl",
     "max_steps": 2, "train_batch_size": 4, "learning_rate": 1e-3}
  ]
})";
const std::vector<std::string> kModels = {"base", "zero", "distilled", "tuned"};

// A reward that a policy which can do nothing yet gets some of: the share of digits.
class Digits : public rewards::Reward {
 public:
  std::vector<rewards::RewardScore> score(const rewards::RewardGroup& group) const override {
    std::vector<rewards::RewardScore> scores;
    for (const rewards::RewardInput& input : group.completions) {
      const auto digits = std::count_if(input.completion.begin(), input.completion.end(),
                                        [](unsigned char c) { return std::isdigit(c); });
      rewards::RewardScore score;
      score.value = static_cast<double>(digits) /
                    static_cast<double>(std::max<size_t>(1, input.completion.size()));
      score.reason = rewards::Reason::kWellFormed;
      scores.push_back(score);
    }
    return scores;
  }
};

// One finished run for all tests; each test that changes something works on a copy.
class StagesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    rewards::add("digits",
                 [](const Json&, const std::string&) { return std::make_unique<Digits>(); });
    folder_ = new TempFolder;
    std::ofstream(*folder_ / "recipe.json") << kRecipe;
    run(run_folder());
  }
  static void TearDownTestSuite() {
    set_num_threads(2);
    delete folder_;
    folder_ = nullptr;
  }

  static fs::path run_folder() { return *folder_ / "run"; }
  static fs::path run(const fs::path& output, std::vector<std::string> overrides = {}) {
    overrides.push_back("output_dir=" + output.string());
    Recipe recipe = load_recipe(*folder_ / "recipe.json", overrides);
    run_recipe(recipe);
    return output;
  }
  // A copy of the finished run, without these stages.
  static fs::path copy_without(const std::string& name, const std::vector<std::string>& stages) {
    const fs::path copy = *folder_ / name;
    fs::copy(run_folder(), copy, fs::copy_options::recursive);
    for (const std::string& stage : stages) fs::remove_all(copy / stage);
    return copy;
  }

  static Json artifact(const fs::path& run, const std::string& stage) {
    return read_json(run / stage / "artifact.json");
  }
  static std::string sha256(const fs::path& run, const std::string& stage) {
    return artifact(run, stage)["summary"]["sha256"];
  }
  static void expect_same_weights(const fs::path& run) {
    for (const std::string& stage : kModels)
      EXPECT_EQ(sha256(run, stage), sha256(run_folder(), stage)) << stage;
  }
  // Rows of metrics.jsonl as text by stage and step, without what a clock decides.
  static std::map<std::pair<std::string, int64_t>, std::string> metrics(const fs::path& run) {
    std::map<std::pair<std::string, int64_t>, std::string> rows;
    read_jsonl(run / "metrics.jsonl", [&](const Json& row, int64_t line) {
      Json kept = row;
      for (const char* name : {"time", "step_time", "time/rollout", "time/reward", "time/update",
                               "reward_time", "tokens_per_second"})
        kept.erase(name);
      const std::pair key{row["stage"].get<std::string>(), row["step"].get<int64_t>()};
      EXPECT_TRUE(rows.emplace(key, kept.dump()).second) << "line " << line << ": a step twice";
    });
    return rows;
  }

  static TempFolder* folder_;
};
TempFolder* StagesTest::folder_ = nullptr;

TEST_F(StagesTest, LeaveArtifactsOfTheirKind) {
  const std::map<std::string, std::string> kinds = {{"data", "data"},       {"base", "model"},
                                                    {"zero", "model"},      {"zero_eval", "eval"},
                                                    {"distilled", "model"}, {"tuned", "model"}};
  for (const auto& [stage, kind] : kinds) EXPECT_EQ(artifact(run_folder(), stage)["kind"], kind);
  for (const char* file :
       {"recipe.resolved.json", "metrics.jsonl", "report.html", "data/data/train.jsonl",
        "data/data/validation.jsonl", "data/data/test.jsonl", "data/data/corpus.jsonl",
        "base/checkpoint-4/config.json", "base/checkpoint-4/model.safetensors",
        "base/checkpoint-4/tokenizer.json", "base/checkpoint-4/state/optimizer.safetensors",
        "zero/checkpoint-3/model.safetensors", "zero/completions/step_1.jsonl",
        "zero_eval/eval.json", "distilled/traces.jsonl"})
    EXPECT_TRUE(fs::exists(run_folder() / file)) << file;
  const auto files = fs::directory_iterator(run_folder());
  EXPECT_TRUE(std::any_of(begin(files), end(files), [](const auto& entry) {
    return entry.path().filename().string().starts_with("events.out.tfevents");
  }));
}

TEST_F(StagesTest, TrainingChangesTheWeights) {
  for (size_t i = 1; i < kModels.size(); ++i)
    EXPECT_NE(sha256(run_folder(), kModels[i]), sha256(run_folder(), kModels[i - 1])) << kModels[i];
  EXPECT_EQ(sha256(run_folder(), "tuned"),
            model::weights_sha256(run_folder() / "tuned" / "checkpoint-2"));
}

// Invariants: log-probs of decode and training are the same bits, the ratio of the first inner step
// is 1, and the KL divergence is 0 while the policy is its reference.
TEST_F(StagesTest, DecodeAndUpdateAgreeExactly) {
  int64_t steps = 0;
  read_jsonl(run_folder() / "metrics.jsonl", [&](const Json& row, int64_t) {
    if (row["stage"] != "zero" || row["step"] == 0) return;
    ++steps;
    EXPECT_EQ(row["sampling/sampling_logp_difference/max"].get<double>(), 0.0) << row.dump();
    EXPECT_EQ(row["sampling/sampling_logp_difference/mean"].get<double>(), 0.0) << row.dump();
    EXPECT_GT(row["grad_norm"].get<double>(), 0.0) << row.dump();
    if (row["step"] == 1) {
      EXPECT_EQ(row["kl"].get<double>(), 0.0);
    } else {
      EXPECT_GT(row["kl"].get<double>(), 0.0) << row.dump();
    }
  });
  EXPECT_EQ(steps, 3);
}

TEST_F(StagesTest, CompletionsAreLoggedWithTheirRewards) {
  int64_t rows = 0;
  double advantages = 0;
  read_jsonl(run_folder() / "zero/completions/step_2.jsonl", [&](const Json& row, int64_t) {
    ++rows;
    EXPECT_EQ(row["step"], 2);
    const std::string text = row["completion"];
    const auto digits =
        std::count_if(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c); });
    EXPECT_DOUBLE_EQ(
        row["rewards"]["digits"].get<double>(),
        static_cast<double>(digits) / static_cast<double>(std::max<size_t>(1, text.size())));
    EXPECT_LE(row["length"].get<int64_t>(), 24);
    advantages += row["advantage"].get<double>();
  });
  EXPECT_EQ(rows, 8);
  EXPECT_NEAR(advantages, 0, 1e-9);  // centred in every group
}

TEST_F(StagesTest, EvaluationCountsItsSamples) {
  const Json summary = artifact(run_folder(), "zero_eval")["summary"];
  EXPECT_EQ(summary["problems"], 4);
  EXPECT_EQ(summary["samples"], 12);
  EXPECT_EQ(summary["k"], 3);
  const Json file = read_json(run_folder() / "zero_eval/eval.json");
  EXPECT_EQ(file["solved_share"].size(), 4u);
  EXPECT_EQ(file["examples"].size(), 4u);
}

TEST_F(StagesTest, TracesAreThoseThatPassed) {
  const Json counts = artifact(run_folder(), "distilled")["summary"]["traces"];
  EXPECT_EQ(counts["sampled"], 12);
  int64_t rows = 0;
  read_jsonl(run_folder() / "distilled/traces.jsonl", [&](const Json& row, int64_t) {
    ++rows;
    EXPECT_GE(row["reward"].get<double>(), 0.01);
  });
  EXPECT_EQ(counts["kept"], rows);
  EXPECT_GT(rows, 0);
}

TEST_F(StagesTest, ThreadsDoNotChangeABit) {
  for (const int threads : {1, 2, 3}) {
    const fs::path other = run(*folder_ / ("threads" + std::to_string(threads)),
                               {"threads=" + std::to_string(threads)});
    expect_same_weights(other);
    EXPECT_EQ(metrics(other), metrics(run_folder())) << threads;
  }
}

TEST_F(StagesTest, EngineLimitsDoNotChangeABit) {
  const fs::path few = run(
      *folder_ / "few_slots",
      {"zero.engine.max_slots=3", "zero_eval.engine.max_slots=2", "distilled.engine.max_slots=1"});
  const fs::path many = run(*folder_ / "many_slots",
                            {"zero.engine.max_slots=64", "zero.engine.max_prefill_tokens=16"});
  for (const fs::path& other : {few, many}) {
    expect_same_weights(other);
    EXPECT_EQ(metrics(other), metrics(run_folder()));
  }
}

TEST_F(StagesTest, AnotherSeedIsAnotherRun) {
  const fs::path other = run(*folder_ / "seed4", {"seed=4"});
  for (const std::string& stage : kModels)
    EXPECT_NE(sha256(other, stage), sha256(run_folder(), stage)) << stage;
}

// ---- interruptions -----------------------------------------------------------------------------

TEST_F(StagesTest, GrpoContinuesFromACheckpointWithTheSameBits) {
  // As a process leaves it that was killed in step 3: rows of metrics are there, the artifact not.
  for (const int64_t last : {1, 2}) {
    const fs::path copy =
        copy_without("grpo_at_" + std::to_string(last), {"zero_eval", "distilled", "tuned"});
    fs::remove(copy / "zero/artifact.json");
    for (int64_t step = last + 1; step <= 3; ++step)
      fs::remove_all(copy / "zero" / ("checkpoint-" + std::to_string(step)));
    run(copy);
    expect_same_weights(copy);
    EXPECT_EQ(metrics(copy), metrics(run_folder()));
    EXPECT_EQ(artifact(copy, "zero")["resumed"], true);
  }
}

TEST_F(StagesTest, PretrainingContinuesFromACheckpointWithTheSameBits) {
  const fs::path copy = copy_without("base_at_2", {"zero", "zero_eval", "distilled", "tuned"});
  fs::remove(copy / "base/artifact.json");
  fs::remove_all(copy / "base/checkpoint-4");
  run(copy);
  expect_same_weights(copy);
  EXPECT_EQ(metrics(copy), metrics(run_folder()));
}

TEST_F(StagesTest, ADamagedCheckpointIsSkippedForTheOneBefore) {
  const fs::path copy = copy_without("damaged", {"zero_eval", "distilled", "tuned"});
  fs::remove(copy / "zero/artifact.json");
  const fs::path weights = copy / "zero/checkpoint-3/model.safetensors";
  fs::resize_file(weights, fs::file_size(weights) / 2);
  run(copy);
  expect_same_weights(copy);
}

TEST_F(StagesTest, AStageWithoutACheckpointStartsAgain) {
  const fs::path copy = copy_without("from_scratch", {"zero", "zero_eval", "distilled", "tuned"});
  run(copy);
  expect_same_weights(copy);
  EXPECT_EQ(metrics(copy), metrics(run_folder()));
}

TEST_F(StagesTest, AFinishedRunIsNotTouched) {
  const fs::path copy = copy_without("finished", {});
  const auto before = fs::last_write_time(copy / "tuned/artifact.json");
  run(copy);
  EXPECT_EQ(fs::last_write_time(copy / "tuned/artifact.json"), before);
}

TEST_F(StagesTest, ARunFolderOfAnotherRecipeIsRefused) {
  EXPECT_ERROR(ConfigError, run(run_folder(), {"zero.learning_rate=1e-4"}), "learning_rate");
}

}  // namespace
}  // namespace r1::recipes
