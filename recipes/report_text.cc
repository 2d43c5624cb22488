#include "recipes/report_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace r1::recipes {
namespace {

// The tag that starts at text[at] and the block its text belongs to afterwards ("" outside of
// both); an empty tag when none does.
struct Tag {
  std::string_view tag, block;
};
Tag tag_at(std::string_view text, size_t at) {
  static constexpr std::array<Tag, 4> kTags = {
      {{"<think>", "think"}, {"</think>", ""}, {"<answer>", "answer"}, {"</answer>", ""}}};
  for (const Tag& tag : kTags)
    if (text.substr(at).starts_with(tag.tag)) return tag;
  return {};
}

// Text cut to at most max_bytes, between UTF-8 characters.
std::string_view cut(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

std::string part_thousands(std::string digits) {
  const size_t first = digits.starts_with('-') ? 1 : 0;
  for (size_t at = std::min(digits.find('.'), digits.size()); at > first + 3; at -= 3)
    digits.insert(at - 3, ",");
  return digits;
}

const char* badge_class(const std::string& reason) {
  if (reason == "correct" || reason == "well_formed") return "good";
  for (const char* judged : {"wrong", "wrong_numbers", "unparsable", "division_by_zero",
                             "budget_exceeded"})  // an answer, but no good one
    if (reason == judged) return "mid";
  if (reason == "reference_broken" || reason == "rewarder_failed") return "fault";
  return "bad";
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else if (c == '\x7f')
      out += "&#9249;";
    else if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
      out += fmt::format("&#{};", 0x2400 + c);
    else
      out += c;
  }
  return out;
}

std::string script_json(const Json& value) {
  const std::string text = dump_json(value);
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view three = std::string_view(text).substr(i, 3);
    if (text[i] == '<') {
      out += "\\u003c";
    } else if (three == "\xe2\x80\xa8" || three == "\xe2\x80\xa9") {
      out += three[2] == '\xa8' ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string short_number(double value, int significant) {
  if (!std::isfinite(value)) return "-";
  const double size = std::abs(value);
  if (size >= 1e15) return fmt::format("{:.{}g}", value, significant);
  if (size >= std::pow(10.0, significant - 1)) return part_thousands(fmt::format("{:.0f}", value));
  return fmt::format("{:.{}g}", value, significant);
}

std::string fixed_number(double value, int places) {
  return std::isfinite(value) ? part_thousands(fmt::format("{:.{}f}", value, places)) : "-";
}

std::string points(double share) {
  return std::isfinite(share) ? fmt::format("{:+.1f}", 100 * share) : "-";
}

double number_or_nan(const Json& json, const char* key) {
  if (json.is_object()) {
    const auto it = json.find(key);
    if (it != json.end() && it->is_number()) return it->get<double>();
  }
  return std::numeric_limits<double>::quiet_NaN();
}

std::string text_or_empty(const Json& json, const char* key) {
  if (!json.is_object()) return "";
  const auto it = json.find(key);
  return it != json.end() && it->is_string() ? it->get<std::string>() : "";
}

std::string render_completion(std::string_view text, std::string_view prompt, size_t max_bytes) {
  const size_t opened = prompt.rfind("<think>"), closed = prompt.rfind("</think>");
  const bool inside = opened != prompt.npos && (closed == prompt.npos || closed < opened);
  const std::string_view shown = cut(text, max_bytes);
  std::string out = fmt::format("<span class=\"{}\">", inside ? "think" : "plain");
  size_t begin = 0;
  for (size_t at = shown.find('<'); at != shown.npos; at = shown.find('<', at + 1)) {
    const Tag tag = tag_at(shown, at);
    if (tag.tag.empty()) continue;
    out += escape_html(shown.substr(begin, at - begin));
    out += fmt::format("</span><b class=\"tag\">{}</b><span class=\"{}\">", escape_html(tag.tag),
                       tag.block.empty() ? "plain" : tag.block);
    begin = at + tag.tag.size();
  }
  out += escape_html(shown.substr(begin)) + "</span>";
  if (shown.size() < text.size())
    out += fmt::format("<i class=\"cut\"> ... {} more bytes</i>", text.size() - shown.size());
  return out;
}

std::string reward_badge(const std::string& name, double value, const std::string& reason) {
  std::string readable = reason;
  std::replace(readable.begin(), readable.end(), '_', ' ');
  std::string text = name.empty() ? "" : name + ": ";
  if (!readable.empty()) text += readable + ", ";
  text += "reward " + short_number(value);
  return fmt::format("<span class=\"badge {}\">{}</span>",
                     reason.empty() ? "plain" : badge_class(reason), escape_html(text));
}

}  // namespace r1::recipes
