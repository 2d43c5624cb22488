#include "base/metrics.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/file_internal.h"

namespace r1 {
namespace fs = std::filesystem;

void Metrics::set(const std::string& name, double value) {
  for (auto& item : items_)
    if (item.first == name) return void(item.second = value);
  items_.emplace_back(name, value);
}

bool Metrics::has(const std::string& name) const {
  return std::any_of(items_.begin(), items_.end(), [&](const auto& item) { return item.first == name; });
}

double Metrics::get(const std::string& name) const {
  for (const auto& item : items_)
    if (item.first == name) return item.second;
  R1_CHECK(false, "no metric named \"" + name + "\"");
}

namespace {

bool is_heading(const std::string& key) { return key == "stage" || key == "step" || key == "time"; }

double unix_time() { return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count(); }

bool is_event_file(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("events.out.tfevents.") && name.ends_with(".r1");
}

void remove_event_files(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
    if (is_event_file(it->path())) files.push_back(it->path());
  for (size_t i = 0; i < files.size() && !error; ++i) fs::remove(files[i], error);
  if (error) file_internal::fail("remove the old event file in", folder, error.value());
}

fs::path event_path(const fs::path& folder) {
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) != 0 || host[0] == '\0') host[0] = '-';
  return folder / fmt::format("events.out.tfevents.{}.{}.r1", int64_t(unix_time()), host);
}

void add_events(const Json& row, const std::string& where, TensorBoardWriter& events) {
  const std::string stage = require_string(row, "stage", where);
  const int64_t step = require_int(row, "step", where);
  const double time = row.contains("time") && row["time"].is_number() ? row["time"].get<double>() : 0.0;
  for (const auto& [name, value] : row.items())
    if (!is_heading(name) && value.is_number()) events.scalar(stage + "/" + name, step, time, value.get<double>());
}

// Rewrites metrics.jsonl without a torn last line and without rows of `stage` above `last_step`.
void drop_rows(const fs::path& path, const std::string& stage, int64_t last_step) {
  const std::string text = read_file(path);
  const size_t whole = text.rfind('\n') + 1;  // a row and its newline are written in one call
  if (whole < text.size()) write_file_atomic(path, text.substr(0, whole));
  std::string kept;
  bool dropped = false;
  read_jsonl(path, [&](const Json& row, int64_t line) {
    const std::string where = fmt::format("{}:{}", path.string(), line);
    const bool drop = require_string(row, "stage", where) == stage && require_int(row, "step", where) > last_step;
    dropped = dropped || drop;
    if (!drop) kept += dump_json(row) + "\n";
  });
  if (dropped) write_file_atomic(path, kept);
}

}  // namespace

struct MetricsWriter::Impl {
  Impl(const fs::path& folder, std::string stage_name)
      : stage(std::move(stage_name)), rows(folder / "metrics.jsonl"), events(event_path(folder)) {}
  std::string stage;
  AppendFile rows;
  TensorBoardWriter events;
};

MetricsWriter::MetricsWriter(const fs::path& folder, const std::string& stage, int64_t last_step) {
  const fs::path path = folder / "metrics.jsonl";
  { AppendFile created(path); }
  drop_rows(path, stage, last_step);
  remove_event_files(folder);
  impl_ = std::make_unique<Impl>(folder, stage);
  read_jsonl(path,
             [&](const Json& row, int64_t line) { add_events(row, fmt::format("{}:{}", path.string(), line), impl_->events); });
  impl_->events.flush();
}

MetricsWriter::~MetricsWriter() = default;

void MetricsWriter::write(int64_t step, const Metrics& metrics) {
  Json row;
  row["stage"] = impl_->stage;
  row["step"] = step;
  row["time"] = std::round(unix_time() * 1e3) / 1e3;
  for (const auto& [name, value] : metrics.items()) {
    R1_CHECK(!is_heading(name), "a metric cannot be named \"" + name + "\"");
    row[name] = std::isfinite(value) ? Json(value) : Json(nullptr);
  }
  impl_->rows.write(dump_json(row) + "\n");
  add_events(row, "metrics", impl_->events);
  impl_->events.flush();
}

}  // namespace r1
