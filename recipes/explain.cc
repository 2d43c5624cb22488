#include "recipes/explain.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/progress.h"
#include "recipes/recipe.h"
#include "recipes/stage.h"
#include "rewards/reward.h"

namespace r1::recipes {
namespace {

constexpr size_t kWidth = 96;

// One table of keys: the recipe's own, a stage type's, a reward's.
struct KeyTable {
  std::string name, title;
  std::vector<FieldHelp> fields;
};

std::vector<KeyTable> all_tables() {
  std::vector<KeyTable> tables = {{"recipe", "the recipe itself", describe_config<RecipeConfig>()}};
  for (const StageType& type : stage_types())
    tables.push_back({type.name, fmt::format("stage type {}", type.name), type.fields()});
  for (const std::string& reward : rewards::names())
    tables.push_back({reward, fmt::format("reward {}", reward), rewards::describe(reward)});
  return tables;
}

std::string wrap(const std::string& text, size_t indent) {
  const std::string margin(indent, ' ');
  std::string out, line;
  size_t begin = 0;
  while (begin < text.size()) {
    const size_t end = std::min(text.find(' ', begin), text.size());
    const std::string word = text.substr(begin, end - begin);
    if (!line.empty() && indent + line.size() + 1 + word.size() > kWidth) {
      out += margin + line + "\n";
      line.clear();
    }
    line += (line.empty() ? "" : " ") + word;
    begin = end + 1;
  }
  return line.empty() ? out : out + margin + line + "\n";
}

// "number, default 0.2, [0, 1000]"
std::string describe_value(const FieldHelp& field) {
  std::string text = field.type;
  if (!field.fallback.empty()) text += ", default " + field.fallback;
  if (field.fallback.empty() && field.type != "object") text += ", required";
  if (!field.limits.empty()) text += ", " + field.limits;
  return text;
}

std::string format_field(const FieldHelp& field) {
  const std::string head = fmt::format("{}  ({})\n", field.name, describe_value(field));
  return head + wrap(field.help, 4);
}

std::string list_tables() {
  std::vector<std::vector<std::string>> types = {{"stage type", "what it does"}},
                                        rewards = {{"reward", "options"}};
  for (const StageType& type : stage_types()) types.push_back({type.name, type.help});
  for (const std::string& reward : rewards::names()) {
    std::vector<std::string> options;
    for (const FieldHelp& field : rewards::describe(reward)) options.push_back(field.name);
    rewards.push_back({reward, fmt::format("{}", fmt::join(options, ", "))});
  }
  return fmt::format(
      "{}\n{}\n`r1 explain recipe`, `r1 explain TYPE` and `r1 explain REWARD` list keys; `r1 "
      "explain KEY` tells "
      "about one.\n",
      format_table(types), format_table(rewards));
}

std::string format_table_of(const KeyTable& table) {
  std::string text = fmt::format("{}\n\n", table.title);
  for (const StageType& type : stage_types())
    if (type.name == table.name) text = fmt::format("{}: {}\n\n", table.title, type.help);
  for (const FieldHelp& field : table.fields) text += format_field(field);
  if (table.fields.empty()) text += "no keys\n";
  return text;
}

bool same(const FieldHelp& a, const FieldHelp& b) {
  return a.name == b.name && describe_value(a) == describe_value(b) && a.help == b.help;
}

bool is_last_component(const std::string& name, const std::string& word) {
  return name == word || (name.ends_with(word) && (name[name.size() - word.size() - 1] == '.'));
}

// All keys that `matches(table, field)` picks, equal ones together with the tables that have them.
template <class Matches>
std::string format_matches(const std::vector<KeyTable>& tables, Matches matches) {
  struct Found {
    FieldHelp field;
    std::vector<std::string> owners;
  };
  std::vector<Found> found;
  for (const KeyTable& table : tables) {
    for (const FieldHelp& field : table.fields) {
      if (!matches(table, field)) continue;
      const auto it =
          std::ranges::find_if(found, [&](const Found& f) { return same(f.field, field); });
      if (it == found.end()) {
        found.push_back({field, {table.title}});
      } else {
        it->owners.push_back(table.title);
      }
    }
  }
  std::string text;
  for (const Found& f : found)
    text += fmt::format("{}{}    in: {}\n", text.empty() ? "" : "\n", format_field(f.field),
                        fmt::join(f.owners, ", "));
  return text;
}

[[noreturn]] void fail_unknown(const std::vector<KeyTable>& tables, const std::string& word) {
  std::set<std::string> known;
  for (const KeyTable& table : tables) {
    known.insert(table.name);
    for (const FieldHelp& field : table.fields) {
      known.insert(field.name);
      known.insert(field.name.substr(field.name.rfind('.') + 1));
    }
  }
  const std::string near = nearest(word, {known.begin(), known.end()});
  throw ConfigError(fmt::format(
      "no key, stage type or reward is named \"{}\"{}", word,
      near.empty() ? "; `r1 explain` lists them" : fmt::format("; did you mean \"{}\"?", near)));
}

}  // namespace

std::string explain(const std::string& word) {
  if (word.empty()) return list_tables();
  const std::vector<KeyTable> tables = all_tables();
  std::vector<std::string> parts;
  for (const KeyTable& table : tables)
    if (table.name == word) parts.push_back(format_table_of(table));
  std::string keys = format_matches(tables, [&](const KeyTable& table, const FieldHelp& field) {
    return field.name == word || table.name + "." + field.name == word;
  });
  if (keys.empty())
    keys = format_matches(tables, [&](const KeyTable&, const FieldHelp& field) {
      return is_last_component(field.name, word);
    });
  if (!keys.empty()) parts.push_back(keys);
  if (parts.empty()) fail_unknown(tables, word);
  return fmt::format("{}", fmt::join(parts, "\n"));
}

}  // namespace r1::recipes
