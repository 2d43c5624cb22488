#include "recipes/runner.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"
#include "tests/recipes/fake_stages.h"

namespace r1::recipes {
namespace {

using Names = std::vector<std::string>;

std::string printed(const std::function<void()>& work) {
  testing::internal::CaptureStdout();
  try {
    work();
  } catch (...) {
    testing::internal::GetCapturedStdout();
    throw;
  }
  return testing::internal::GetCapturedStdout();
}

class RunnerTest : public testing::Test {
 protected:
  void SetUp() override { add_fake_stages(); }

  // Two stages, data and zero, into folder_/run unless overridden.
  Recipe recipe(const std::vector<std::string>& overrides = {}) {
    const std::filesystem::path file =
        write_text(folder_ / "r.json", R"({"name": "mini", "threads": 1, "stages": [
        {"name": "data", "type": "fake_data"},
        {"name": "zero", "type": "fake_model", "data": "data"}]})");
    std::vector<std::string> all = {"output_dir=" + run_.string()};
    all.insert(all.end(), overrides.begin(), overrides.end());
    return load_recipe(file, all);
  }
  // What they print on standard output.
  std::string run(const std::vector<std::string>& overrides = {}) {
    Recipe r = recipe(overrides);
    return printed([&] { run_recipe(r); });
  }
  std::string plan(const std::vector<std::string>& overrides = {}) {
    const Recipe r = recipe(overrides);
    return printed([&] { print_plan(r); });
  }
  Json artifact(const std::string& stage) { return read_json(run_ / stage / "artifact.json"); }
  Names ran() {
    const Names names = fake_work().ran;
    fake_work().ran.clear();
    return names;
  }
  // Makes the stage of that name throw when it runs.
  template <class E>
  void fail_in(const std::string& stage, const E& error) {
    fake_work().during = [stage, error](const StageContext& context) {
      if (context.stage_name == stage) throw error;
    };
  }

  TempFolder folder_;
  const std::filesystem::path run_ = folder_ / "runs/run";
};

TEST_F(RunnerTest, RunsStagesInOrderAndKeepsWhatTheyLeave) {
  std::vector<StageContext> contexts;
  fake_work().during = [&](const StageContext& context) { contexts.push_back(context); };
  const std::string out = run({"seed=5"});
  EXPECT_EQ(ran(), (Names{"data", "zero"}));
  EXPECT_EQ(artifact("data")["kind"], "data");
  EXPECT_EQ(artifact("zero")["folder"], "result");
  EXPECT_EQ(artifact("zero")["summary"]["count"], 3);
  EXPECT_EQ(artifact("zero")["resumed"], false);
  EXPECT_EQ(artifact("zero")["versions"]["libtorch"], "2.11.0");
  EXPECT_GE(artifact("zero")["seconds"].get<double>(), 0.0);
  EXPECT_EQ(read_json(run_ / "recipe.resolved.json"), recipe({"seed=5"}).resolved());
  ASSERT_EQ(contexts.size(), 2u);
  EXPECT_EQ(contexts[1].seed, 5u);
  EXPECT_EQ(contexts[1].recipe_name, "mini");
  EXPECT_EQ(contexts[1].stage_folder, run_ / "zero");
  EXPECT_NE(out.find("weights sha256  abc123"), std::string::npos) << out;
  EXPECT_NE(out.find((run_ / "report.html").string()), std::string::npos) << out;
  EXPECT_NE(out.find("peak memory"), std::string::npos) << out;
}

TEST_F(RunnerTest, FinishedRunSaysSoAndDoesNothing) {
  run();
  ran();
  const std::string out = run();
  EXPECT_TRUE(ran().empty());
  EXPECT_NE(out.find(run_.string() + " is finished (2 stages, 0:00); report: "), std::string::npos)
      << out;
}

TEST_F(RunnerTest, FailedRunContinuesAtTheFailedStage) {
  fail_in("zero", Error("disk full"));
  EXPECT_ERROR(Error, run(), "disk full");
  EXPECT_EQ(ran(), (Names{"data", "zero"}));
  EXPECT_TRUE(std::filesystem::exists(run_ / "data/artifact.json"));
  EXPECT_FALSE(std::filesystem::exists(run_ / "zero/artifact.json"));
  fake_work().during = nullptr;
  write_text(run_ / "zero/checkpoint", "begun");
  run();
  EXPECT_EQ(ran(), (Names{"zero"}));
  EXPECT_EQ(artifact("zero")["resumed"], true);
}

TEST_F(RunnerTest, InterruptedRunSaysHowToContinue) {
  fail_in("zero", Interrupted("zero: stopped after step 3 of 9"));
  EXPECT_ERROR(Interrupted, run(), "stopped; run the same command to continue");
  fake_work().during = nullptr;
  ran();
  run();
  EXPECT_EQ(ran(), (Names{"zero"}));
}

TEST_F(RunnerTest, AnotherRecipeIsRefusedNamingTheFirstDifference) {
  run();
  EXPECT_ERROR(ConfigError, run({"data.rate=0.25", "zero.count=1"}),
               "stages[0].rate was 0.5, is now 0.25");
  EXPECT_ERROR(ConfigError, run({"seed=3"}), "seed was 42, is now 3");
  EXPECT_ERROR(ConfigError, run({"zero.high=0.3"}), "stages[1].high was (absent), is now 0.3");
  EXPECT_ERROR(ConfigError, run({R"(zero.sampling.stop=["x"])"}),
               "stages[1].sampling.stop[0] was (absent), is now \"x\"");
  EXPECT_ERROR(ConfigError, run({"seed=3"}), "--output-dir");
  EXPECT_ERROR(ConfigError, plan({"seed=3"}), "seed was 42, is now 3");
}

TEST_F(RunnerTest, KeysThatChangeNoResultMayChange) {
  fail_in("zero", Error("stop here"));
  EXPECT_ERROR(Error, run(), "stop here");
  fake_work().during = nullptr;
  run({"threads=2", "description=new", "zero.slots=99", "data.slots=1"});
  EXPECT_EQ(read_json(run_ / "recipe.resolved.json")["stages"][1]["slots"], 99);
}

TEST_F(RunnerTest, SecondProcessIsRefused) {
  std::filesystem::create_directories(run_);
  const FileLock other(run_ / ".lock");
  EXPECT_ERROR(Error, run(), "is locked by process");
  EXPECT_TRUE(ran().empty());
}

TEST_F(RunnerTest, DamagedResultsAreMadeAgain) {
  run();
  write_text(run_ / "data/result/content.txt", "dbta");
  ran();
  run();
  EXPECT_EQ(ran(), (Names{"data"}));
  std::filesystem::remove_all(run_ / "zero/result");
  write_text(run_ / "data/artifact.json", "{");
  run();
  EXPECT_EQ(ran(), (Names{"data", "zero"}));
}

TEST_F(RunnerTest, RunFolderThatCannotBeMadeIsExplained) {
  write_text(folder_ / "runs", "a file");
  EXPECT_ERROR(Error, run(), "cannot create run folder " + run_.string());
  std::filesystem::remove(folder_ / "runs");
  std::filesystem::create_directories(run_.parent_path());
  write_text(run_, "a file");
  EXPECT_ERROR(ConfigError, run(), "there is a file of that name");
}

TEST_F(RunnerTest, FolderOfSomethingElseIsLeftAlone) {
  std::filesystem::create_directories(run_ / "data");
  EXPECT_ERROR(ConfigError, run(), "has a \"data\" that the run would overwrite");
  EXPECT_FALSE(std::filesystem::exists(run_ / ".lock"));
}

TEST_F(RunnerTest, MissingFolderIsRefusedBeforeAnyWork) {
  EXPECT_ERROR(ConfigError, run({"zero.data=./nowhere"}), "stages[1].data: there is no folder");
  EXPECT_TRUE(ran().empty());
}

TEST_F(RunnerTest, PlanShowsStagesAndWritesNothing) {
  std::string out = plan({"zero.data=./nowhere"});
  EXPECT_NE(out.find("stage  type        reads      leaves  state"), std::string::npos) << out;
  EXPECT_NE(out.find("zero   fake_model  ./nowhere  model   to do"), std::string::npos) << out;
  EXPECT_NE(out.find("zero: weights 1 MB"), std::string::npos) << out;
  EXPECT_NE(out.find("note: "), std::string::npos) << out;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "runs"));
  run();
  out = plan();
  EXPECT_NE(out.find("zero   fake_model  data   model   done"), std::string::npos) << out;
  EXPECT_EQ(out.find("note: "), std::string::npos) << out;
}

TEST_F(RunnerTest, StagesOfAProgramsOwnRunToo) {
  Recipe own;
  own.config.name = "own";
  own.config.output_dir = run_;
  own.stages.push_back({"data", "made here", std::make_unique<FakeData>(Json::object(), "")});
  printed([&] { run_recipe(own); });
  EXPECT_EQ(ran(), Names{"data"});
  EXPECT_EQ(read_json(run_ / "recipe.resolved.json")["stages"][0]["type"], "made here");
}

}  // namespace
}  // namespace r1::recipes
