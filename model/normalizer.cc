#include "model/normalizer.h"

#include <fmt/format.h>

#include "base/error.h"
#include "model/unicode.h"
#include "model/unicode_normalization.h"

namespace r1::model {
namespace {

constexpr size_t kMaxSteps = 64;

// A file's replacements could make gigabytes of a line.
void check_growth(size_t size, size_t original) {
  if (size > (size_t{1} << 20) + 16 * original)
    throw DataError("the normalizer makes the text more than 16 times as long");
}

// Leading and trailing White_Space.
std::string stripped(std::string text, bool left, bool right) {
  static const CodePointSet space = white_space();
  size_t begin = 0, end = text.size();
  while (left && begin < end) {
    size_t next = begin;
    if (!space.contains(next_code_point(text, next))) break;
    begin = next;
  }
  while (right && end > begin) {
    const size_t last = previous_character(text, end);
    size_t next = last;
    if (!space.contains(next_code_point(text, next))) break;
    end = last;
  }
  return text.substr(begin, end - begin);
}

}  // namespace

void read_pattern(const JsonView& json, std::string& text, std::shared_ptr<const Regex>& regex) {
  json.only({"String", "Regex"});
  if (json.has("String") == json.has("Regex")) json.fail("expected one of \"String\", \"Regex\"");
  if (json.has("String")) {
    text = json.at("String").string();
    if (text.empty()) json.at("String").fail("is empty");
    return;
  }
  const JsonView pattern = json.at("Regex");
  try {
    regex = std::make_shared<Regex>(pattern.string());
  } catch (const DataError& error) {
    pattern.fail(error.what());
  }
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  size_t at = 0;
  for (size_t found = text.find(from); found != text.npos; found = text.find(from, at)) {
    out.append(text, at, found - at).append(to);
    check_growth(out.size(), text.size());
    at = found + from.size();
  }
  return out.append(text, at);
}

std::string replace_all(std::string_view text, const Regex& regex, std::string_view to) {
  std::string out;
  for_each_part(regex, text, [&](size_t begin, size_t end, bool is_match) {
    out.append(is_match ? to : text.substr(begin, end - begin));
    check_growth(out.size(), text.size());
  });
  return out;
}

Normalizer::Normalizer(const JsonView& json) {
  if (!json.is_null()) add(json);
}

void Normalizer::add(const JsonView& json) {
  if (steps_.size() == kMaxSteps) json.fail(fmt::format("there are more than {} steps", kMaxSteps));
  using Kind = Step::Kind;
  const std::string& type = json.type();
  const std::pair<const char*, Kind> kPlain[] = {{"NFC", Kind::kNfc},
                                                 {"NFD", Kind::kNfd},
                                                 {"NFKC", Kind::kNfkc},
                                                 {"NFKD", Kind::kNfkd},
                                                 {"Lowercase", Kind::kLowercase}};
  for (const auto& [name, kind] : kPlain) {
    if (type != name) continue;
    json.only({"type"});
    steps_.push_back({.kind = kind});
    return;
  }
  if (type == "Sequence") {
    json.only({"type", "normalizers"});
    const JsonView parts = json.at("normalizers");
    for (size_t i = 0; i < parts.size(); ++i) add(parts.at(i));
  } else if (type == "Prepend") {
    json.only({"type", "prepend"});
    steps_.push_back({.kind = Kind::kPrepend, .text = json.at("prepend").string()});
  } else if (type == "Replace") {
    add_replace(json);
  } else if (type == "Strip") {
    json.only({"type", "strip_left", "strip_right"});
    steps_.push_back({.kind = Kind::kStrip,
                      .left = json.at("strip_left").boolean(),
                      .right = json.at("strip_right").boolean()});
  } else {
    json.unsupported_type("NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip and Sequence");
  }
}

void Normalizer::add_replace(const JsonView& json) {
  json.only({"type", "pattern", "content"});
  Step step{.kind = Step::Kind::kReplace, .text = json.at("content").string()};
  read_pattern(json.at("pattern"), step.from, step.regex);
  steps_.push_back(std::move(step));
}

std::string Normalizer::run(std::string text) const {
  const size_t original = text.size();
  for (const Step& step : steps_) {
    text = run(step, std::move(text));
    check_growth(text.size(), original);
  }
  return text;
}

std::string Normalizer::run(const Step& step, std::string text) {
  switch (step.kind) {
    case Step::Kind::kNfc:
      return normalized(text, NormalForm::kNfc);
    case Step::Kind::kNfd:
      return normalized(text, NormalForm::kNfd);
    case Step::Kind::kNfkc:
      return normalized(text, NormalForm::kNfkc);
    case Step::Kind::kNfkd:
      return normalized(text, NormalForm::kNfkd);
    case Step::Kind::kLowercase:
      return lower_case(text);
    case Step::Kind::kPrepend:
      return text.empty() ? text : step.text + text;
    case Step::Kind::kReplace:
      return step.regex ? replace_all(text, *step.regex, step.text)
                        : replace_all(text, step.from, step.text);
    case Step::Kind::kStrip:
      return stripped(std::move(text), step.left, step.right);
  }
  return text;
}

}  // namespace r1::model
