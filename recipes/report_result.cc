#include "recipes/report_result.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "recipes/report_text.h"

namespace r1::recipes {
namespace {

bool trains_a_model(const StageRecord& stage) {
  return stage.type == "grpo" || stage.type == "pretrain" || stage.type == "sft" ||
         stage.type == "distill";
}

// The grpo stage an evaluation is of, or null.
const StageRecord* grpo_of(const RunRecord& run, const StageRecord& evaluation) {
  for (const StageRecord* model : models_of(run, evaluation))
    if (model->type == "grpo") return model;
  return nullptr;
}

// True when grpo stages alone lead from `start` to `model`.
bool rl_leads(const RunRecord& run, const StageRecord& start, const StageRecord& model) {
  if (model.type != "grpo") return false;
  const std::vector<const StageRecord*> sources = models_of(run, model);
  return std::any_of(sources.begin(), sources.end(), [&](const StageRecord* source) {
    return source == &start || rl_leads(run, start, *source);
  });
}

Comparison pair(const RunRecord& run, const StageRecord* before, const StageRecord* after) {
  Comparison comparison{before, after, false};
  for (const StageRecord* start : models_of(run, *before))
    for (const StageRecord* model : models_of(run, *after))
      comparison.rl_alone |= rl_leads(run, *start, *model);
  return comparison;
}

double pass_at_1(const StageRecord& stage) { return number_or_nan(stage.evaluation, "pass_at_1"); }

std::string accuracy_sentence(const Comparison& comparison) {
  const Json& after = comparison.after->evaluation;
  std::string text =
      fmt::format("Held-out accuracy {} \u2192 {}", fixed_number(pass_at_1(*comparison.before), 3),
                  fixed_number(pass_at_1(*comparison.after), 3));
  if (comparison.rl_alone) text += " by reinforcement learning alone";
  const std::string difference =
      after.contains("difference") ? difference_text(after["difference"]) : "";
  if (!difference.empty()) text += ": " + difference;
  const double length_before = number_or_nan(comparison.before->evaluation, "mean_length");
  const double length_after = number_or_nan(after, "mean_length");
  if (std::isfinite(length_before) && std::isfinite(length_after))
    text += fmt::format("; mean length {} \u2192 {} tokens", fixed_number(length_before, 0),
                        fixed_number(length_after, 0));
  return text + ".";
}

// "stage zero is at step 42 of 120, reward 0.21 -> 0.34"
std::string progress_of(const StageRecord& stage) {
  std::string text = fmt::format("stage {} is ", stage.name);
  if (stage.last_step < 0) return text + "at its start";
  text += fmt::format("at step {}", stage.last_step);
  const double total = number_or_nan(stage.config, "max_steps");
  if (total > 0) text += fmt::format(" of {}", fixed_number(total, 0));
  const MetricSeries* series = stage.metric("reward");
  const char* name = "reward";
  if (!series) series = stage.metric(name = "loss");
  if (series)
    text += fmt::format(", {} {} \u2192 {}", name, short_number(series->values.front()),
                        short_number(series->values.back()));
  return text;
}

std::string progress_sentence(const RunRecord& run) {
  const auto done = std::count_if(run.stages.begin(), run.stages.end(),
                                  [](const auto& s) { return s.status == StageStatus::kDone; });
  if (done == std::ssize(run.stages))
    return fmt::format("Finished: {} of {} stages.", done, run.stages.size());
  std::string text = fmt::format("Not finished: {} of {} stages done", done, run.stages.size());
  for (const StageRecord& stage : run.stages)
    if (stage.status == StageStatus::kUnfinished) text += "; " + progress_of(stage);
  return text + ".";
}

}  // namespace

std::vector<const StageRecord*> models_of(const RunRecord& run, const StageRecord& stage) {
  std::vector<const StageRecord*> models;
  for (const std::string& input : stage.inputs)
    if (const StageRecord* record = run.stage(input); record && trains_a_model(*record))
      models.push_back(record);
  return models;
}

const StageRecord* evaluated_against(const RunRecord& run, const StageRecord& evaluation) {
  if (!evaluation.evaluation.contains("difference")) return nullptr;
  const StageRecord* other =
      run.stage(text_or_empty(evaluation.evaluation["difference"], "against"));
  return other && !other->evaluation.is_null() ? other : nullptr;
}

std::vector<const StageRecord*> evaluations(const RunRecord& run) {
  std::vector<const StageRecord*> list;
  for (const StageRecord& stage : run.stages)
    if (std::isfinite(pass_at_1(stage))) list.push_back(&stage);
  return list;
}

Comparison find_comparison(const RunRecord& run) {
  const std::vector<const StageRecord*> list = evaluations(run);
  for (const StageRecord* after : list)
    if (const StageRecord* before = evaluated_against(run, *after); before && grpo_of(run, *after))
      return pair(run, before, after);
  // No stated pair: an evaluation of a grpo stage, and an earlier one of a model that it started
  // from.
  for (const StageRecord* after : list)
    for (const StageRecord* before : list) {
      if (before == after) break;
      const Comparison found = pair(run, before, after);
      if (found.rl_alone) return found;
    }
  for (const StageRecord* after : list)
    if (const StageRecord* before = evaluated_against(run, *after)) return pair(run, before, after);
  return {};
}

std::string difference_text(const Json& difference) {
  const double mean = number_or_nan(difference, "mean");
  if (!std::isfinite(mean)) return "";
  const double lower = number_or_nan(difference, "lower"),
               upper = number_or_nan(difference, "upper");
  std::string text = points(mean) + " points";
  if (!std::isfinite(lower) || !std::isfinite(upper)) return text;
  const double confidence = number_or_nan(difference, "confidence");
  text +=
      fmt::format(", {} interval {} to {}",
                  std::isfinite(confidence) ? short_number(100 * confidence) + " %" : "confidence",
                  points(lower), points(upper));
  return lower <= 0 && upper >= 0 ? text + ", so no clear change" : text;
}

std::string result_sentence(const RunRecord& run, const Comparison& comparison) {
  if (comparison.after) return accuracy_sentence(comparison);
  std::string text = progress_sentence(run);
  for (const StageRecord* evaluation : evaluations(run))
    text += fmt::format(" Held-out accuracy in {}: {}.", evaluation->name,
                        fixed_number(pass_at_1(*evaluation), 3));
  return text;
}

}  // namespace r1::recipes
