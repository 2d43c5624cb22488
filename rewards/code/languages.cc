#include "rewards/code/languages.h"

#include <algorithm>
#include <cctype>

namespace r1::rewards::code {
namespace {

struct Fence {
  char mark = 0;
  size_t length = 0;
  std::string info;  // first word, lower case
};

// A line that is a fence: at most three spaces, then three or more marks.
Fence parse_fence(std::string_view line) {
  const size_t indent = std::min(line.find_first_not_of(' '), line.size());
  if (indent > 3 || indent == line.size() || (line[indent] != '`' && line[indent] != '~'))
    return {};
  const char mark = line[indent];
  const size_t end = std::min(line.find_first_not_of(mark, indent), line.size());
  if (end - indent < 3) return {};
  std::string_view info = line.substr(end);
  if (mark == '`' && info.find('`') != std::string_view::npos) return {};
  info.remove_prefix(std::min(info.find_first_not_of(" \t{."), info.size()));
  info = info.substr(0, info.find_first_of(" \t\r,}"));
  std::string word(info);
  std::ranges::transform(word, word.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return {mark, end - indent, word};
}

}  // namespace

const std::vector<Language>& languages() {
  static const std::vector<Language> kLanguages = {
      {"python", {"python", "python3", "py", "py3"}, ""},
      {"cpp",
       {"cpp", "c++", "cc", "cxx", "cpp17", "c++17"},
       "g++ -std=c++17 -O2 -pipe -x c++ -o program -"},
  };
  return kLanguages;
}

const Language* find_language(std::string_view name) {
  for (const Language& language : languages())
    if (language.name == name) return &language;
  return nullptr;
}

const char* extract_reason_text(ExtractReason reason) {
  switch (reason) {
    case ExtractReason::kFound:
      return "found";
    case ExtractReason::kNoBlock:
      return "no code block";
    case ExtractReason::kUnclosedBlock:
      return "the last code block is not closed";
    case ExtractReason::kOtherLanguage:
      return "no code block of this language";
    case ExtractReason::kEmpty:
      return "the code block is empty";
  }
  return "";
}

Extraction extract(std::string_view completion, const Language& language) {
  const size_t thought = completion.rfind("</think>");
  if (thought != std::string_view::npos) completion.remove_prefix(thought + 8);
  Extraction found;
  Fence open;
  size_t begin = 0;
  for (size_t at = 0; at <= completion.size();) {
    const size_t end = std::min(completion.find('\n', at), completion.size());
    const std::string_view line = completion.substr(at, end - at);
    const Fence fence = parse_fence(line);
    if (open.mark == 0 && fence.mark != 0) {
      open = fence;
      begin = std::min(end + 1, completion.size());
    } else if (open.mark != 0 && fence.mark == open.mark && fence.length >= open.length &&
               fence.info.empty()) {
      const bool ours = open.info.empty() || std::ranges::count(language.fences, open.info) > 0;
      const std::string_view source = completion.substr(begin, at - begin);
      if (ours)
        found = {source.find_first_not_of(" \t\r\n") == std::string_view::npos
                     ? ExtractReason::kEmpty
                     : ExtractReason::kFound,
                 std::string(source)};
      else if (found.reason == ExtractReason::kNoBlock)
        found.reason = ExtractReason::kOtherLanguage;
      open = {};
    }
    at = end + 1;
  }
  if (open.mark != 0 && found.reason != ExtractReason::kFound)
    found = {ExtractReason::kUnclosedBlock, ""};
  return found;
}

}  // namespace r1::rewards::code
