#include "rewards/score_rows.h"

#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace r1::rewards {
namespace {

Json value_or_null(const RewardScore& score) {
  return is_rewarder_fault(score.reason) ? Json(nullptr) : Json(score.value);
}

Json output_row(const Json& row, int64_t line, const RubricScore& score,
                const std::vector<std::string>& names) {
  Json output = Json::object();
  output["id"] = row.contains("id") ? row.at("id") : Json(line);
  output["value"] = score.usable ? Json(score.value) : Json(nullptr);
  if (names.size() == 1) {
    output["reason"] = reason_name(score.parts[0].reason);
    output["details"] = score.parts[0].details;
    return output;
  }
  Json values = Json::object(), reasons = Json::object(), details = Json::object();
  for (size_t i = 0; i < names.size(); ++i) {
    values[names[i]] = value_or_null(score.parts[i]);
    reasons[names[i]] = reason_name(score.parts[i].reason);
    details[names[i]] = score.parts[i].details;
  }
  output["values"] = values;
  output["reason"] = reasons;
  output["details"] = details;
  return output;
}

// Rows read but not yet written. They are scored together, in the background, and written in order.
class Batch {
 public:
  Batch(Rubric& rubric, std::string name, std::ostream& out)
      : rubric_(rubric), name_(std::move(name)), out_(out) {}

  void add(const Json& row, int64_t line) {
    const std::string where = name_ + ":" + std::to_string(line);
    const bool short_name = !row.contains("completion") && row.contains("pred");
    rubric_.submit(line, {row.contains("prompt") ? require_string(row, "prompt", where) : "",
                          {require_string(row, short_name ? "pred" : "completion", where)},
                          {},
                          {},
                          row});
    rows_.push_back({row, line});
    if (rows_.size() >= kRows) flush();
  }

  void flush() {
    for (const Row& row : rows_) write(row.row, row.line, rubric_.collect(row.line).at(0));
    rows_.clear();
  }

  ScoreSummary summary() const {
    ScoreSummary summary = summary_;
    const int64_t usable = summary.rows - summary.unusable;
    summary.mean =
        usable > 0 ? sum_ / static_cast<double>(usable) : std::numeric_limits<double>::quiet_NaN();
    return summary;
  }

 private:
  static constexpr size_t kRows = 256;

  struct Row {
    Json row;
    int64_t line;
  };

  void write(const Json& row, int64_t line, const RubricScore& score) {
    ++summary_.rows;
    if (score.usable)
      sum_ += score.value;
    else
      ++summary_.unusable;
    out_ << dump_json(output_row(row, line, score, rubric_.reward_names())) << '\n';
    if (!out_)
      throw Error("cannot write the scores of " + name_ + ":" + std::to_string(line) +
                  ": the output failed");
  }

  Rubric& rubric_;
  std::string name_;
  std::ostream& out_;
  std::vector<Row> rows_;
  ScoreSummary summary_;
  double sum_ = 0;
};

}  // namespace

ScoreSummary score_jsonl(const std::filesystem::path& in, const RubricConfig& config,
                         std::ostream& out, const std::string& path) {
  Rubric rubric(config, path);
  const std::string name = in == "-" ? "standard input" : in.string();
  Batch batch(rubric, name, out);
  try {
    read_jsonl(in, [&](const Json& row, int64_t line) { batch.add(row, line); });
  } catch (const DataError&) {
    batch.flush();  // the rows before a bad one keep their scores
    throw;
  }
  batch.flush();
  out.flush();
  if (!out) throw Error("cannot write the scores of " + name + ": the output failed");
  return batch.summary();
}

}  // namespace r1::rewards
