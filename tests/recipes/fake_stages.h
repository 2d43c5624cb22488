// Two stage types without tensors, for tests of the recipe reader and the runner: "fake_data"
// leaves data, "fake_model" reads it and leaves a model.
#pragma once

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "base/file.h"
#include "recipes/stage.h"

namespace r1::recipes {

struct FakeInnerConfig {
  int64_t top_k = 0;
  std::vector<std::string> stop;

  template <class V>
  void visit(V& v) {
    v.field("top_k", top_k, "draw from the k most likely", Range{0, 100});
    v.field("stop", stop, "stop strings");
  }
};

struct FakeConfig {
  std::string data;
  int64_t count = 3;
  double rate = 0.5;
  std::string mode = "fast";
  FakeInnerConfig sampling;
  std::optional<double> high;
  Json options = Json::object();
  int slots = 8;

  template <class V>
  void visit(V& v) {
    v.field("data", data, "the data stage");
    v.field("count", count, "how many", Range{0, 10});
    v.field("rate", rate, "how fast", Range{0.0, 1.0});
    v.field("mode", mode, "which way", OneOf{"fast", "slow"});
    v.field("sampling", sampling, "how to sample");
    v.field("high", high, "upper bound");
    v.field("options", options, "anything");
    v.field("slots", slots, "changes speed only", Range{1, 100});
  }
};

// What the fake stages do when they run; tests replace it.
struct FakeWork {
  std::vector<std::string> ran;                               // names, in order
  std::function<void(const StageContext&)> during = nullptr;  // may throw
};
inline FakeWork& fake_work() {
  static FakeWork work;
  return work;
}

class FakeStage : public ConfiguredStage<FakeConfig> {
 public:
  using ConfiguredStage::ConfiguredStage;
  std::vector<StageInput> inputs() const override { return {{"data", config_.data, "data"}}; }
  std::vector<std::string> neutral_keys() const override { return {"slots"}; }
  std::string memory_plan(const StageContext&) const override { return "weights 1 MB"; }
  Artifact run(const StageContext& context) override {
    fake_work().ran.push_back(context.stage_name);
    if (fake_work().during) fake_work().during(context);
    if (!config_.data.empty()) context.input("data", config_.data, "data");
    const std::filesystem::path folder = context.stage_folder / "result";
    AtomicFolder result(folder);
    write_file_atomic(result.staging() / "content.txt", context.stage_name);
    result.commit();
    return {output(), folder, {{"count", config_.count}, {"sha256", "abc123"}}};
  }
};

class FakeData : public FakeStage {
 public:
  using FakeStage::FakeStage;
  std::string output() const override { return "data"; }
};

class FakeModel : public FakeStage {
 public:
  using FakeStage::FakeStage;
  std::string output() const override { return "model"; }
};

// Adds both types to the table, once.
inline void add_fake_stages() {
  static const bool added = [] {
    add_stage_type(stage_type<FakeData>("fake_data", "makes data"));
    add_stage_type(stage_type<FakeModel>("fake_model", "makes a model"));
    return true;
  }();
  static_cast<void>(added);
  fake_work() = {};
}

inline std::filesystem::path write_text(const std::filesystem::path& path,
                                        const std::string& text) {
  std::ofstream(path) << text;
  return path;
}

}  // namespace r1::recipes
