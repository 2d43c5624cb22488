// Named scalars of one step, in the order they were set, and the files they go to.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace r1 {

class Metrics {
 public:
  void set(const std::string& name, double value);  // replaces an earlier value of that name
  const std::vector<std::pair<std::string, double>>& items() const { return items_; }
  bool has(const std::string& name) const;
  double get(const std::string& name) const;  // throws InternalError when absent

 private:
  std::vector<std::pair<std::string, double>> items_;
};

// metrics.jsonl (rows {"stage", "step", "time": unix seconds, name: value ...}; NaN and infinity as
// null, and not in the event file) and one TensorBoard event file (tags "stage/name") of one run
// folder. The event file is rebuilt from metrics.jsonl when the writer opens, so the two always
// agree, also after a crash. Both are flushed by every write(). One writer at a time per folder;
// the stages of a run open it one after the other.
class MetricsWriter {
 public:
  // Opens <folder>/metrics.jsonl for appending. Rows of `stage` with a step above `last_step`
  // (written after the last checkpoint by a run that was killed) are dropped, and so is a torn last
  // line. DataError for a bad line before that.
  MetricsWriter(const std::filesystem::path& folder, const std::string& stage, int64_t last_step);
  ~MetricsWriter();
  void write(int64_t step, const Metrics& metrics);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One TensorBoard event file: TFRecord framing (masked CRC-32C) around Event protos, scalars only.
class TensorBoardWriter {
 public:
  explicit TensorBoardWriter(const std::filesystem::path& path);  // truncates and writes the version event
  ~TensorBoardWriter();
  // Buffered; the destructor flushes without complaint, flush() throws Error when the disk is full.
  void scalar(const std::string& tag, int64_t step, double wall_time, double value);
  void flush();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1
