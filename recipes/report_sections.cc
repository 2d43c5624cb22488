#include "recipes/report_sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/progress.h"
#include "recipes/report_text.h"

namespace r1::recipes {
namespace {

constexpr size_t kHashShown = 12;  // characters of a hash in a table; the whole stands in its title
constexpr size_t kTextShown = 160;  // bytes of any other text in a table

std::string section(const char* id, const char* title, const std::string& body) {
  if (body.empty()) return "";
  return fmt::format("<section id=\"{}\">\n<h2>{}</h2>\n{}</section>\n", id, title, body);
}

// Rows of cells that are HTML already. On a phone, rows of a "stacked" table break into lines and a
// "wide" one is scrolled.
std::string table(const char* kind, const std::vector<std::string>& header,
                  const std::vector<std::vector<std::string>>& rows) {
  std::string html = fmt::format("<div class=\"scroll\"><table class=\"{}\">\n", kind);
  if (!header.empty()) html += "<thead><tr>";
  for (const std::string& cell : header) html += "<th>" + cell + "</th>";
  html += header.empty() ? "<tbody>\n" : "</tr></thead>\n<tbody>\n";
  for (const std::vector<std::string>& row : rows) {
    html += "<tr>";
    for (const std::string& cell : row) html += "<td>" + cell + "</td>";
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

// ---- result ----

struct Figure {
  const char* key;
  const char* label;
  int places;
};
constexpr Figure kFigures[] = {{"pass_at_1", "Accuracy (pass@1)", 3},
                               {"pass_at_k", "Any of {k} right (pass@{k})", 3},
                               {"cons_at_k", "Majority of {k} (cons@{k})", 3},
                               {"format", "Well-formed", 3},
                               {"mean_length", "Mean length, tokens", 1}};

std::string with_k(std::string label, const Json& evaluation) {
  const double k = number_or_nan(evaluation, "k");
  const std::string text = std::isfinite(k) ? fixed_number(k, 0) : "k";
  for (size_t at = label.find("{k}"); at != label.npos; at = label.find("{k}"))
    label.replace(at, 3, text);
  return label;
}

std::string figures(const Comparison& comparison) {
  std::string html;
  for (const Figure& figure : kFigures) {
    const double before = number_or_nan(comparison.before->evaluation, figure.key);
    const double after = number_or_nan(comparison.after->evaluation, figure.key);
    if (!std::isfinite(before) && !std::isfinite(after)) continue;
    html += fmt::format("<div class=\"figure\"><span>{}</span><b><i>{} \u2192</i> {}</b></div>\n",
                        with_k(figure.label, comparison.after->evaluation),
                        fixed_number(before, figure.places), fixed_number(after, figure.places));
  }
  return html.empty() ? "" : "<div class=\"figures\">\n" + html + "</div>\n";
}

std::string how_measured(const Comparison& comparison) {
  const Json& after = comparison.after->evaluation;
  const double problems = number_or_nan(after, "problems"),
               samples = number_or_nan(after, "samples"), k = number_or_nan(after, "k");
  std::string text =
      fmt::format("Evaluations <code>{}</code> and <code>{}</code>",
                  escape_html(comparison.before->name), escape_html(comparison.after->name));
  if (std::isfinite(problems))
    text += fmt::format(": {} held-out problems", fixed_number(problems, 0));
  if (std::isfinite(samples))
    text += fmt::format(", {} sampled completions each time", fixed_number(samples, 0));
  if (std::isfinite(k)) text += fmt::format(", k = {}", fixed_number(k, 0));
  return "<p class=\"muted\">" + text + ".</p>\n";
}

// ---- stages ----

std::string status_text(const StageRecord& stage) {
  if (stage.status == StageStatus::kDone)
    return std::string("<span class=\"badge good\">done</span>") +
           (stage.resumed ? "<span class=\"badge plain\">resumed</span>" : "");
  return stage.status == StageStatus::kUnfinished
             ? "<span class=\"badge mid\">not finished</span>"
             : "<span class=\"badge plain\">not started</span>";
}

std::string value_text(const Json& value) {
  if (value.is_number_integer()) return fixed_number(value.get<double>(), 0);
  if (value.is_number()) return short_number(value.get<double>(), 4);
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  const std::string text = value.is_string() ? value.get<std::string>() : dump_json(value);
  const bool hash = text.size() >= 40 && text.find_first_not_of("0123456789abcdef") == text.npos;
  const size_t limit = hash ? kHashShown : kTextShown;
  if (text.size() <= limit) return escape_html(text);
  return fmt::format("<span title=\"{}\">{}...</span>", escape_html(text),
                     escape_html(text.substr(0, limit)));
}

// "key value" pairs of the artifact's summary, inner objects flattened; null ones and lists are
// left out.
std::string summary_text(const Json& summary, const std::string& outer = "") {
  std::string html;
  for (const auto& [key, value] : summary.items()) {
    std::string readable = outer + key;
    std::replace(readable.begin(), readable.end(), '_', ' ');
    if (value.is_object()) html += summary_text(value, readable + ": ");
    if (value.is_structured() || value.is_null()) continue;
    html += fmt::format("<span class=\"pair\"><span class=\"muted\">{}</span> {}</span> ",
                        escape_html(readable), value_text(value));
  }
  return html;
}

// The last training numbers, for a stage that has no summary yet.
std::string last_metrics(const StageRecord& stage) {
  Json numbers = Json::object();
  if (stage.last_step >= 0) numbers["step"] = stage.last_step;
  for (const char* name :
       {"reward", "loss", "eval_loss", "eval/pass_at_1", "completions/mean_length"})
    if (const MetricSeries* series = stage.metric(name)) numbers[name] = series->values.back();
  return summary_text(numbers);
}

std::string stage_numbers(const StageRecord& stage) {
  // The others stand in the table of evaluations.
  if (!stage.evaluation.is_null())
    return summary_text(Json{{"pass@1", number_or_nan(stage.evaluation, "pass_at_1")}});
  const std::string summary = summary_text(stage.summary);
  return summary.empty() ? last_metrics(stage) : summary;
}

// ---- evaluations ----

std::vector<std::string> evaluation_row(const RunRecord& run, const StageRecord& stage) {
  const Json& e = stage.evaluation;
  const auto number = [&](const char* key, int places) {
    return fixed_number(number_or_nan(e, key), places);
  };
  std::string models;
  for (const StageRecord* model : models_of(run, stage))
    models += (models.empty() ? "of " : ", ") + escape_html(model->name);
  const double error = number_or_nan(e, "pass_at_1_stderr");
  const Json difference = e.contains("difference") ? e["difference"] : Json();
  std::string compared = escape_html(difference_text(difference));
  if (!compared.empty())
    compared += " against <code>" + escape_html(text_or_empty(difference, "against")) + "</code>";
  return {"<b>" + escape_html(stage.name) + "</b><br><span class=\"muted\">" + models + "</span>",
          number("pass_at_1", 3) + (std::isfinite(error) ? " <span class=\"muted\">\u00b1 " +
                                                               fixed_number(error, 3) + "</span>"
                                                         : ""),
          number("pass_at_k", 3),
          number("cons_at_k", 3),
          number("format", 3),
          number("mean_length", 1),
          number("problems", 0),
          compared};
}

std::string evaluation_table(const RunRecord& run, const std::vector<const StageRecord*>& list) {
  if (list.empty()) return "";
  std::vector<std::vector<std::string>> rows;
  for (const StageRecord* stage : list) rows.push_back(evaluation_row(run, *stage));
  return table("wide",
               {"Evaluation", "pass@1 \u00b1 s.e.", "pass@k", "cons@k", "Well-formed",
                "Mean length", "Problems", "Difference in pass@1"},
               rows);
}

// ---- recipe ----

// What finished the stages, each version once: a run may have been continued by another build.
std::map<std::string, std::string> used_versions(const RunRecord& run) {
  std::map<std::string, std::set<std::string>> seen;
  for (const StageRecord& stage : run.stages)
    for (const auto& [name, value] : stage.versions.items()) seen[name].insert(value_text(value));
  std::map<std::string, std::string> list;
  for (const auto& [name, values] : seen) list[name] = fmt::format("{}", fmt::join(values, ", "));
  return list;
}

std::string facts(const RunRecord& run) {
  std::vector<std::vector<std::string>> rows;
  if (run.recipe.contains("seed")) rows.push_back({"seed", dump_json(run.recipe["seed"])});
  for (const char* key : {"device", "dtype"})
    rows.push_back({key, escape_html(text_or_empty(run.recipe, key))});
  for (const auto& [name, version] : used_versions(run))
    rows.push_back({escape_html(name), version});
  return table("narrow", {}, rows);
}

}  // namespace

std::string result_section(const RunRecord& run, const Comparison& comparison) {
  const std::string description = text_or_empty(run.recipe, "description");
  std::string html = "<header>\n<h1>" + escape_html(text_or_empty(run.recipe, "name")) + "</h1>\n";
  html += "<p class=\"result\">" + escape_html(result_sentence(run, comparison)) + "</p>\n";
  if (comparison.after) html += figures(comparison) + how_measured(comparison);
  if (!description.empty()) html += "<p class=\"muted\">" + escape_html(description) + "</p>\n";
  return html + "</header>\n";
}

std::string stages_section(const RunRecord& run) {
  std::vector<std::vector<std::string>> rows;
  for (const StageRecord& stage : run.stages)
    rows.push_back({"<b>" + escape_html(stage.name) + "</b>", escape_html(stage.type),
                    status_text(stage), stage.seconds > 0 ? format_duration(stage.seconds) : "",
                    stage_numbers(stage)});
  return rows.empty()
             ? ""
             : section("stages", "Stages",
                       table("stacked", {"Stage", "Type", "Status", "Time", "Numbers"}, rows));
}

std::string evaluations_section(const RunRecord& run) {
  return section("evaluations", "Evaluations", evaluation_table(run, evaluations(run)));
}

std::vector<const StageRecord*> stages_with_curves(const RunRecord& run) {
  std::vector<const StageRecord*> list;
  for (const StageRecord& stage : run.stages)
    if (!stage.metrics.empty()) list.push_back(&stage);
  std::stable_partition(list.begin(), list.end(),
                        [](const StageRecord* stage) { return stage->type == "grpo"; });
  return list;
}

std::string curves_section(const RunRecord& run) {
  std::string html;
  for (const StageRecord* stage : stages_with_curves(run)) {
    html += fmt::format(
        "<h3>{} <span class=\"muted\">{}</span></h3>\n<div class=\"charts\"></div>\n"
        "<details class=\"more\"><summary>Other metrics</summary><div "
        "class=\"charts\"></div></details>\n",
        escape_html(stage->name), escape_html(stage->type));
  }
  if (html.empty()) return "";
  return section("curves", "Curves",
                 "<p class=\"controls\"><label><input type=\"checkbox\" id=\"smooth\" checked> "
                 "smooth the lines (raw values stay behind, "
                 "faint)</label></p>\n<noscript><p>The curves need JavaScript.</p></noscript>\n" +
                     html);
}

std::string distillation_section(const RunRecord& run) {
  std::vector<std::vector<std::string>> rows;
  std::vector<const StageRecord*>
      shown;  // of the teacher, of the student before, of what came of it
  const auto show = [&](const StageRecord* evaluation) {
    if (evaluation && std::find(shown.begin(), shown.end(), evaluation) == shown.end())
      shown.push_back(evaluation);
  };
  for (const StageRecord& stage : run.stages) {
    if (stage.type != "distill") continue;
    rows.push_back(
        {"<b>" + escape_html(stage.name) + "</b>", status_text(stage), stage_numbers(stage)});
    const StageRecord* teacher = run.stage(text_or_empty(stage.config, "teacher"));
    for (const StageRecord* evaluation : evaluations(run)) {
      const std::vector<const StageRecord*> models = models_of(run, *evaluation);
      if (std::find(models.begin(), models.end(), teacher) != models.end()) show(evaluation);
    }
    for (const StageRecord* evaluation : evaluations(run)) {
      if (!run.descends(*evaluation, stage)) continue;
      show(evaluated_against(run, *evaluation));
      show(evaluation);
    }
  }
  if (rows.empty()) return "";
  return section(
      "distillation", "Distillation",
      table("stacked", {"Stage", "Status", "Numbers"}, rows) + evaluation_table(run, shown));
}

std::string recipe_section(const RunRecord& run) {
  std::string html = facts(run);
  html +=
      "<details><summary>Resolved recipe: every default written out, a recipe "
      "itself</summary>\n<pre class=\"recipe\">" +
      escape_html(dump_json_pretty(run.recipe)) + "</pre></details>\n";
  if (!run.notes.empty()) {
    html += "<p>Left out, because it could not be read:</p>\n<ul>\n";
    for (const std::string& note : run.notes) html += "<li>" + escape_html(note) + "</li>\n";
    html += "</ul>\n";
  }
  return section("recipe", "Recipe, seed, versions", html);
}

}  // namespace r1::recipes
