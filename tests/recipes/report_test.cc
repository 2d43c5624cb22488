#include "recipes/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "recipes/report_charts.h"
#include "recipes/report_result.h"
#include "recipes/report_run.h"
#include "recipes/report_text.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1::recipes {
namespace {
using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// A run folder with data, base, eval_before, zero (grpo) and eval_after, to which a test adds what
// it needs.
class ReportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    write(
        "recipe.resolved.json",
        R"({"name": "tiny", "description": "A & B", "seed": 7, "device": "cpu", "dtype": "float32", "stages": [
      {"name": "data", "type": "countdown_data"},
      {"name": "base", "type": "pretrain", "data": "data"},
      {"name": "eval_before", "type": "eval", "model": "base", "data": "data"},
      {"name": "zero", "type": "grpo", "model": "base", "data": "data", "max_steps": 120},
      {"name": "eval_after", "type": "eval", "model": "zero", "data": "data", "against": "eval_before"}]})");
  }
  void write(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  void finish(const std::string& stage, const std::string& summary = "{}") {
    write(
        stage + "/artifact.json",
        R"({"kind": "model", "folder": ".", "seconds": 125, "versions": {"libtorch": "2.11.0"}, "summary": )" +
            summary + "}");
  }
  void evaluate(double lower) {
    write(
        "eval_before/eval.json",
        R"({"pass_at_1": 0.15, "pass_at_k": 0.45, "k": 8, "mean_length": 34.4, "problems": 500, "samples": 4000,
      "examples": [{"prompt": "1,2,3:6<think>", "completion": "1+2</think>", "value": 0, "reason": "no_answer"}]})");
    write(
        "eval_after/eval.json",
        R"({"pass_at_1": 0.32, "pass_at_k": 0.47, "k": 8, "mean_length": 61.2, "problems": 500, "samples": 4000,
      "difference": {"against": "eval_before", "mean": 0.17, "stderr": 0.01, "lower": )" +
            std::to_string(lower) + R"(, "upper": 0.21, "confidence": 0.997},
      "examples": [{"prompt": "1,2,3:6<think>", "completion": "1+2=3</think><answer>1+2+3</answer>", "value": 1, "reason": "correct"}]})");
  }
  std::string page() {
    write_report(folder_.path());
    return read_file(folder_ / "report.html");
  }
  // The JSON that the page's script reads.
  static Json data_of(const std::string& html) {
    const std::string open = "id=\"run-data\">";
    const size_t begin = html.find(open) + open.size();
    return parse_json(html.substr(begin, html.find("</script>", begin) - begin), "run-data");
  }

  TempFolder folder_;
};

TEST_F(ReportTest, RefusesWhatIsNoRunFolder) {
  TempFolder empty;
  EXPECT_ERROR(DataError, write_report(empty.path()), "has no recipe.resolved.json");
  write("recipe.resolved.json", "[]");
  EXPECT_ERROR(DataError, write_report(folder_.path()), "no list of stages");
}

TEST_F(ReportTest, RunThatHasNotStarted) {
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("Not finished: 0 of 5 stages done."));
  EXPECT_THAT(html, HasSubstr("<section id=\"stages\">"));
  EXPECT_THAT(html, HasSubstr("<section id=\"recipe\">"));
  EXPECT_THAT(html, HasSubstr("A &amp; B"));
  for (const char* id : {"evaluations", "curves", "completions", "distillation"})
    EXPECT_THAT(html, Not(HasSubstr("<section id=\"" + std::string(id))));
  EXPECT_EQ(data_of(html), (Json{{"stages", Json::array()}}));
}

TEST_F(ReportTest, FinishedRunSaysItsResultFirst) {
  for (const char* stage : {"data", "base", "eval_before", "eval_after"}) finish(stage);
  finish(
      "zero",
      R"({"steps": 81408, "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "none": null})");
  evaluate(0.134);
  write("metrics.jsonl", "{\"stage\": \"zero\", \"step\": 1, \"time\": 10.5, \"reward\": 0.25}\n");
  write(
      "zero/completions/step_1.jsonl",
      R"({"step": 1, "prompt": "4,5,6:15<think>", "completion": "4+5</think><answer>4+5+6</answer>",
    "rewards": {"countdown": 1}, "reasons": {"countdown": "correct"}, "advantage": -0.5, "stop_reason": "eos", "length": 20})");
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("<p class=\"result\">Held-out accuracy 0.150 \u2192 0.320 by "
                              "reinforcement learning alone: +17.0 "
                              "points, 99.7 % interval "
                              "+13.4 to +21.0; mean length 34 \u2192 61 tokens.</p>"));
  EXPECT_THAT(html, HasSubstr("500 held-out problems, 4,000 sampled completions each time, k = 8"));
  EXPECT_THAT(html, HasSubstr("81,408"));
  EXPECT_THAT(html, HasSubstr(">9f86d081884c...<"));
  EXPECT_THAT(html, HasSubstr("2:05"));
  EXPECT_THAT(html, HasSubstr("<td>libtorch</td><td>2.11.0</td>"));
  EXPECT_THAT(html, HasSubstr("<td>seed</td><td>7</td>"));
  size_t last = 0;
  for (const char* id : {"stages", "evaluations", "curves", "completions", "recipe"}) {
    const size_t at = html.find("<section id=\"" + std::string(id));
    ASSERT_NE(at, html.npos) << id;
    EXPECT_GT(at, last) << id;
    last = at;
  }
}

TEST_F(ReportTest, IntervalAroundZeroIsNoResult) {
  evaluate(-0.01);
  EXPECT_THAT(page(), HasSubstr("interval -1.0 to +21.0, so no clear change"));
}

TEST_F(ReportTest, UnfinishedRunSaysWhereItIs) {
  finish("data");
  finish("base");
  write("metrics.jsonl", R"({"stage": "zero", "step": 1, "time": 100, "reward": 0.2, "step_time": 3}
{"stage": "zero", "step": 42, "time": 9000, "reward": 0.3125, "step_time": 4}
{"stage": "zero", "step": 43, "rew)");
  const std::string html = page();
  EXPECT_THAT(html, HasSubstr("Not finished: 2 of 5 stages done; stage zero is at step 42 of 120, "
                              "reward 0.2 \u2192 0.312."));
  EXPECT_THAT(
      html,
      HasSubstr("not finished</span></td><td>2:47</td>"));  // 3 s and 41 times 4 s, not 8,900 s
  EXPECT_THAT(html,
              Not(HasSubstr("could not be read")));  // a line that is being written is no news
}

TEST_F(ReportTest, DamagedFilesBecomeNotes) {
  write("metrics.jsonl",
        "{\"stage\": \"zero\", \"step\": 1, \"loss\": 1}\n<oops>\n[1]\n{\"stage\": \"zero\", "
        "\"step\": 2, \"loss\": 0.5}\n");
  write("eval_before/eval.json", "{\"pass_at_1\": 0.1");
  write("base/artifact.json", "nonsense");
  write("zero/completions/step_3.jsonl", "{\"prompt\": 5}\nnot json");
  write("zero/completions/step_x.jsonl", "not looked at");
  const std::string html = page();
  EXPECT_THAT(html,
              HasSubstr("2 lines are no JSON objects and were left out, the first is line 2"));
  EXPECT_THAT(html, HasSubstr("eval.json:1:"));
  EXPECT_THAT(html, HasSubstr("artifact.json:1:"));
  EXPECT_THAT(html, HasSubstr("loss 1 \u2192 0.5"));
  EXPECT_THAT(html, HasSubstr("Step 3"));
}

TEST_F(ReportTest, NothingFromTheRunBecomesMarkup) {
  const std::string evil = "</script><script>alert(1)</script><img src=x>\xe2\x80\xa8\x01";
  evaluate(0.1);
  const Json example = {{"prompt", evil}, {"completion", evil}, {"value", 0}, {"reason", evil}};
  for (const char* stage : {"eval_before", "eval_after"}) {
    Json evaluation = read_json(folder_ / (std::string(stage) + "/eval.json"));
    evaluation["examples"] = Json::array({example});
    write(std::string(stage) + "/eval.json", dump_json(evaluation));
  }
  finish("base", dump_json(Json{{evil, evil}}));
  write("metrics.jsonl", dump_json(Json{{"stage", "zero"}, {"step", 1}, {evil, 1}}) + "\n");
  write("zero/completions/step_1.jsonl", dump_json(Json{{"prompt", evil},
                                                        {"completion", evil},
                                                        {"rewards", {{evil, 1}}},
                                                        {"stop_reason", evil}}) +
                                             "\n");
  const std::string html = page();
  EXPECT_THAT(html, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
  EXPECT_EQ(data_of(html)["stages"][0]["more"][0]["title"], evil);  // intact behind the escapes
}

TEST_F(ReportTest, PageNeedsNothingElseAndIsTheSameEachTime) {
  evaluate(0.1);
  write("metrics.jsonl", "{\"stage\": \"zero\", \"step\": 1, \"reward\": 0.25}\n");
  const std::string html = page();
  for (const char* outside : {"src=", "href=", "url(", "@import", "https://"})
    EXPECT_THAT(html, Not(HasSubstr(outside)));
  EXPECT_EQ(html, page());
}

TEST_F(ReportTest, MetricsWithGapsAndRepeats) {
  write("metrics.jsonl",
        R"({"stage": "zero", "step": 1, "grad_norm": 0.5, "loss": 3, "note": "text"}
{"stage": "zero", "step": 2, "grad_norm": null}
{"stage": "zero", "step": 3, "grad_norm": 0.25}
{"stage": "zero", "step": 3, "eval/pass_at_1": 0.125, "grad_norm": 0.75}
{"stage": "elsewhere", "step": 3, "loss": 1}
{"stage": "zero", "step": "three", "loss": 1}
)");
  const Json charts = data_of(page())["stages"][0]["charts"];
  ASSERT_EQ(charts.size(), 3u);
  EXPECT_EQ(charts[0]["title"], "Accuracy");
  EXPECT_EQ(charts[0]["series"], Json::array({{{"name", "eval/pass_at_1"},
                                               {"label", "held out, pass@1"},
                                               {"marks", true},
                                               {"x", {3}},
                                               {"y", {0.125}}}}));
  EXPECT_EQ(charts[1]["title"], "Loss");
  EXPECT_EQ(charts[1]["series"][0]["y"], Json::array({3.0}));
  EXPECT_EQ(charts[2]["title"], "Gradient norm");
  EXPECT_EQ(charts[2]["series"][0]["x"], Json::array({1, 2, 3}));
  EXPECT_EQ(charts[2]["series"][0]["y"], Json::array({0.5, nullptr, 0.75}));
}

TEST_F(ReportTest, DistillationShowsStudentAndControl) {
  write("recipe.resolved.json", R"({"name": "d", "stages": [
    {"name": "teacher", "type": "grpo"}, {"name": "alone", "type": "sft"}, {"name": "other", "type": "sft"},
    {"name": "student", "type": "distill", "teacher": "teacher", "student": "alone"},
    {"name": "eval_alone", "type": "eval", "model": "alone"}, {"name": "eval_student", "type": "eval", "model": "student"},
    {"name": "eval_teacher", "type": "eval", "model": "teacher"}, {"name": "eval_other", "type": "eval", "model": "other"}]})");
  finish("student", R"({"traces": {"kept": 8121, "list": [1]}})");
  write("eval_other/eval.json", R"({"pass_at_1": 0.5})");
  write("eval_alone/eval.json", R"({"pass_at_1": 0.08})");
  write("eval_teacher/eval.json", R"({"pass_at_1": 0.3})");
  write("eval_student/eval.json",
        R"({"pass_at_1": 0.24, "difference": {"against": "eval_alone", "mean": 0.16}})");
  const std::string html = page();
  const std::string section = html.substr(
      html.find("<section id=\"distillation\">"),
      html.find("<section id=\"recipe\">") - html.find("<section id=\"distillation\">"));
  EXPECT_THAT(section, HasSubstr("traces: kept</span> 8,121<"));
  EXPECT_LT(section.find("eval_teacher"), section.find("eval_alone"));
  EXPECT_LT(section.find("eval_alone"), section.find("eval_student"));
  EXPECT_THAT(section, HasSubstr("+16.0 points against <code>eval_alone</code>"));
  EXPECT_THAT(section, Not(HasSubstr("eval_other")));
}

TEST(ReportCharts, StepTimeIsBrokenIntoItsParts) {
  StageRecord stage;
  stage.metrics = {
      {"time/rollout", {1, 2}, {2, 2.5}}, {"step_time", {1, 2}, {3, 4}}, {"time/eval", {2}, {1}}};
  const Json chart = stage_charts(stage)["charts"][0];
  EXPECT_EQ(chart["kind"], "stack");
  ASSERT_EQ(chart["series"].size(), 3u);
  EXPECT_EQ(chart["series"][0]["label"], "rollout");
  EXPECT_EQ(chart["series"][1]["y"], Json::array({0.0, 1.0}));
  EXPECT_EQ(chart["series"][2]["label"], "other");
  EXPECT_EQ(chart["series"][2]["y"], Json::array({1.0, 0.5}));
}

TEST(ReportCharts, RewardTimeIsNotPartOfTheStep) {
  StageRecord stage;
  stage.metrics = {{"reward_time", {1}, {4}}, {"time/reward", {1}, {1}}, {"step_time", {1}, {9}}};
  const Json charts = stage_charts(stage)["charts"];
  ASSERT_EQ(charts.size(), 2u);
  EXPECT_EQ(charts[0]["title"], "Reward time");
  EXPECT_EQ(charts[0]["series"][0]["y"], Json::array({4.0}));
  EXPECT_EQ(charts[0]["series"][1]["y"], Json::array({1.0}));
  EXPECT_EQ(charts[1]["title"], "Step time");
  ASSERT_EQ(charts[1]["series"].size(), 2u);
  EXPECT_EQ(charts[1]["series"][1]["label"], "other");
  EXPECT_EQ(charts[1]["series"][1]["y"], Json::array({8.0}));
}

TEST(ReportCharts, OneRewardIsOneLine) {
  StageRecord stage;
  stage.metrics = {{"reward", {1}, {0.5}},
                   {"rewards/countdown/mean", {1}, {0.5}},
                   {"rewards/format/mean", {1}, {1}}};
  const Json series = stage_charts(stage)["charts"][0]["series"];
  ASSERT_EQ(series.size(), 2u);
  EXPECT_EQ(series[1]["label"], "format");
}

TEST(ReportCharts, ThinKeepsSpikesAndGaps) {
  MetricSeries series{"m", {}, {}};
  for (int64_t step = 0; step < 10'000; ++step) {
    series.steps.push_back(step);
    series.values.push_back(step == 4321 ? 99.0 : step == 77 ? -5.0 : step == 5000 ? kNan : 1.0);
  }
  const MetricSeries thinned = thin(series, 2000);
  EXPECT_LE(thinned.values.size(), 2000u);
  EXPECT_GT(thinned.values.size(), 600u);
  EXPECT_TRUE(std::is_sorted(thinned.steps.begin(), thinned.steps.end()));
  for (int64_t step : {77, 4321, 5000})
    EXPECT_TRUE(std::binary_search(thinned.steps.begin(), thinned.steps.end(), step)) << step;
  EXPECT_EQ(thinned.steps.front(), 0);
  EXPECT_EQ(thin(series, 10'000).values.size(), 10'000u);
}

TEST(ReportText, Numbers) {
  EXPECT_EQ(short_number(0.32149), "0.321");
  EXPECT_EQ(short_number(81408), "81,408");
  EXPECT_EQ(short_number(-1234567), "-1,234,567");
  EXPECT_EQ(short_number(999.4), "999");
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(0.00015), "0.00015");
  EXPECT_EQ(short_number(kNan), "-");
  EXPECT_EQ(fixed_number(1234.5, 1), "1,234.5");
  EXPECT_EQ(points(0.1689), "+16.9");
  EXPECT_EQ(points(-0.004), "-0.4");
}

TEST(ReportText, Escapes) {
  EXPECT_EQ(escape_html("a<b>&\"'\n\t\x01"), "a&lt;b&gt;&amp;&quot;&#39;\n\t&#9217;");
  EXPECT_EQ(script_json(Json("</script>\xe2\x80\xa9")), "\"\\u003c/script>\\u2029\"");
}

TEST(ReportText, CompletionBlocks) {
  EXPECT_EQ(render_completion("7+1</think><answer>8</answer>", "3:4<think>"),
            "<span class=\"think\">7+1</span><b class=\"tag\">&lt;/think&gt;</b><span "
            "class=\"plain\"></span><b "
            "class=\"tag\">&lt;answer&gt;</b>"
            "<span class=\"answer\">8</span><b class=\"tag\">&lt;/answer&gt;</b><span "
            "class=\"plain\"></span>");
  EXPECT_EQ(render_completion("1<2", "<think>x</think>"), "<span class=\"plain\">1&lt;2</span>");
  EXPECT_EQ(render_completion("\xc3\xa9\xc3\xa9\xc3\xa9", "", 3),
            "<span class=\"plain\">\xc3\xa9</span><i class=\"cut\"> ... 4 more bytes</i>");
}

}  // namespace
}  // namespace r1::recipes
