// recipes/grpo_code_mini.json, shortened: learning from programs that are run.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/parallel.h"
#include "recipes/recipe.h"
#include "recipes/runner.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"
#include "tests/rewards/code_boxes.h"

namespace r1::recipes {
namespace {
namespace fs = std::filesystem;
using namespace rewards::code;  // for R1_NEEDS_BOXES

const fs::path kRecipe = fs::path(R1_SOURCE_DIR) / "recipes/grpo_code_mini.json";

// Two problems, and a base that knows them half by heart.
const std::vector<std::string> kShort = {"data.train_problems=2",
                                         "data.corpus_rows=3200",
                                         "data.corpus_validation_rows=8",
                                         "base.model.hidden_size=32",
                                         "base.model.intermediate_size=64",
                                         "base.learning_rate=1e-2",
                                         "base_eval.file=train.jsonl",
                                         "base_eval.num_generations=16",
                                         "rl.eval_file=",
                                         "rl.max_steps=8",
                                         "rl.generation_batch_size=32",
                                         "rl.learning_rate=2e-3",
                                         "rl.warmup_steps=0",
                                         "rl.save_steps=1",
                                         "rl.save_total_limit=0",
                                         "rl.logging_steps=1",
                                         "rl_eval.file=train.jsonl",
                                         "rl_eval.num_generations=16"};

class CodeRecipeTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder;
    if (machine().isolation >= Isolation::kNoPidsCgroup) run(*folder_ / "run");
  }
  static void TearDownTestSuite() {
    set_num_threads(2);
    delete folder_;
    folder_ = nullptr;
  }

  static void run(const fs::path& output, const std::string& more = "threads=2") {
    std::vector<std::string> overrides = kShort;
    overrides.push_back(more);
    overrides.push_back("output_dir=" + output.string());
    Recipe recipe = load_recipe(kRecipe, overrides);
    run_recipe(recipe);
  }
  // A copy of the finished run, without its last two stages.
  static fs::path copy_with_base(const std::string& name) {
    const fs::path copy = *folder_ / name;
    fs::copy(*folder_ / "run", copy, fs::copy_options::recursive);
    fs::remove_all(copy / "rl");
    fs::remove_all(copy / "rl_eval");
    return copy;
  }
  static Json summary(const fs::path& run, const std::string& stage) {
    return read_json(run / stage / "artifact.json")["summary"];
  }
  static std::string sha256(const fs::path& run) { return summary(run, "rl")["sha256"]; }

  static TempFolder* folder_;
};
TempFolder* CodeRecipeTest::folder_ = nullptr;

TEST_F(CodeRecipeTest, LearnsFromTests) {
  R1_NEEDS_BOXES();
  const Json before = summary(*folder_ / "run", "base_eval"),
             after = summary(*folder_ / "run", "rl_eval");
  EXPECT_EQ(after["samples"], 32);
  EXPECT_GT(before["pass_at_1"].get<double>(), 0.05);
  EXPECT_LT(before["pass_at_1"].get<double>(), 0.75);
  EXPECT_GT(after["pass_at_1"].get<double>(), before["pass_at_1"].get<double>() + 0.1);
}

TEST_F(CodeRecipeTest, TellsWhyProgramsFailed) {
  R1_NEEDS_BOXES();
  std::map<std::string, int> reasons;
  for (int step = 1; step <= 8; ++step)
    read_jsonl(*folder_ / "run/rl/completions" / ("step_" + std::to_string(step) + ".jsonl"),
               [&](const Json& row, int64_t) {
                 const std::string reason = row["reasons"]["code"];
                 ++reasons[reason];
                 EXPECT_EQ(row["rewards"]["code"].get<double>(), reason == "correct" ? 1 : 0);
               });
  for (const char* reason : {"correct", "wrong", "compile_error", "no_code"})
    EXPECT_GT(reasons[reason], 0) << reason;
  EXPECT_EQ(reasons["rewarder_failed"] + reasons["reference_broken"], 0);
}

TEST_F(CodeRecipeTest, TellsTheTimeOfRewards) {
  R1_NEEDS_BOXES();
  int steps = 0;
  read_jsonl(*folder_ / "run/metrics.jsonl", [&](const Json& row, int64_t) {
    if (row["stage"] != "rl") return;
    ++steps;
    // Each of 32 completions needs a box, which takes some milliseconds.
    EXPECT_GT(row["reward_time"].get<double>(), 0.01) << row;
    EXPECT_LE(row["reward_time"].get<double>(),
              row["time/rollout"].get<double>() + row["time/reward"].get<double>())
        << row;
  });
  EXPECT_EQ(steps, 8);
}

TEST_F(CodeRecipeTest, ThreadsAndACrashDoNotChangeABit) {
  R1_NEEDS_BOXES();
  const fs::path one_thread = copy_with_base("one_thread"), killed = copy_with_base("killed");
  run(one_thread, "threads=1");
  // As a process leaves it that was killed in step 4.
  fs::create_directories(killed / "rl");
  fs::copy(*folder_ / "run/rl/checkpoint-3", killed / "rl/checkpoint-3",
           fs::copy_options::recursive);
  run(killed);
  EXPECT_EQ(read_json(killed / "rl/artifact.json")["resumed"], true);
  for (const fs::path& other : {one_thread, killed}) {
    EXPECT_EQ(sha256(other), sha256(*folder_ / "run"));
    EXPECT_EQ(summary(other, "rl_eval"), summary(*folder_ / "run", "rl_eval"));
  }
}

// Each stage that scores, while the recipe is read.
TEST_F(CodeRecipeTest, LessIsolationThanAskedIsRefusedAtOnce) {
  R1_NEEDS_BOXES();  // otherwise the first stage is refused, whichever is asked
  for (const std::string stage : {"base_eval", "rl", "rl_eval"})
    EXPECT_ERROR(ConfigError,
                 load_recipe(kRecipe, {stage + ".reward_configs.code.sandbox.backend=process"}),
                 "reward_configs.code.sandbox: backend process runs programs without isolation");
}

}  // namespace
}  // namespace r1::recipes
