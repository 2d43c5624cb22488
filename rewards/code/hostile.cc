#include "rewards/code/hostile.h"

#include <sstream>

namespace r1::rewards::code {
namespace {

std::string unhex(const std::string& text) {
  std::string bytes;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  return bytes;
}

// A text, or {"generate": {"prefix", "repeat", "count", "suffix", "hex"}} for a long one.
std::string text_of(const Json& text) {
  if (text.is_string()) return text;
  const Json& how = text["generate"];
  const auto part = [&](const char* key) {
    const std::string written = how.value(key, "");
    return how.value("hex", false) ? unhex(written) : written;
  };
  std::string all = part("prefix");
  const std::string repeat = part("repeat");
  for (int64_t i = 0; i < how.value("count", 0); ++i) all += repeat;
  return all + part("suffix");
}

}  // namespace

std::vector<std::string> HostileProgram::allowed(Isolation isolation) const {
  return row_["expect"][isolation_name(isolation)];
}

Submission HostileProgram::submission() const {
  Json tests = row_["tests"];
  if (tests.contains("cases"))
    for (Json& test : tests["cases"])
      for (const char* key : {"input", "output"})
        if (test.contains(key)) test[key] = text_of(test[key]);
  const std::string source = row_.contains("generate")
                                 ? text_of(row_)
                                 : std::string(hostile_files().at(row_["file"].get<std::string>()));
  return {row_["language"], source, parse_suite(tests)};
}

std::vector<HostileProgram> hostile_programs() {
  std::istringstream rows{std::string(hostile_files().at("programs.jsonl"))};
  std::vector<HostileProgram> programs;
  for (std::string row; std::getline(rows, row);)
    programs.emplace_back(parse_json(row, "programs.jsonl", {.big_integers = true}));
  return programs;
}

}  // namespace r1::rewards::code
