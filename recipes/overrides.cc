#include "recipes/overrides.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "base/config.h"
#include "recipes/recipe.h"
#include "recipes/stage.h"

namespace r1::recipes {
namespace {

[[noreturn]] void fail(const std::string& text, const std::string& reason) {
  throw ConfigError(fmt::format("--set {}: {}", text, reason));
}

// One step into JSON: a key, or an index of a list.
struct Step {
  std::string key;
  std::optional<size_t> index;
};

// "stages[2].sampling.top_k" as steps stages, 2, sampling, top_k.
std::vector<Step> parse_path(std::string_view path, const std::string& text) {
  std::vector<Step> steps;
  size_t at = 0;
  const auto key_end = [&] { return std::min(path.find_first_of(".[", at), path.size()); };
  while (true) {
    const size_t end = key_end();
    if (end == at)
      fail(text, "expected PATH=VALUE with a path such as seed, zero.beta or stages[2].beta");
    steps.push_back({std::string(path.substr(at, end - at)), {}});
    at = end;
    while (at < path.size() && path[at] == '[') {
      size_t index = 0;
      const auto [stop, error] =
          std::from_chars(path.data() + at + 1, path.data() + path.size(), index);
      if (error != std::errc() || stop == path.data() + path.size() || *stop != ']')
        fail(text, "an index is written [0], [1], ...");
      steps.push_back({"", index});
      at = size_t(stop - path.data()) + 1;
    }
    if (at == path.size()) return steps;
    if (path[at] != '.')
      fail(text, fmt::format("expected '.' or '[' before \"{}\"", path.substr(at)));
    ++at;
  }
}

// "sampling.top_k", "stages[2].beta", or with lists left open ("stop[]"), as describe_config()
// names it.
std::string join(const std::vector<Step>& steps, bool open_lists) {
  std::string path;
  for (const Step& step : steps) {
    if (step.index) {
      path += open_lists ? "[]" : fmt::format("[{}]", *step.index);
    } else {
      path += (path.empty() ? "" : ".") + step.key;
    }
  }
  return path;
}

// Equal up to "*" of map entries, component by component; `key` may go on where `pattern` ends at a
// border.
bool starts_with(std::string_view key, std::string_view pattern, size_t& used) {
  size_t k = 0, p = 0;
  while (p < pattern.size()) {
    if (pattern[p] == '*') {
      while (k < key.size() && key[k] != '.' && key[k] != '[') ++k;
      ++p;
    } else if (k == key.size() || key[k++] != pattern[p++]) {
      return false;
    }
  }
  used = k;
  return k == key.size() || key[k] == '.' || key[k] == '[';
}

// Type of the value at `key` as describe_config() writes it; nothing when no field takes it.
std::optional<std::string> type_of(const std::vector<FieldHelp>& fields, const std::string& key) {
  for (const FieldHelp& field : fields) {
    size_t used = 0;
    if (!starts_with(key, field.name, used)) continue;
    const std::string rest = key.substr(used);
    if (rest.empty()) return field.type;
    if (field.type.starts_with("any")) return "any";
    if (field.type.starts_with("list of ") && rest == "[]") return field.type.substr(8);
    if (field.type.starts_with("map of ") && rest.find_first_of(".[", 1) == std::string::npos)
      return field.type.substr(7);
  }
  return std::nullopt;
}

std::string last_component(const std::string& name) { return name.substr(name.rfind('.') + 1); }

std::string suggestion(const std::string& key, const std::vector<std::string>& known) {
  for (const std::string& name : known)
    if (last_component(name) == key) return fmt::format("; did you mean \"{}\"?", name);
  const std::string near = nearest(key, known);
  return near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near);
}

// A bare word is a string, and so is what JSON would read as a number where a string is wanted.
Json parse_value(const std::string& value, const std::string& type) {
  const bool text = type.starts_with("string") || type.starts_with("path");
  const bool null = value == "null" && type.ends_with(" or null");
  if (text && !value.starts_with('"') && !null) return value;
  try {
    return parse_json(value, "--set");
  } catch (const DataError&) {
    return value;
  }
}

void set_value(Json& root, const std::vector<Step>& steps, Json value, const std::string& text) {
  Json* at = &root;
  for (const Step& step : steps) {
    if (step.index) {
      if (!at->is_array() || *step.index >= at->size())
        fail(text, fmt::format("there is no element [{}]", *step.index));
      at = &(*at)[*step.index];
    } else {
      if (at->is_null()) *at = Json::object();
      if (!at->is_object())
        fail(text, fmt::format("\"{}\" would lie inside a value that is no object", step.key));
      at = &(*at)[step.key];
    }
  }
  *at = std::move(value);
}

bool can_be_searched(const Json& recipe) {
  if (!recipe.is_object() || !recipe.contains("stages") || !recipe["stages"].is_array())
    return false;
  return std::ranges::all_of(recipe["stages"], [](const Json& stage) {
    return stage.is_object() && stage.contains("name") && stage["name"].is_string() &&
           stage.contains("type") && stage["type"].is_string();
  });
}

std::vector<std::string> stage_names(const Json& recipe) {
  std::vector<std::string> names;
  for (const Json& stage : recipe["stages"]) names.push_back(stage["name"]);
  return names;
}

std::vector<std::string> field_names(const std::vector<FieldHelp>& fields) {
  std::vector<std::string> names;
  for (const FieldHelp& field : fields) names.push_back(field.name);
  return names;
}

// Writes the path's head as "stages", index where it names a stage; leaves a key of the recipe
// alone.
void resolve_stage(std::vector<Step>& steps, const Json& recipe, const std::string& text) {
  const std::vector<std::string> names = stage_names(recipe);
  const std::vector<std::string> keys = field_names(describe_config<RecipeConfig>());
  const std::string head = steps[0].key;
  const bool below_stages = head == "stages";
  if (below_stages && steps.size() == 1)
    fail(text, "set one key of one stage, as in stages.zero.beta=0");
  if (below_stages && steps[1].index) return;
  if (!below_stages && std::ranges::count(keys, head) > 0) return;
  const std::string name = steps[below_stages ? 1 : 0].key;
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    std::vector<std::string> known = names;
    if (!below_stages) known.insert(known.end(), keys.begin(), keys.end());
    fail(text, fmt::format("no {} \"{}\"{}", below_stages ? "stage" : "stage or key", name,
                           suggestion(name, known)));
  }
  steps.erase(steps.begin(), steps.begin() + (below_stages ? 2 : 1));
  steps.insert(steps.begin(), {{"stages", {}}, {"", size_t(found - names.begin())}});
}

// Type of the value that the override sets.
std::string check_key(const std::vector<Step>& steps, const Json& recipe, const std::string& text,
                      const std::string& file) {
  const bool in_stage = steps[0].key == "stages";
  if (!in_stage) {
    const auto type = type_of(describe_config<RecipeConfig>(), join(steps, true));
    if (!type) fail(text, fmt::format("\"{}\" has no keys below it", steps[0].key));
    return *type;
  }
  const size_t index = *steps[1].index;
  if (index >= recipe["stages"].size())
    fail(text, fmt::format("there is no stages[{}]: the recipe has {} stages", index,
                           recipe["stages"].size()));
  if (steps.size() == 2) fail(text, "set one key of the stage, as in stages.zero.beta=0");
  const std::string key = join({steps.begin() + 2, steps.end()}, true);
  if (key == "name" || key == "type") return "string";
  const Json& stage = recipe["stages"][index];
  const StageType& stage_type = find_stage_type(stage["type"].get<std::string>(),
                                                fmt::format("{}: stages[{}].type", file, index));
  const std::vector<FieldHelp> fields = stage_type.fields();
  const auto type = type_of(fields, key);
  if (!type)
    fail(text, fmt::format("a {} stage has no key \"{}\"{}", stage_type.name, key,
                           suggestion(key, field_names(fields))));
  return *type;
}

}  // namespace

std::vector<Override> apply_overrides(Json& recipe, const std::vector<std::string>& overrides,
                                      const std::string& file) {
  std::vector<Override> applied;
  if (!can_be_searched(recipe)) return applied;
  for (const std::string& text : overrides) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) fail(text, "expected PATH=VALUE");
    std::vector<Step> steps = parse_path(std::string_view(text).substr(0, equals), text);
    resolve_stage(steps, recipe, text);
    const std::string type = check_key(steps, recipe, text, file);
    set_value(recipe, steps, parse_value(text.substr(equals + 1), type), text);
    applied.push_back({text, join(steps, false)});
  }
  return applied;
}

}  // namespace r1::recipes
