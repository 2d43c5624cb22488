#include "rewards/score_rows.h"

#include <limits>
#include <ostream>

#include "base/error.h"

namespace r1::rewards {
namespace {

Json value_or_null(const RewardScore& score) { return is_rewarder_fault(score.reason) ? Json(nullptr) : Json(score.value); }

Json output_row(const Json& row, int64_t line, const RubricScore& score, const std::vector<std::string>& names) {
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

}  // namespace

ScoreSummary score_jsonl(const std::filesystem::path& in, const RubricConfig& config, std::ostream& out,
                         const std::string& path) {
  const Rubric rubric(config, path);
  const std::string name = in == "-" ? "standard input" : in.string();
  ScoreSummary summary;
  double sum = 0;
  read_jsonl(in, [&](const Json& row, int64_t line) {
    const std::string where = name + ":" + std::to_string(line);
    const bool short_name = !row.contains("completion") && row.contains("pred");
    const std::string completion = require_string(row, short_name ? "pred" : "completion", where);
    const std::string prompt = row.contains("prompt") ? require_string(row, "prompt", where) : "";
    RewardGroup group;
    group.completions.push_back({prompt, completion, 0, false});
    group.reference = &row;
    const RubricScore score = rubric.score(group).at(0);
    ++summary.rows;
    if (score.usable) {
      sum += score.value;
    } else {
      ++summary.unusable;
    }
    out << dump_json(output_row(row, line, score, rubric.reward_names())) << '\n';
    if (!out) throw Error("cannot write the scores of " + where + ": the output failed");
  });
  out.flush();
  if (!out) throw Error("cannot write the scores of " + name + ": the output failed");
  const int64_t usable = summary.rows - summary.unusable;
  summary.mean = usable > 0 ? sum / static_cast<double>(usable) : std::numeric_limits<double>::quiet_NaN();
  return summary;
}

}  // namespace r1::rewards
