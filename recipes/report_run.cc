#include "recipes/report_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>

#include "base/error.h"
#include "base/file.h"
#include "recipes/report_text.h"

namespace r1::recipes {
namespace fs = std::filesystem;
namespace {

constexpr size_t kCompletionRows = 64;  // read of one file; fewer are shown

// The document, or null: with a note when the file is there but cannot be read.
Json read_optional(const fs::path& path, std::vector<std::string>& notes) {
  if (!fs::exists(path)) return nullptr;
  try {
    return read_json(path);
  } catch (const Error& error) {
    notes.push_back(error.what());
    return nullptr;
  }
}

// Calls row(object) for every line that is a whole JSON object, until it returns false. Other lines
// are counted in one note; an unfinished last one is not worth mentioning.
template <class Row>
void read_lines(const fs::path& path, std::vector<std::string>& notes, Row row) {
  if (!fs::exists(path)) return;
  std::string text;
  try {
    text = read_file(path);
  } catch (const Error& error) {
    return notes.push_back(error.what());
  }
  int64_t number = 0, bad = 0, first_bad = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const bool last = end == text.size();
    ++number;
    const Json object =
        Json::parse(text.begin() + begin, text.begin() + end, nullptr, /*allow_exceptions=*/false);
    begin = end + 1;
    if (object.is_object()) {
      if (!row(object)) return;
    } else if (!last && ++bad == 1) {
      first_bad = number;
    }
  }
  if (bad > 0)
    notes.push_back(
        fmt::format("{}: {} lines are no JSON objects and were left out, the first is line {}",
                    path.string(), bad, first_bad));
}

// ---- metrics ----

struct StageRows {
  std::vector<MetricSeries> metrics;
  std::map<std::string, size_t> index;
  double first_time = std::numeric_limits<double>::quiet_NaN(), last_time = first_time;
  int64_t last_step = -1;

  void add(const Json& row);
  void add_value(const std::string& name, int64_t step, double value);
};

// Rows of a stage come in the order of steps; a later row of the same step replaces a value.
void StageRows::add_value(const std::string& name, int64_t step, double value) {
  const auto [it, is_new] = index.emplace(name, metrics.size());
  if (is_new) metrics.push_back({name, {}, {}});
  MetricSeries& series = metrics[it->second];
  while (!series.steps.empty() && series.steps.back() >= step) {
    series.steps.pop_back();
    series.values.pop_back();
  }
  series.steps.push_back(step);
  series.values.push_back(value);
}

void StageRows::add(const Json& row) {
  if (!row.contains("step") || !row["step"].is_number_integer()) return;
  const auto step = row["step"].get<int64_t>();
  last_step = std::max(last_step, step);
  const double time = number_or_nan(row, "time");
  if (std::isfinite(time)) last_time = time;
  if (!std::isfinite(first_time)) first_time = time;
  for (const auto& [name, value] : row.items()) {
    if (name == "stage" || name == "step" || name == "time") continue;
    if (value.is_number()) add_value(name, step, value.get<double>());
    if (value.is_null()) add_value(name, step, std::numeric_limits<double>::quiet_NaN());
  }
}

// Seconds that the steps took: a row's step_time is the mean since the row before it.
double time_of_steps(const MetricSeries* step_time) {
  double sum = 0;
  int64_t before = 0;
  for (size_t i = 0; step_time && i < step_time->values.size(); before = step_time->steps[i++])
    if (std::isfinite(step_time->values[i]))
      sum += step_time->values[i] * static_cast<double>(step_time->steps[i] - before);
  return sum;
}

void read_metrics(const fs::path& folder, RunRecord& run) {
  std::map<std::string, StageRows> rows;
  read_lines(folder / "metrics.jsonl", run.notes, [&](const Json& row) {
    rows[text_or_empty(row, "stage")].add(row);
    return true;
  });
  for (StageRecord& stage : run.stages) {
    const auto it = rows.find(stage.name);
    if (it == rows.end()) continue;
    stage.metrics = std::move(it->second.metrics);
    stage.last_step = it->second.last_step;
    if (stage.status == StageStatus::kWaiting) stage.status = StageStatus::kUnfinished;
    // A run that was stopped for the night did not work through it: count its steps where they are
    // timed.
    const double between = it->second.last_time - it->second.first_time,
                 timed = time_of_steps(stage.metric("step_time"));
    if (stage.status != StageStatus::kDone)
      stage.seconds = timed > 0 ? timed : std::isfinite(between) ? between : 0;
    if (stage.resumed) stage.seconds = std::max(stage.seconds, timed);
  }
}

// ---- completions ----

// N of "step_N.jsonl", or -1.
int64_t completions_step(const fs::path& path) {
  const std::string name = path.filename().string();
  if (!name.starts_with("step_") || !name.ends_with(".jsonl")) return -1;
  const std::string digits = name.substr(5, name.size() - 11);
  int64_t step = -1;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), step);
  return error == std::errc() && end == digits.data() + digits.size() && step >= 0 ? step : -1;
}

CompletionRows read_completions(const fs::path& path, std::vector<std::string>& notes) {
  CompletionRows completions{completions_step(path), {}};
  read_lines(path, notes, [&](const Json& row) {
    completions.rows.push_back(row);
    return completions.rows.size() < kCompletionRows;
  });
  return completions;
}

void read_completions_folder(const fs::path& folder, StageRecord& stage,
                             std::vector<std::string>& notes) {
  std::map<int64_t, fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (completions_step(it->path()) >= 0) files[completions_step(it->path())] = it->path();
  if (files.empty()) return;
  stage.first_completions = read_completions(files.begin()->second, notes);
  if (files.size() > 1) stage.last_completions = read_completions(files.rbegin()->second, notes);
}

// ---- stages ----

Json object_under(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_object() ? json[key]
                                                                         : Json::object();
}

StageRecord read_stage(const Json& config, const RunRecord& run, const fs::path& folder,
                       std::vector<std::string>& notes) {
  StageRecord stage;
  stage.name = text_or_empty(config, "name");
  stage.type = text_or_empty(config, "type");
  stage.config = config;
  for (const auto& [key, value] : config.items())
    if (key != "name" && value.is_string() && run.stage(value.get<std::string>()))
      stage.inputs.insert(value.get<std::string>());

  const fs::path stage_folder = folder / stage.name;
  const Json artifact = read_optional(stage_folder / "artifact.json", notes);
  if (artifact.is_object()) {
    stage.status = StageStatus::kDone;
    stage.summary = object_under(artifact, "summary");
    stage.versions = object_under(artifact, "versions");
    stage.resumed = artifact.contains("resumed") && artifact["resumed"] == true;
    const double seconds = number_or_nan(artifact, "seconds");  // of the last process
    stage.seconds = std::isfinite(seconds) ? seconds : 0;
  } else if (fs::exists(stage_folder)) {
    stage.status = StageStatus::kUnfinished;
  }
  const Json evaluation = read_optional(stage_folder / "eval.json", notes);
  if (evaluation.is_object()) stage.evaluation = evaluation;
  read_completions_folder(stage_folder / "completions", stage, notes);
  return stage;
}

}  // namespace

const MetricSeries* StageRecord::metric(std::string_view metric_name) const {
  for (const MetricSeries& series : metrics)
    if (series.name == metric_name) return &series;
  return nullptr;
}

const StageRecord* RunRecord::stage(std::string_view stage_name) const {
  for (const StageRecord& record : stages)
    if (record.name == stage_name) return &record;
  return nullptr;
}

bool RunRecord::descends(const StageRecord& stage, const StageRecord& ancestor) const {
  if (stage.name == ancestor.name) return true;
  return std::any_of(stage.inputs.begin(), stage.inputs.end(), [&](const std::string& input) {
    const StageRecord* record = this->stage(input);  // an earlier stage, so this ends
    return record && descends(*record, ancestor);
  });
}

RunRecord read_run(const fs::path& run_folder) {
  const fs::path recipe = run_folder / "recipe.resolved.json";
  if (!fs::exists(recipe))
    throw DataError(run_folder.string() +
                    " is no run folder: it has no recipe.resolved.json; `r1 run` makes one");
  RunRecord run;
  run.recipe = read_json(recipe);
  if (!run.recipe.is_object() || !run.recipe.contains("stages") || !run.recipe["stages"].is_array())
    throw DataError(recipe.string() + " is no resolved recipe: it has no list of stages");
  for (const Json& config : run.recipe["stages"]) {
    if (text_or_empty(config, "name").empty())
      throw DataError(recipe.string() + ": a stage has no name");
    run.stages.push_back(read_stage(config, run, run_folder, run.notes));
  }
  read_metrics(run_folder, run);
  return run;
}

}  // namespace r1::recipes
