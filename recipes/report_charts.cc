#include "recipes/report_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

namespace r1::recipes {
namespace {

// Metrics by name; "*" stands for any one part, and what it stands for replaces "*" in the label.
struct SeriesSpec {
  const char* pattern;
  const char* label;
  bool marks = false;
};

struct ChartSpec {
  const char* title;
  const char* unit;
  bool zero;   // the axis must include 0
  bool noisy;  // smoothing helps
  std::vector<SeriesSpec> series;
};

const std::vector<ChartSpec>& chart_specs() {
  static const std::vector<ChartSpec> kSpecs = {
      {"Reward",
       "",
       false,
       true,
       {{"reward", "mean"},
        {"reward_std", "standard deviation in a group"},
        {"rewards/*/mean", "*"},
        {"eval/reward", "held out, mean", true}}},
      {"Accuracy",
       "share of completions",
       true,
       true,
       {{"correct", "training, correct"},
        {"eval/pass_at_1", "held out, pass@1", true},
        {"eval/pass_at_k", "held out, pass@k", true},
        {"eval/cons_at_k", "held out, cons@k", true}}},
      {"Completion length",
       "tokens",
       true,
       true,
       {{"completions/mean_length", "training, mean"},
        {"completions/mean_terminated_length", "training, mean of finished ones"},
        {"eval/mean_length", "held out, mean", true}}},
      {"Format, cuts, equal groups",
       "share",
       true,
       true,
       {{"eval/format", "well-formed, held out", true},
        {"completions/clipped_ratio", "cut by the length limit"},
        {"frac_reward_zero_std", "groups with equal rewards"}}},
      {"Entropy", "nats per token", true, true, {{"entropy", "policy"}}},
      {"KL to the reference", "nats per token", true, true, {{"kl", "estimate"}}},
      {"Log-prob gap to the rollout",
       "nats",
       true,
       false,
       {{"sampling/sampling_logp_difference/max", "largest"},
        {"sampling/sampling_logp_difference/mean", "mean"}}},
      {"Tokens the clip acted on",
       "share",
       true,
       true,
       {{"clip_ratio/low_mean", "lower bound"},
        {"clip_ratio/high_mean", "upper bound"},
        {"clip_ratio/region_mean", "either"}}},
      {"Loss",
       "",
       false,
       true,
       {{"loss", "training"}, {"policy_loss", "policy loss"}, {"eval_loss", "validation", true}}},
      {"Gradient norm", "before clipping", true, true, {{"grad_norm", "2-norm"}}},
      {"Learning rate", "", true, false, {{"learning_rate", "learning rate"}}},
      {"Reward time",
       "s",
       true,
       false,
       {{"reward_time", "all scoring"}, {"time/reward", "of it not hidden by sampling"}}},
  };
  return kSpecs;
}

// True when `name` matches; `star` is then what the pattern's "*" stands for.
bool matches(std::string_view pattern, std::string_view name, std::string& star) {
  const size_t at = pattern.find('*');
  if (at == pattern.npos) return pattern == name;
  const std::string_view head = pattern.substr(0, at), tail = pattern.substr(at + 1);
  if (name.size() <= head.size() + tail.size() || !name.starts_with(head) || !name.ends_with(tail))
    return false;
  star = name.substr(head.size(), name.size() - head.size() - tail.size());
  return true;
}

std::string label_of(const char* label, const std::string& star) {
  std::string text = label;
  const size_t at = text.find('*');
  return at == text.npos ? text : text.replace(at, 1, star);
}

// Six digits are enough to draw and to read, and keep the page small.
Json rounded(double value) {
  return std::isfinite(value) ? Json(std::strtod(fmt::format("{:.6g}", value).c_str(), nullptr))
                              : Json(nullptr);
}

Json series_json(const MetricSeries& full, const std::string& label, bool marks,
                 size_t max_points) {
  const MetricSeries series = thin(full, max_points);
  Json y = Json::array();
  for (double value : series.values) y.push_back(rounded(value));
  return {{"name", full.name},
          {"label", label},
          {"marks", marks},
          {"x", series.steps},
          {"y", std::move(y)}};
}

Json chart_json(const std::string& title, const char* unit, bool zero, bool noisy, Json series) {
  return {{"title", title}, {"unit", unit},   {"kind", "line"},
          {"zero", zero},   {"noisy", noisy}, {"series", std::move(series)}};
}

// A single reward of weight 1 gives "reward" and "rewards/<name>/mean" the same values: one line is
// enough.
bool drawn_already(const Json& list, const Json& series) {
  return std::any_of(list.begin(), list.end(), [&](const Json& other) {
    return other["x"] == series["x"] && other["y"] == series["y"];
  });
}

Json line_chart(const ChartSpec& spec, const StageRecord& stage, size_t max_points,
                std::set<std::string>& shown) {
  Json list = Json::array();
  std::string star;
  for (const SeriesSpec& wanted : spec.series)
    for (const MetricSeries& metric : stage.metrics) {
      if (!matches(wanted.pattern, metric.name, star)) continue;
      shown.insert(metric.name);
      Json series = series_json(metric, label_of(wanted.label, star), wanted.marks, max_points);
      if (!drawn_already(list, series)) list.push_back(std::move(series));
    }
  return chart_json(spec.title, spec.unit, spec.zero, spec.noisy, std::move(list));
}

// The value of `series` at each of `steps`; 0 where there is none.
std::vector<double> at_steps(const MetricSeries& series, const std::vector<int64_t>& steps) {
  std::vector<double> values;
  for (int64_t step : steps) {
    const auto it = std::lower_bound(series.steps.begin(), series.steps.end(), step);
    const bool there = it != series.steps.end() && *it == step;
    const double value = there ? series.values[it - series.steps.begin()] : 0;
    values.push_back(std::isfinite(value) ? value : 0);
  }
  return values;
}

// Mean of each stretch of equal length: layers that are stacked need the same steps.
MetricSeries stretch_means(const MetricSeries& series, size_t limit) {
  const size_t width = (series.values.size() + limit - 1) / std::max<size_t>(1, limit);
  if (width <= 1) return series;
  MetricSeries means{series.name, {}, {}};
  for (size_t begin = 0; begin < series.values.size(); begin += width) {
    const size_t end = std::min(begin + width, series.values.size());
    double sum = 0;
    for (size_t i = begin; i < end; ++i) sum += series.values[i];
    means.steps.push_back(series.steps[begin]);
    means.values.push_back(sum / static_cast<double>(end - begin));
  }
  return means;
}

// Step time broken into its parts, and what is left of it.
Json time_chart(const StageRecord& stage, size_t max_points, std::set<std::string>& shown) {
  const MetricSeries* whole = stage.metric("step_time");
  Json chart = chart_json("Step time", "s", true, false, Json::array());
  chart["kind"] = "stack";
  if (!whole) return chart;
  shown.insert(whole->name);
  MetricSeries rest{"", whole->steps, at_steps(*whole, whole->steps)};
  Json& list = chart["series"];
  for (const MetricSeries& metric : stage.metrics) {
    if (!metric.name.starts_with("time/")) continue;
    shown.insert(metric.name);
    MetricSeries part{metric.name, whole->steps, at_steps(metric, whole->steps)};
    for (size_t i = 0; i < rest.values.size(); ++i)
      rest.values[i] = std::max(0.0, rest.values[i] - part.values[i]);
    list.push_back(
        series_json(stretch_means(part, max_points), metric.name.substr(5), false, max_points));
  }
  const char* label = list.empty() ? "whole step" : "other";
  list.push_back(series_json(stretch_means(rest, max_points), label, false, max_points));
  return chart;
}

}  // namespace

MetricSeries thin(const MetricSeries& series, size_t limit) {
  const size_t count = series.values.size();
  if (count <= limit) return series;
  const size_t stretches = std::max<size_t>(1, limit / 3);
  const std::vector<double>& values = series.values;
  std::set<size_t> kept;
  for (size_t s = 0; s < stretches; ++s) {
    size_t low = s * count / stretches, high = low;
    for (size_t i = low, end = (s + 1) * count / stretches, bad = end; i < end; ++i) {
      if (!std::isfinite(values[i])) {
        if (bad == end) kept.insert(bad = i);
        continue;
      }
      if (!(values[low] <= values[i])) low = i;  // also when it is not finite itself
      if (!(values[high] >= values[i])) high = i;
    }
    kept.insert({low, high});
  }
  MetricSeries out{series.name, {}, {}};
  for (size_t i : kept) {
    out.steps.push_back(series.steps[i]);
    out.values.push_back(series.values[i]);
  }
  return out;
}

Json stage_charts(const StageRecord& stage, size_t max_points) {
  std::set<std::string> shown;
  Json charts = Json::array(), more = Json::array();
  for (const ChartSpec& spec : chart_specs()) {
    Json chart = line_chart(spec, stage, max_points, shown);
    if (!chart["series"].empty()) charts.push_back(std::move(chart));
  }
  Json time = time_chart(stage, max_points, shown);
  if (!time["series"].empty()) charts.push_back(std::move(time));
  for (const MetricSeries& metric : stage.metrics)
    if (!shown.contains(metric.name))
      more.push_back(chart_json(metric.name, "", false, true,
                                Json::array({series_json(metric, "value", false, max_points)})));
  return {{"charts", std::move(charts)}, {"more", std::move(more)}};
}

}  // namespace r1::recipes
