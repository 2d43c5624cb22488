#include "recipes/summary.h"

#include <fmt/format.h>

namespace r1::recipes {
namespace {

void add_rows(const Json& value, const std::string& name,
              std::vector<std::vector<std::string>>& rows) {
  if (value.is_object()) {
    for (const auto& [key, item] : value.items())
      add_rows(item, name.empty() ? key : name + "." + key, rows);
  } else if (value.is_number_float()) {
    rows.push_back({name, fmt::format("{:.4g}", value.get<double>())});
  } else if (value.is_string()) {
    rows.push_back({name, value.get<std::string>()});
  } else if (value.is_number() || value.is_boolean()) {
    rows.push_back({name, dump_json(value)});
  }
}

}  // namespace

std::vector<std::vector<std::string>> summary_rows(const Json& summary) {
  std::vector<std::vector<std::string>> rows;
  add_rows(summary, "", rows);
  return rows;
}

std::string summary_line(const Json& summary, size_t max_characters) {
  std::string line;
  for (const auto& row : summary_rows(summary)) {
    if (row[1].size() > 20) continue;  // hashes, paths
    const std::string item = fmt::format("{}{} {}", line.empty() ? "" : ", ", row[0], row[1]);
    if (line.size() + item.size() > max_characters) break;
    line += item;
  }
  return line;
}

}  // namespace r1::recipes
