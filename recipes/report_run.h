// What a run folder holds, read tolerantly: a run may be unfinished, and a file half written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"

namespace r1::recipes {

// One metric of one stage. Steps rise; a value that was not finite is NaN.
struct MetricSeries {
  std::string name;
  std::vector<int64_t> steps;
  std::vector<double> values;
};

// The first rows of one completions/step_N.jsonl.
struct CompletionRows {
  int64_t step = -1;  // -1: there is no such file
  std::vector<Json> rows;
};

enum class StageStatus { kDone, kUnfinished, kWaiting };

struct StageRecord {
  std::string name, type;
  Json config;                   // of the resolved recipe, with name and type
  std::set<std::string> inputs;  // earlier stages that a key of the config names
  StageStatus status = StageStatus::kWaiting;
  bool resumed = false;               // more than one process worked on it
  double seconds = 0;                 // of work, as far as the files tell
  int64_t last_step = -1;             // -1: no metrics
  Json summary = Json::object();      // of artifact.json
  Json versions = Json::object();     // likewise: {"r1": "0.1.0", "libtorch": "2.11.0", ...}
  Json evaluation;                    // eval.json; null without
  std::vector<MetricSeries> metrics;  // in the order of first appearance
  CompletionRows first_completions, last_completions;

  const MetricSeries* metric(std::string_view metric_name) const;  // null when there is none
};

struct RunRecord {
  Json recipe;
  std::vector<StageRecord> stages;  // in the recipe's order
  std::vector<std::string> notes;   // what could not be read, for a person

  const StageRecord* stage(std::string_view stage_name) const;  // null when there is none
  // True when `stage` is `ancestor` or works on what came of it.
  bool descends(const StageRecord& stage, const StageRecord& ancestor) const;
};

// Throws DataError when recipe.resolved.json is missing or no recipe; everything else that is
// missing or damaged is left out, the damaged with a note.
RunRecord read_run(const std::filesystem::path& run_folder);

}  // namespace r1::recipes
