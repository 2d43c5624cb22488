#include "recipes/recipe.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "recipes/explain.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"
#include "tests/recipes/fake_stages.h"

namespace r1::recipes {
namespace {

constexpr const char* kRecipe = R"({
  // comments are fine
  "name": "mini", "seed": 7,
  "stages": [
    {"name": "data", "type": "fake_data", "count": 2},
    {"name": "zero", "type": "fake_model", "data": "data", "sampling": {"stop": ["a", "b"]}}
  ]
})";

class RecipeTest : public testing::Test {
 protected:
  void SetUp() override { add_fake_stages(); }

  Recipe load(const std::string& text, const std::vector<std::string>& overrides = {}) {
    return load_recipe(write_text(folder_ / "r.json", text), overrides);
  }
  Json stage(const std::vector<std::string>& overrides, size_t index = 1) {
    return load(kRecipe, overrides).resolved()["stages"][index];
  }
  // One stage of that text in an otherwise good recipe.
  void load_stage(const std::string& stage_text) {
    load(R"({"name": "mini", "stages": [{"name": "data", "type": "fake_data"}, )" + stage_text +
         "]}");
  }

  TempFolder folder_;
};

TEST_F(RecipeTest, ReadsAndFillsInDefaults) {
  const Recipe recipe = load(kRecipe);
  EXPECT_EQ(recipe.config.seed, 7u);
  EXPECT_EQ(recipe.config.device, "cpu");
  EXPECT_EQ(recipe.config.output_dir, "runs/mini");
  ASSERT_EQ(recipe.stages.size(), 2u);
  EXPECT_EQ(recipe.stages[1].name, "zero");
  EXPECT_EQ(recipe.stages[1].type, "fake_model");
  const Json resolved = recipe.stages[0].stage->resolved();
  EXPECT_EQ(resolved["count"], 2);
  EXPECT_EQ(resolved["rate"], 0.5);
}

TEST_F(RecipeTest, ResolvedRecipeReadsBackToItself) {
  const Json resolved = load(kRecipe, {"zero.rate=1e-6", "zero.high=0.28"}).resolved();
  EXPECT_EQ(resolved["stages"][1]["rate"], 1e-6);
  const Recipe again = load(dump_json_pretty(resolved));
  EXPECT_EQ(dump_json(again.resolved()), dump_json(resolved));
}

TEST_F(RecipeTest, BadKeysNamePathAndNearest) {
  EXPECT_ERROR(ConfigError, load(R"({"name": "m", "sed": 1, "stages": []})"),
               "r.json: sed: unknown key; did you mean \"seed\"?");
  EXPECT_ERROR(ConfigError, load_stage(R"({"name": "zero", "type": "fake_model", "ratte": 1})"),
               "r.json: stages[1].ratte: unknown key; did you mean \"rate\"?");
  EXPECT_ERROR(ConfigError,
               load_stage(R"({"name": "zero", "type": "fake_model", "sampling": {"topk": 1}})"),
               "stages[1].sampling.topk: unknown key; did you mean \"top_k\"?");
}

TEST_F(RecipeTest, BadTypesAndRangesNamePathAndValue) {
  EXPECT_ERROR(ConfigError, load_stage(R"({"name": "zero", "type": "fake_model", "count": 2.0})"),
               "r.json: stages[1].count: expected int, found number 2.0");
  EXPECT_ERROR(ConfigError, load_stage(R"({"name": "zero", "type": "fake_model", "rate": 1.5})"),
               "r.json: stages[1].rate: 1.5 is outside [0, 1]");
  EXPECT_ERROR(ConfigError, load_stage(R"({"name": "zero", "type": "fake_model", "mode": "fats"})"),
               "did you mean \"fast\"?");
  EXPECT_ERROR(ConfigError, load(R"({"name": "m", "seed": -1, "stages": []})"),
               "r.json: seed: -1 is outside [0, ");
}

TEST_F(RecipeTest, BadStagesSayWhatIsWrong) {
  EXPECT_ERROR(ConfigError, load_stage(R"({"name": "zero", "type": "fake_modl"})"),
               "did you mean \"fake_model\"?");
  EXPECT_ERROR(ConfigError, load_stage(R"({"name": "zero"})"),
               "r.json: stages[1].type: required, but missing");
  EXPECT_ERROR(ConfigError, load_stage(R"({"type": "fake_model"})"),
               "r.json: stages[1].name: required, but missing");
  EXPECT_ERROR(ConfigError, load_stage(R"({"name": "data", "type": "fake_model"})"),
               "an earlier stage is named \"data\" too");
  EXPECT_ERROR(ConfigError, load_stage(R"({"name": "Zero", "type": "fake_model"})"),
               "stages[1].name: \"Zero\"");
  EXPECT_ERROR(ConfigError, load_stage(R"({"name": "seed", "type": "fake_model"})"),
               "is a key of the recipe itself");
  EXPECT_ERROR(ConfigError, load_stage("3"), "r.json: stages[1]: expected an object, found int 3");
  EXPECT_ERROR(ConfigError, load(R"({"name": "m", "stages": []})"), "at least one stage");
  EXPECT_ERROR(ConfigError, load(R"({"name": "a/b", "stages": []})"), "r.json: name: \"a/b\"");
  EXPECT_ERROR(ConfigError, load(R"({"name": "m", "device": "gpu", "stages": [1]})"),
               "r.json: device: \"gpu\"");
}

TEST_F(RecipeTest, BadFilesAreBadRecipes) {
  EXPECT_ERROR(ConfigError, load_recipe(folder_ / "none.json"), "there is no such recipe file");
  EXPECT_ERROR(ConfigError, load("{\"name\": \"m\",\n  oops}"), "r.json:2:3");
  EXPECT_ERROR(ConfigError, load("[1]"), "r.json: expected an object");
}

TEST_F(RecipeTest, OverridesReachEveryPlace) {
  EXPECT_EQ(load(kRecipe, {"seed=2"}).config.seed, 2u);
  EXPECT_EQ(load(kRecipe, {"device=cuda:1"}).config.device, "cuda:1");
  EXPECT_EQ(stage({"stages.zero.rate=1e-4"})["rate"], 1e-4);
  EXPECT_EQ(stage({"zero.count=5"})["count"], 5);
  EXPECT_EQ(stage({"stages[0].count=6"}, 0)["count"], 6);
  EXPECT_EQ(stage({"zero.sampling.top_k=20"})["sampling"]["top_k"], 20);
  EXPECT_EQ(stage({"zero.sampling.stop[1]=c"})["sampling"]["stop"], Json::array({"a", "c"}));
  EXPECT_EQ(stage({R"(zero.sampling.stop=["x"])"})["sampling"]["stop"], Json::array({"x"}));
  EXPECT_EQ(stage({"zero.options.countdown.format=0.1"})["options"]["countdown"]["format"], 0.1);
  EXPECT_EQ(stage({"zero.high=0.3", "zero.high=null"})["high"], nullptr);
  EXPECT_EQ(stage({"zero.rate=0.1", "zero.rate=0.2"})["rate"], 0.2);
}

TEST_F(RecipeTest, OverrideValuesAreStringsWhereStringsAreWanted) {
  EXPECT_EQ(load(kRecipe, {"output_dir=123"}).config.output_dir, "123");
  EXPECT_EQ(load(kRecipe, {"description=true story"}).config.description, "true story");
  EXPECT_EQ(load(kRecipe, {R"(description="quoted")"}).config.description, "quoted");
  EXPECT_EQ(stage({"zero.sampling.stop[0]=1"})["sampling"]["stop"][0], "1");
  EXPECT_EQ(load(kRecipe, {"description=a=b"}).config.description, "a=b");
}

TEST_F(RecipeTest, BadOverridesNameTheNearest) {
  EXPECT_ERROR(ConfigError, load(kRecipe, {"zreo.count=1"}),
               "--set zreo.count=1: no stage or key \"zreo\"; did you mean \"zero\"?");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"stages.zer.count=1"}),
               "no stage \"zer\"; did you mean \"zero\"?");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"sede=1"}), "did you mean \"seed\"?");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"zero.cuont=1"}),
               "a fake_model stage has no key \"cuont\"; did you mean \"count\"?");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"zero.top_k=1"}), "did you mean \"sampling.top_k\"?");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"stages[2].count=1"}),
               "there is no stages[2]: the recipe has 2 stages");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"zero.sampling.stop[2]=c"}), "there is no element [2]");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"seed.x=1"}), "\"seed\" has no keys below it");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"zero=1"}), "set one key");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"stages=1"}), "set one key");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"seed"}), "expected PATH=VALUE");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"=1"}), "expected PATH=VALUE");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"zero..count=1"}), "expected PATH=VALUE");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"stages[x].count=1"}), "an index is written");
}

TEST_F(RecipeTest, BadOverrideValuesAreBlamedOnTheOverride) {
  EXPECT_ERROR(ConfigError, load(kRecipe, {"zero.rate=7"}),
               "stages[1].rate: 7 is outside [0, 1] (from --set zero.rate=7)");
  EXPECT_ERROR(ConfigError, load(kRecipe, {"zero.count=many"}),
               "expected int, found string \"many\" (from --set zero.count=many)");
}

TEST_F(RecipeTest, InputsMustBeEarlierStagesOfTheRightKind) {
  EXPECT_ERROR(
      ConfigError, load_stage(R"({"name": "zero", "type": "fake_model", "data": "dta"})"),
      "stages[1].data: no earlier stage and no folder is named \"dta\"; did you mean \"data\"?");
  EXPECT_ERROR(ConfigError, load_stage(R"({"name": "zero", "type": "fake_model", "data": "zero"})"),
               "does not come before");
  EXPECT_ERROR(
      ConfigError,
      load_stage(
          R"({"name": "a", "type": "fake_model"}, {"name": "b", "type": "fake_model", "data": "a"})"),
      "stages[2].data: stage \"a\" leaves a model artifact, and a data artifact is needed");
}

TEST_F(RecipeTest, MissingFoldersAreNotedNotRefused) {
  const Recipe recipe = load(kRecipe, {"zero.data=./no/such/folder"});
  ASSERT_EQ(missing_inputs(recipe, 1).size(), 1u);
  EXPECT_NE(missing_inputs(recipe, 1)[0].find("r.json: stages[1].data: there is no folder /"),
            std::string::npos);
  EXPECT_TRUE(missing_inputs(recipe, 0).empty());
  EXPECT_TRUE(missing_inputs(load(kRecipe, {"zero.data=" + folder_.path().string()}), 1).empty());
}

TEST_F(RecipeTest, ContextFindsArtifactsAndFolders) {
  const std::map<std::string, Artifact> artifacts = {
      {"base", {"model", folder_.path(), Json::object()}}};
  StageContext context;
  context.stage_name = "zero";
  context.artifacts = &artifacts;
  EXPECT_EQ(context.input("model", "base", "model").folder, folder_.path());
  EXPECT_EQ(context.input("tokenizer", "base", "tokenizer").folder,
            folder_.path());  // a model folder holds one
  EXPECT_EQ(context.input("data", folder_.path().string(), "data").kind, "data");
  EXPECT_ERROR(ConfigError, context.input("data", "base", "data"),
               "zero.data: stage \"base\" left a model artifact");
  EXPECT_ERROR(ConfigError, context.input("data", "none", "data"),
               "zero.data: \"none\" is neither an earlier stage nor a folder");
  EXPECT_ERROR(ConfigError, context.input("model", folder_.path().string(), "model"),
               "has no config.json");
}

TEST_F(RecipeTest, ArtifactsSurviveAMove) {
  const std::filesystem::path stage = folder_ / "run/zero";
  std::filesystem::create_directories(stage / "checkpoint-3");
  write_artifact(stage, {"model", stage / "checkpoint-3", {{"sha256", "ff"}}, 2.5}, true);
  std::filesystem::rename(folder_ / "run", folder_ / "moved");
  std::string reason;
  const auto artifact = read_artifact(folder_ / "moved/zero", "model", &reason);
  ASSERT_TRUE(artifact) << reason;
  EXPECT_EQ(artifact->folder, folder_ / "moved/zero/checkpoint-3");
  EXPECT_EQ(artifact->summary["sha256"], "ff");
  EXPECT_EQ(artifact->seconds, 2.5);
  EXPECT_FALSE(read_artifact(folder_ / "moved/zero", "data", &reason));
  EXPECT_NE(reason.find("its kind is model, expected data"), std::string::npos) << reason;
}

TEST_F(RecipeTest, BadArtifactsGiveAReason) {
  std::string reason = "";
  EXPECT_FALSE(read_artifact(folder_.path(), "model", &reason));
  EXPECT_EQ(reason, "");  // there is none
  write_text(folder_ / "artifact.json", "{\"kind\": ");
  EXPECT_FALSE(read_artifact(folder_.path(), "model", &reason));
  EXPECT_NE(reason.find("artifact.json:1"), std::string::npos) << reason;
  write_text(folder_ / "artifact.json", R"({"kind": "model", "folder": "gone"})");
  EXPECT_FALSE(read_artifact(folder_.path(), "model", &reason));
  EXPECT_NE(reason.find("gone is missing"), std::string::npos) << reason;
}

TEST_F(RecipeTest, RecipesOfTheSourceTreeAreKnownByName) {
  EXPECT_EQ(find_recipe(write_text(folder_ / "x.json", "{}").string()), folder_ / "x.json");
  EXPECT_ERROR(ConfigError, find_recipe("no_such_recipe_at_all"), "there is no such recipe file");
}

TEST(ExplainTest, FindsKeysTypesAndRewards) {
  add_fake_stages();
  EXPECT_NE(explain("").find("fake_model"), std::string::npos);
  EXPECT_NE(explain("fake_model").find("sampling.top_k  (int, default 0, [0, 100])"),
            std::string::npos)
      << explain("fake_model");
  EXPECT_NE(explain("recipe").find("output_dir  (path, default \"\")"), std::string::npos)
      << explain("recipe");
  EXPECT_NE(explain("countdown").find("tinyzero_compat"), std::string::npos);
  const std::string rate = explain("rate");
  EXPECT_NE(rate.find("rate  (number, default 0.5, [0, 1])\n    how fast\n    in: stage type "
                      "fake_data, stage type fake_model"),
            std::string::npos)
      << rate;
  EXPECT_NE(explain("fake_data.rate").find("in: stage type fake_data\n"), std::string::npos);
  EXPECT_NE(explain("output_dir").find("in: the recipe itself"), std::string::npos);
  EXPECT_ERROR(ConfigError, explain("output_dri"), "did you mean \"output_dir\"?");
}

}  // namespace
}  // namespace r1::recipes
