#include "model/pre_tokenizer.h"

#include <fmt/format.h>

#include "model/normalizer.h"
#include "model/unicode.h"

namespace r1::model {
namespace {

constexpr size_t kMaxSteps = 64;

// GPT-2's pattern, which ByteLevel has built in.
constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

std::string class_of(const CodePointSet& set) {
  std::string text = "[";
  for (const auto& [first, last] : set.ranges())
    text += fmt::format("\\x{{{:x}}}-\\x{{{:x}}}", first, last);
  return text + "]";
}

std::string escaped(std::string_view text) {
  std::string pattern;
  for (size_t at = 0; at < text.size();)
    pattern += fmt::format("\\x{{{:x}}}", next_code_point(text, at));
  return pattern;
}

}  // namespace

PreTokenizer::PreTokenizer(const JsonView& json) {
  if (!json.is_null()) add(json);
}

void PreTokenizer::add(const JsonView& json) {
  if (steps_.size() == kMaxSteps) json.fail(fmt::format("there are more than {} steps", kMaxSteps));
  const std::string& type = json.type();
  if (byte_level_) json.fail("a pre-tokenizer behind ByteLevel is not supported");
  if (type == "Sequence") {
    json.only({"type", "pretokenizers"});
    const JsonView parts = json.at("pretokenizers");
    for (size_t i = 0; i < parts.size(); ++i) add(parts.at(i));
  } else if (type == "Split") {
    add_split(json);
  } else if (type == "ByteLevel") {
    add_byte_level(json);
  } else if (type == "Digits") {
    json.only({"type", "individual_digits"});
    const bool each = json.boolean_or("individual_digits", false);
    add_split(class_of(numeric()), each ? Behavior::kIsolated : Behavior::kContiguous, false);
  } else if (type == "Punctuation") {
    json.only({"type", "behavior"});
    add_split(class_of(punctuation()),
              json.has("behavior") ? read_behavior(json.at("behavior")) : Behavior::kIsolated,
              false);
  } else if (type == "Whitespace") {
    json.only({"type"});
    const std::string word = class_of(word_characters());
    add_split(fmt::format("{0}+|[^\\s{0}]+", word), Behavior::kRemoved, true);
  } else if (type == "WhitespaceSplit") {
    json.only({"type"});
    add_split("\\s", Behavior::kRemoved, false);
  } else if (type == "Metaspace") {
    add_metaspace(json);
  } else {
    json.unsupported_type(
        "ByteLevel, Split, Digits, Punctuation, Whitespace, WhitespaceSplit, Metaspace and "
        "Sequence");
  }
}

void PreTokenizer::add_split(std::string_view pattern, Behavior behavior, bool invert) {
  steps_.push_back(
      {.behavior = behavior, .regex = std::make_shared<Regex>(pattern), .invert = invert});
}

void PreTokenizer::add_split(const JsonView& json) {
  json.only({"type", "pattern", "behavior", "invert"});
  Step step{.behavior = read_behavior(json.at("behavior")), .invert = json.at("invert").boolean()};
  std::string text;
  read_pattern(json.at("pattern"), text, step.regex);
  if (!step.regex) step.regex = std::make_shared<Regex>(escaped(text));
  steps_.push_back(std::move(step));
}

void PreTokenizer::add_byte_level(const JsonView& json) {
  json.only({"type", "add_prefix_space", "trim_offsets", "use_regex"});
  json.at("trim_offsets").boolean();  // of places in the text, not of tokens
  if (json.at("add_prefix_space").boolean()) steps_.push_back({.kind = Kind::kSpacePrefix});
  if (json.boolean_or("use_regex", true)) add_split(kGpt2Pattern, Behavior::kIsolated, false);
  byte_level_ = true;
}

void PreTokenizer::add_metaspace(const JsonView& json) {
  json.only({"type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"});
  Step step{.kind = Kind::kMetaspace, .replacement = json.at("replacement").string()};
  size_t at = 0;
  if (!step.replacement.empty()) next_code_point(step.replacement, at);
  if (at == 0 || at != step.replacement.size())
    json.at("replacement").fail("expected one character");
  const std::string scheme =
      json.has("prepend_scheme") ? json.at("prepend_scheme").string() : "always";
  if (scheme != "always" && scheme != "first" && scheme != "never") {
    json.at("prepend_scheme")
        .fail(fmt::format("\"{}\" is not one of always, first, never", scheme));
  }
  const bool refused = !json.boolean_or("add_prefix_space", true);
  if (refused && json.has("prepend_scheme") && scheme != "never")
    json.fail("add_prefix_space contradicts prepend_scheme");
  step.prefix = scheme != "never" && !refused;
  step.first_only = scheme == "first";
  const std::string pattern = escaped(step.replacement);
  steps_.push_back(std::move(step));
  if (json.boolean_or("split", true)) add_split(pattern, Behavior::kMergedWithNext, false);
}

PreTokenizer::Behavior PreTokenizer::read_behavior(const JsonView& json) {
  const std::pair<const char*, Behavior> kNames[] = {
      {"Removed", Behavior::kRemoved},
      {"Isolated", Behavior::kIsolated},
      {"MergedWithPrevious", Behavior::kMergedWithPrevious},
      {"MergedWithNext", Behavior::kMergedWithNext},
      {"Contiguous", Behavior::kContiguous}};
  for (const auto& [name, behavior] : kNames) {
    if (json.string() == name) return behavior;
  }
  json.fail(fmt::format(
      "\"{}\" is not one of Removed, Isolated, MergedWithPrevious, MergedWithNext, Contiguous",
      json.string()));
}

std::string PreTokenizer::with_metaspace(const Step& step, std::string_view text, bool at_start) {
  std::string replaced = replace_all(text, " ", step.replacement);
  const bool prefix = step.prefix && (at_start || !step.first_only);
  return prefix && !replaced.starts_with(step.replacement) ? step.replacement + replaced : replaced;
}

// Whether `part` continues `held`, the part just before it, as the `tokenizers` package joins them.
bool PreTokenizer::belongs_to(Behavior behavior, const Part& held, const Part& part) {
  if (behavior == Behavior::kContiguous) return held.is_match == part.is_match;
  if (behavior == Behavior::kMergedWithPrevious) return part.is_match && !held.is_match;
  return held.is_match && !part.is_match;
}

}  // namespace r1::model
