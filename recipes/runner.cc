#include "recipes/runner.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>

#include "base/file.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "model/causal_lm.h"
#include "recipes/report.h"
#include "recipes/run_folder.h"
#include "recipes/summary.h"

namespace r1::recipes {
namespace fs = std::filesystem;
namespace {

using Artifacts = std::map<std::string, Artifact>;
using Clock = std::chrono::steady_clock;

void say_indented(const std::string& text) {
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    say("  " + text.substr(begin, end - begin));
    begin = end + 1;
  }
}

// A report that cannot be written is no reason to stop the work it would show.
void try_report(const fs::path& folder) {
  try {
    write_report(folder);
  } catch (const Error& error) {
    say(fmt::format("warning: report.html is not up to date: {}", error.what()));
  }
}

// Most memory the process ever had resident, "512 MB"; empty where the system does not tell.
std::string peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:"))
      return fmt::format("{:.0f} MB", std::stod(line.substr(6)) * 1024 / 1e6);
  return "";
}

// ATen keeps to one thread: sums of our own kernels do not depend on the number of threads, ATen's
// do.
void set_threads(int count) {
  if (count > 0) set_num_threads(count);
  at::set_num_threads(1);
}

std::string report_path(const Recipe& recipe) {
  return (recipe.config.output_dir / "report.html").string();
}

double total_seconds(const Artifacts& artifacts) {
  double sum = 0;
  for (const auto& [name, artifact] : artifacts) sum += artifact.seconds;
  return sum;
}

// The last stage's weights, "<sha256>  <folder>".
std::string final_weights(const Recipe& recipe, const Artifacts& artifacts) {
  for (auto it = recipe.stages.rbegin(); it != recipe.stages.rend(); ++it) {
    const Artifact& artifact = artifacts.at(it->name);
    if (artifact.kind == "model" && artifact.summary.contains("sha256"))
      return fmt::format("{}  {}", artifact.summary["sha256"].get<std::string>(),
                         artifact.folder.string());
  }
  return "";
}

void print_result(const Recipe& recipe, const Artifacts& artifacts) {
  std::vector<std::vector<std::string>> rows = {{"stage", "type", "time", "result"}};
  for (const NamedStage& named : recipe.stages) {
    const Artifact& artifact = artifacts.at(named.name);
    rows.push_back({named.name, named.type, format_duration(artifact.seconds),
                    summary_line(artifact.summary)});
  }
  fmt::print("\n{}\n", format_table(rows));
  const std::string weights = final_weights(recipe, artifacts), memory = peak_memory();
  if (!weights.empty()) fmt::print("weights sha256  {}\n", weights);
  if (!memory.empty()) fmt::print("peak memory     {}\n", memory);
  fmt::print("report          {}\n", report_path(recipe));
  std::fflush(stdout);
}

void refuse_if_missing(const Recipe& recipe, const Artifacts& artifacts) {
  const std::vector<std::string> missing = missing_here(recipe, artifacts);
  if (!missing.empty()) throw ConfigError(fmt::format("{}", fmt::join(missing, "\n    ")));
}

Artifact run_stage(const Recipe& recipe, const NamedStage& named, const Artifacts& artifacts) {
  const StageContext context = make_context(recipe, named.name, artifacts);
  const bool resumed = fs::exists(context.stage_folder) && !fs::is_empty(context.stage_folder);
  const auto begin = Clock::now();
  fs::create_directories(context.stage_folder);
  say_indented(named.stage->memory_plan(context));
  Artifact artifact = named.stage->run(context);
  R1_CHECK(kind_fits(artifact.kind, named.stage->output()),
           "stage " + named.name + " left a " + artifact.kind);
  artifact.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  write_artifact(context.stage_folder, artifact, resumed);
  return artifact;
}

void run_stages(Recipe& recipe, Artifacts& artifacts) {
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    const NamedStage& named = recipe.stages[i];
    const std::string head =
        fmt::format("[{}/{}] {}: {}", i + 1, recipe.stages.size(), named.name, named.type);
    if (artifacts.contains(named.name)) {
      say(head + ", done before");
      continue;
    }
    if (stop_requested()) throw Interrupted("stopped");
    say(head);
    const Artifact artifact = run_stage(recipe, named, artifacts);
    std::vector<std::vector<std::string>> rows = summary_rows(artifact.summary);
    rows.insert(rows.begin(), {named.name, "done in " + format_duration(artifact.seconds)});
    say_indented(format_table(rows));
    artifacts[named.name] = artifact;
    try_report(recipe.config.output_dir);
  }
}

}  // namespace

StageContext make_context(const Recipe& recipe, const std::string& stage,
                          const Artifacts& artifacts) {
  StageContext context;
  context.recipe_name = recipe.config.name;
  context.stage_name = stage;
  context.run_folder = recipe.config.output_dir;
  context.stage_folder = recipe.config.output_dir / stage;
  context.seed = recipe.config.seed;
  context.device = at::Device(recipe.config.device);
  context.dtype = model::parse_dtype(recipe.config.dtype);
  context.artifacts = &artifacts;
  return context;
}

std::vector<std::string> missing_here(const Recipe& recipe, const Artifacts& finished) {
  std::vector<std::string> missing;
  try {
    model::parse_device(recipe.config.device);
  } catch (const DeviceError& error) {
    missing.push_back(error.what());
  }
  for (size_t i = 0; i < recipe.stages.size(); ++i) {
    if (finished.contains(recipe.stages[i].name)) continue;
    for (const std::string& message : missing_inputs(recipe, i)) missing.push_back(message);
  }
  return missing;
}

void run_recipe(Recipe& recipe) {
  const fs::path& folder = recipe.config.output_dir;
  check_run_folder(recipe);
  create_run_folder(recipe);
  const FileLock lock(folder / ".lock");
  check_run_folder(recipe);  // again: the process that held the lock may have filled the folder
  std::vector<std::string> damaged;
  Artifacts artifacts = finished_stages(recipe, &damaged);
  for (const std::string& line : damaged) say(fmt::format("{}: the stage runs again", line));
  if (artifacts.size() == recipe.stages.size()) {
    if (!fs::exists(report_path(recipe))) try_report(folder);
    return fmt::print("{} is finished ({} stages, {}); report: {}\n", folder.string(),
                      recipe.stages.size(), format_duration(total_seconds(artifacts)),
                      report_path(recipe));
  }
  refuse_if_missing(recipe, artifacts);
  set_threads(recipe.config.threads);
  store_recipe(recipe);
  say(fmt::format("{}: {} stages, seed {}, {} {}, {} threads; run folder {}", recipe.config.name,
                  recipe.stages.size(), recipe.config.seed, recipe.config.device,
                  recipe.config.dtype, num_threads(), folder.string()));
  try {
    run_stages(recipe, artifacts);
  } catch (const Interrupted&) {
    try_report(folder);
    throw Interrupted("stopped; run the same command to continue");
  } catch (const Error&) {
    try_report(folder);
    throw;
  }
  print_result(recipe, artifacts);
}

}  // namespace r1::recipes
