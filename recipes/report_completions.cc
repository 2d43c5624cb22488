#include <fmt/format.h>

#include <cmath>
#include <map>
#include <vector>

#include "recipes/report_sections.h"
#include "recipes/report_text.h"

namespace r1::recipes {
namespace {

constexpr size_t kPairsShown = 8;  // problems; the others are folded
constexpr size_t kPairsAtAll = 32;
constexpr size_t kRowsOfAStep = 4;  // of a training step

std::string completion_card(const std::string& prompt, const Json& row, const std::string& badges,
                            const std::string& facts) {
  return fmt::format(
      "<div class=\"completion\"><p class=\"badges\">{} <span "
      "class=\"muted\">{}</span></p><pre>{}</pre></div>\n",
      badges, escape_html(facts), render_completion(text_or_empty(row, "completion"), prompt));
}

void add_fact(std::string& facts, const std::string& fact) {
  facts += (facts.empty() ? "" : ", ") + fact;
}

// "61 tokens, eos, advantage +1.34", as far as the row says so.
std::string row_facts(const Json& row) {
  std::string facts;
  const double length = number_or_nan(row, "length"), advantage = number_or_nan(row, "advantage");
  if (std::isfinite(length)) add_fact(facts, fixed_number(length, 0) + " tokens");
  if (!text_or_empty(row, "stop_reason").empty())
    add_fact(facts, "ended by " + text_or_empty(row, "stop_reason"));
  if (std::isfinite(advantage)) add_fact(facts, fmt::format("advantage {:+.2f}", advantage));
  return facts;
}

// ---- held-out problems, before and after ----

struct Pair {
  Json before, after;
};

// Examples of both evaluations with the same prompt, in the order of the first.
std::vector<Pair> pairs(const Json& before, const Json& after) {
  std::vector<Pair> list;
  if (!before.contains("examples") || !after.contains("examples")) return list;
  std::map<std::string, Json> later;
  for (const Json& row : after["examples"]) later.emplace(text_or_empty(row, "prompt"), row);
  for (const Json& row : before["examples"]) {
    const auto it = later.find(text_or_empty(row, "prompt"));
    if (it == later.end() || list.size() == kPairsAtAll) continue;
    list.push_back({row, it->second});
    later.erase(it);
  }
  return list;
}

std::string example_card(const Json& row) {
  const std::string badge =
      reward_badge("", number_or_nan(row, "value"), text_or_empty(row, "reason"));
  return completion_card(text_or_empty(row, "prompt"), row, badge, row_facts(row));
}

std::string pair_html(const Pair& pair) {
  return fmt::format(
      "<div class=\"problem\"><p class=\"prompt\">{}</p><div class=\"sides\">\n{}{}</div></div>\n",
      escape_html(text_or_empty(pair.before, "prompt")), example_card(pair.before),
      example_card(pair.after));
}

std::string sides_header(const std::string& left, const std::string& right) {
  return fmt::format("<div class=\"sides heads\"><b>{}</b><b>{}</b></div>\n", escape_html(left),
                     escape_html(right));
}

std::string before_and_after(const Comparison& comparison) {
  const std::vector<Pair> list = pairs(comparison.before->evaluation, comparison.after->evaluation);
  if (list.empty()) return "";
  std::string html =
      "<h3>Held-out problems, before and after</h3>\n<p class=\"muted\">The first sample of each "
      "problem, in the order of the "
      "file: nothing is picked.</p>\n" +
      sides_header("Before: " + comparison.before->name, "After: " + comparison.after->name);
  for (size_t i = 0; i < list.size(); ++i) {
    if (i == kPairsShown)
      html +=
          fmt::format("<details><summary>{} more problems</summary>\n", list.size() - kPairsShown);
    html += pair_html(list[i]);
  }
  return list.size() > kPairsShown ? html + "</details>\n" : html;
}

// ---- training completions ----

std::string training_card(const Json& row) {
  const Json rewards = row.contains("rewards") ? row["rewards"] : Json(),
             reasons = row.contains("reasons") ? row["reasons"] : Json();
  std::string badges;
  if (rewards.is_object())
    for (const auto& [name, value] : rewards.items())
      badges += reward_badge(name, number_or_nan(rewards, name.c_str()),
                             text_or_empty(reasons, name.c_str()));
  return completion_card(text_or_empty(row, "prompt"), row, badges, row_facts(row));
}

std::string step_column(const CompletionRows& completions) {
  std::string html = "<div>\n", prompt;
  for (size_t i = 0; i < completions.rows.size() && i < kRowsOfAStep; ++i) {
    const std::string own = text_or_empty(completions.rows[i], "prompt");
    if (i == 0 || own != prompt) html += "<p class=\"prompt\">" + escape_html(own) + "</p>\n";
    html += training_card(completions.rows[i]);
    prompt = own;
  }
  return html + "</div>\n";
}

std::string training_completions(const StageRecord& stage) {
  if (stage.first_completions.rows.empty()) return "";
  const CompletionRows &first = stage.first_completions, &last = stage.last_completions;
  std::string html = fmt::format("<h3>Training completions of {}</h3>\n", escape_html(stage.name));
  html += sides_header(fmt::format("Step {}", first.step),
                       last.step < 0 ? "" : fmt::format("Step {}", last.step));
  return html + "<div class=\"sides problem\">\n" + step_column(first) +
         (last.step < 0 ? "" : step_column(last)) + "</div>\n";
}

}  // namespace

std::string completions_section(const RunRecord& run, const Comparison& comparison) {
  std::string html = comparison.after ? before_and_after(comparison) : "";
  for (const StageRecord& stage : run.stages) html += training_completions(stage);
  return html.empty()
             ? ""
             : "<section id=\"completions\">\n<h2>Completions</h2>\n" + html + "</section>\n";
}

}  // namespace r1::recipes
