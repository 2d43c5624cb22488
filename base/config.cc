#include "base/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace r1 {
namespace config_detail {
namespace {

std::string found(const Json& json) {
  const auto with_value = [&](const char* type) {
    std::string text = dump_json(json);
    if (text.size() > 60) {
      size_t cut = 57;
      while (cut > 0 && (text[cut] & 0xc0) == 0x80) --cut;  // not inside a UTF-8 sequence
      text = text.substr(0, cut) + "...";
    }
    return fmt::format("{} {}", type, text);
  };
  if (json.is_null()) return "null";
  if (json.is_boolean()) return with_value("bool");
  if (json.is_number_integer()) return with_value("int");
  if (json.is_number()) return with_value("number");
  if (json.is_string()) return with_value("string");
  if (json.is_array()) return fmt::format("a list of {}", json.size());
  return "an object";
}

// The path as the head of a message: without the ": " or dot that joining a key would have needed.
[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  std::string_view head = path;
  if (head.ends_with(": ")) head.remove_suffix(2);
  throw ConfigError(head.empty() ? reason : fmt::format("{}: {}", head, reason));
}

[[noreturn]] void wrong_type(const Json& json, const std::string& path, const char* expected) {
  fail(path, fmt::format("expected {}, found {}", expected, found(json)));
}

std::string range_text(const Range& range) {
  const bool low = std::isfinite(range.low), high = std::isfinite(range.high);
  return fmt::format("{}{}, {}{}", low ? '[' : '(', low ? fmt::format("{}", range.low) : "-inf",
                     high ? fmt::format("{}", range.high) : "inf", high ? ']' : ')');
}

void check_range(const Json& json, const std::string& path, double value, const Range& range) {
  if (value >= range.low && value <= range.high) return;
  fail(path, fmt::format("{} is outside {}", dump_json(json), range_text(range)));
}

}  // namespace

std::string Limits::text() const {
  if (!one_of.empty()) return fmt::format("one of: {}", fmt::join(one_of, ", "));
  if (std::isfinite(range.low) || std::isfinite(range.high)) return range_text(range);
  return "";
}

std::string join(const std::string& path, std::string_view key) {
  const bool bare = path.empty() || path.ends_with(": ");
  return fmt::format("{}{}{}", path, bare ? "" : ".", key);
}

void require_object(const Json& json, const std::string& path) {
  if (!json.is_object()) wrong_type(json, path, "an object");
}

void require_array(const Json& json, const std::string& path) {
  if (!json.is_array()) wrong_type(json, path, "a list");
}

void check_keys(const Json& json, const std::string& path, const std::vector<std::string>& known) {
  for (size_t i = 0; i < known.size(); ++i)
    R1_CHECK(std::find(known.begin(), known.begin() + std::ptrdiff_t(i), known[i]) == known.begin() + std::ptrdiff_t(i),
             "a config struct lists \"" + known[i] + "\" twice");
  for (const auto& item : json.items()) {
    if (std::find(known.begin(), known.end(), item.key()) != known.end()) continue;
    const std::string near = nearest(item.key(), known);
    const std::string advice = !near.empty()   ? fmt::format("did you mean \"{}\"?", near)
                               : known.empty() ? "no key is allowed here"
                                               : fmt::format("known keys: {}", fmt::join(known, ", "));
    fail(join(path, item.key()), "unknown key; " + advice);
  }
}

void missing(const std::string& path, std::string_view help) { fail(path, fmt::format("required, but missing ({})", help)); }

bool read_bool(const Json& json, const std::string& path) {
  if (!json.is_boolean()) wrong_type(json, path, "bool");
  return json.get<bool>();
}

int64_t read_signed(const Json& json, const std::string& path, int64_t low, int64_t high, const Limits& limits) {
  if (!json.is_number_integer()) wrong_type(json, path, "int");
  const bool huge = json.is_number_unsigned() && json.get<uint64_t>() > uint64_t(INT64_MAX);
  const int64_t value = huge ? INT64_MAX : json.get<int64_t>();
  check_range(json, path, huge ? double(json.get<uint64_t>()) : double(value), limits.range);
  if (huge || value < low || value > high) fail(path, fmt::format("{} is outside [{}, {}]", dump_json(json), low, high));
  return value;
}

uint64_t read_unsigned(const Json& json, const std::string& path, uint64_t high, const Limits& limits) {
  const bool negative = json.is_number_integer() && !json.is_number_unsigned() && json.get<int64_t>() < 0;
  if (!json.is_number_integer()) wrong_type(json, path, "int");
  if (negative) check_range(json, path, double(json.get<int64_t>()), limits.range);
  const uint64_t value = negative ? 0 : json.get<uint64_t>();
  if (!negative) check_range(json, path, double(value), limits.range);
  if (negative || value > high) fail(path, fmt::format("{} is outside [0, {}]", dump_json(json), high));
  return value;
}

double read_number(const Json& json, const std::string& path, const Limits& limits) {
  if (!json.is_number()) wrong_type(json, path, "number");
  const double value = json.get<double>();
  if (!std::isfinite(value)) fail(path, fmt::format("{} is not a finite number", value));
  check_range(json, path, value, limits.range);
  return value;
}

std::string read_string(const Json& json, const std::string& path, const Limits& limits) {
  if (!json.is_string()) wrong_type(json, path, "string");
  const auto value = json.get<std::string>();
  const auto& allowed = limits.one_of;
  if (allowed.empty() || std::find(allowed.begin(), allowed.end(), value) != allowed.end()) return value;
  const std::string near = nearest(value, allowed);
  fail(path, fmt::format("{} is not one of: {}{}", dump_json(json), fmt::join(allowed, ", "),
                         near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near)));
}

}  // namespace config_detail

namespace {

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  return out;
}

// Damerau-Levenshtein distance (optimal string alignment): a swap of neighbours counts as one edit.
size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replace});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > 200) return "";
  const std::string lower = lower_case(word);
  size_t best = std::max<size_t>(2, word.size() / 3) + 1;
  std::string found;
  for (const std::string& candidate : known) {
    const size_t distance = edit_distance(lower, lower_case(candidate));
    const bool shares_a_letter = distance < std::max(word.size(), candidate.size());
    if (distance >= best || (!shares_a_letter && distance > 0)) continue;
    best = distance;
    found = candidate;
  }
  return found;
}

}  // namespace r1
