#include "base/metrics.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1 {
namespace {
namespace fs = std::filesystem;

TEST(Metrics, KeepsTheOrderInWhichTheyWereFirstSet) {
  Metrics metrics;
  metrics.set("b", 1);
  metrics.set("a", 2);
  metrics.set("b", 3);
  ASSERT_EQ(metrics.items().size(), 2u);
  EXPECT_EQ(metrics.items()[0], (std::pair<std::string, double>("b", 3)));
  EXPECT_EQ(metrics.items()[1], (std::pair<std::string, double>("a", 2)));
  EXPECT_TRUE(metrics.has("a"));
  EXPECT_FALSE(metrics.has("c"));
  EXPECT_EQ(metrics.get("b"), 3);
  EXPECT_ERROR(InternalError, metrics.get("c"), "no metric named \"c\"");
}

class MetricsWriterTest : public testing::Test {
 protected:
  void write(const std::string& stage, int64_t last_step, std::vector<int64_t> steps) {
    MetricsWriter writer(folder_.path(), stage, last_step);
    for (int64_t step : steps) {
      Metrics metrics;
      metrics.set("reward", double(step) / 2);
      writer.write(step, metrics);
    }
  }
  // "stage:step" of every row.
  std::string rows() const {
    std::string out;
    read_jsonl(folder_ / "metrics.jsonl", [&](const Json& row, int64_t) {
      out += (out.empty() ? "" : " ") + row["stage"].get<std::string>() + ":" + dump_json(row["step"]);
    });
    return out;
  }
  std::vector<fs::path> event_files() const {
    std::vector<fs::path> out;
    for (const auto& entry : fs::directory_iterator(folder_.path()))
      if (entry.path().filename().string().starts_with("events.out.tfevents.")) out.push_back(entry);
    return out;
  }
  // The scalar records behind the version record: they hold no time of opening, so files can be
  // compared.
  std::string events() const {
    const std::string bytes = read_file(event_files().at(0));
    return bytes.substr(16 + 24);
  }
  TempFolder folder_;
};

TEST_F(MetricsWriterTest, WritesOneRowPerStepThatCanBeReadAtOnce) {
  MetricsWriter writer(folder_.path(), "grpo", 0);
  Metrics metrics;
  metrics.set("reward", 0.1);
  metrics.set("kl", std::nan(""));
  metrics.set("completions/mean_length", 61);
  writer.write(1, metrics);
  read_jsonl(folder_ / "metrics.jsonl", [](const Json& row, int64_t line) {
    EXPECT_EQ(line, 1);
    const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    EXPECT_GT(row["time"].get<double>(), 1.7e9);
    EXPECT_LE(row["time"].get<double>(), now + 0.001);
    Json rest = row;
    rest.erase("time");
    EXPECT_EQ(dump_json(rest), R"({"stage":"grpo","step":1,"reward":0.1,"kl":null,"completions/mean_length":61.0})");
  });
  EXPECT_EQ(rows(), "grpo:1");
}

TEST_F(MetricsWriterTest, AppendsStageAfterStage) {
  write("sft", 0, {1, 2});
  write("grpo", 0, {1, 2});
  EXPECT_EQ(rows(), "sft:1 sft:2 grpo:1 grpo:2");
}

TEST_F(MetricsWriterTest, DropsRowsOfItsStageAfterTheLastStep) {
  write("sft", 0, {1, 2, 3});
  write("grpo", 0, {1, 2, 3, 4});
  write("grpo", 2, {3});
  EXPECT_EQ(rows(), "sft:1 sft:2 sft:3 grpo:1 grpo:2 grpo:3");
}

TEST_F(MetricsWriterTest, DropsATornLastLine) {
  write("grpo", 0, {1, 2});
  AppendFile(folder_ / "metrics.jsonl").write("{\"stage\":\"grpo\",\"step\":3,\"rew");
  write("grpo", 5, {3});
  EXPECT_EQ(rows(), "grpo:1 grpo:2 grpo:3");
  AppendFile(folder_ / "metrics.jsonl").write(std::string(512, '\0'));  // blocks lost with the power
  write("grpo", 5, {});
  EXPECT_EQ(rows(), "grpo:1 grpo:2 grpo:3");
}

TEST_F(MetricsWriterTest, RefusesADamagedLineBeforeTheLast) {
  write_file_atomic(folder_ / "metrics.jsonl", "{\"stage\":\"grpo\",\"step\":1}\nrubbish\n");
  EXPECT_ERROR(DataError, MetricsWriter(folder_.path(), "grpo", 0), "metrics.jsonl:2:1: ");
}

TEST_F(MetricsWriterTest, RebuildsTheSameEventsAfterACrash) {
  write("grpo", 0, {1, 2, 3});
  const std::string whole = events();
  EXPECT_EQ(whole.size(), 3 * (16 + 9 + 2 + 2 + 2 + 11 + 5 + 2));
  // killed in the middle of step 4, with a torn event file
  fs::resize_file(event_files().at(0), fs::file_size(event_files().at(0)) - 7);
  AppendFile(folder_ / "metrics.jsonl").write("{\"stage\":\"grpo\",\"st");
  write("grpo", 3, {});
  EXPECT_EQ(events(), whole);
}

TEST_F(MetricsWriterTest, KeepsOneEventFileAndLeavesThoseOfOthers) {
  write_file_atomic(folder_ / "events.out.tfevents.1.other", "of another program");
  write("sft", 0, {1});
  write("grpo", 0, {1});
  EXPECT_EQ(event_files().size(), 2u);
  EXPECT_EQ(read_file(folder_ / "events.out.tfevents.1.other"), "of another program");
}

TEST_F(MetricsWriterTest, LeavesNonFiniteValuesOutOfTheEvents) {
  MetricsWriter writer(folder_.path(), "grpo", 0);
  Metrics metrics;
  metrics.set("kl", INFINITY);
  writer.write(1, metrics);
  EXPECT_EQ(events(), "");
}

TEST_F(MetricsWriterTest, RefusesNamesThatEveryRowHas) {
  MetricsWriter writer(folder_.path(), "grpo", 0);
  Metrics metrics;
  metrics.set("step", 1);
  EXPECT_THROW(writer.write(1, metrics), InternalError);
}

TEST_F(MetricsWriterTest, NamesAMissingFolder) { EXPECT_ERROR(Error, MetricsWriter(folder_ / "no", "grpo", 0), "no"); }

}  // namespace
}  // namespace r1
