#include "recipes/report.h"

#include <string>

#include "base/file.h"
#include "recipes/report_charts.h"
#include "recipes/report_page.h"
#include "recipes/report_result.h"
#include "recipes/report_run.h"
#include "recipes/report_sections.h"
#include "recipes/report_text.h"

namespace r1::recipes {
namespace {

// What the page's script reads: the charts of every stage with metrics, in the order of
// curves_section().
Json page_data(const RunRecord& run) {
  Json stages = Json::array();
  for (const StageRecord* stage : stages_with_curves(run)) stages.push_back(stage_charts(*stage));
  return {{"stages", std::move(stages)}};
}

std::string page(const RunRecord& run) {
  const Comparison comparison = find_comparison(run);
  std::string html =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n";
  html += "<title>" + escape_html(text_or_empty(run.recipe, "name")) + "</title>\n";
  html += std::string("<style>\n") + kReportStyle + "</style>\n</head>\n<body>\n";
  html += result_section(run, comparison) + stages_section(run) + evaluations_section(run) +
          curves_section(run) + completions_section(run, comparison) + distillation_section(run) +
          recipe_section(run);
  html += "<script type=\"application/json\" id=\"run-data\">" + script_json(page_data(run)) +
          "</script>\n";
  return html + "<script>\n" + kReportScript + "</script>\n</body>\n</html>\n";
}

}  // namespace

void write_report(const std::filesystem::path& run_folder) {
  write_file_atomic(run_folder / "report.html", page(read_run(run_folder)));
}

}  // namespace r1::recipes
