#include "recipes/recipe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <regex>

#include "recipes/overrides.h"

namespace r1::recipes {
namespace fs = std::filesystem;
namespace {

// The part of a stage's object that is the same for every type.
struct StageHead {
  std::string name, type;

  template <class V>
  void visit(V& v) {
    v.field("name", name, "names the stage and its folder", Required{});
    v.field("type", type, "what the stage does; `r1 explain` lists the types", Required{});
  }
};

Json parse_file(const fs::path& file) {
  if (!fs::is_regular_file(file))
    throw ConfigError(fmt::format("{}: there is no such recipe file", file.string()));
  try {
    JsonLimits limits;
    limits.comments = true;
    return read_json(file, limits);
  } catch (const DataError& error) {
    throw ConfigError(error.what());
  }
}

void check_name(const std::string& name, const std::string& path, const char* pattern) {
  if (std::regex_match(name, std::regex(pattern))) return;
  throw ConfigError(fmt::format("{}: \"{}\" has to match {}", path, name, pattern));
}

void check_recipe_keys(const RecipeConfig& config, const std::string& where) {
  check_name(config.name, where + ": name", "[A-Za-z0-9_][A-Za-z0-9._-]*");
  check_name(config.device, where + ": device", "cpu|cuda(:[0-9]+)?");
  if (config.stages.empty())
    throw ConfigError(where + ": stages: a recipe needs at least one stage");
}

// A stage's name is also a folder of the run, and the first word of a --set path.
void check_stage_name(const Recipe& recipe, const std::string& name, const std::string& path) {
  check_name(name, path, "[a-z0-9_-]+");
  for (const FieldHelp& key : describe_config<RecipeConfig>())
    if (key.name == name)
      throw ConfigError(fmt::format("{}: \"{}\" is a key of the recipe itself", path, name));
  for (const NamedStage& earlier : recipe.stages)
    if (earlier.name == name)
      throw ConfigError(fmt::format("{}: an earlier stage is named \"{}\" too", path, name));
}

NamedStage make_stage(const Recipe& recipe, const Json& json, const std::string& path) {
  config_detail::require_object(json, path);
  Json head_json = Json::object(), config = json;
  for (const char* key : {"name", "type"}) {
    if (json.contains(key)) head_json[key] = json[key];
    config.erase(key);
  }
  StageHead head;
  read_config(head_json, path, head);
  check_stage_name(recipe, head.name, path + ".name");
  const StageType& type = find_stage_type(head.type, path + ".type");
  return {head.name, head.type, type.make(config, path)};
}

const NamedStage* find_stage(const Recipe& recipe, const std::string& name) {
  const auto found = std::ranges::find(recipe.stages, name, &NamedStage::name);
  return found == recipe.stages.end() ? nullptr : &*found;
}

bool looks_like_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.starts_with('.');
}

void check_input(const Recipe& recipe, size_t index, const StageInput& input) {
  const std::string path = recipe.stage_path(index) + "." + input.key;
  const NamedStage* source = find_stage(recipe, input.name);
  if (source == nullptr) {
    if (looks_like_path(input.name) || fs::is_directory(input.name)) return;
    std::vector<std::string> earlier;
    for (size_t i = 0; i < index; ++i) earlier.push_back(recipe.stages[i].name);
    const std::string near = nearest(input.name, earlier);
    throw ConfigError(fmt::format("{}: no earlier stage and no folder is named \"{}\"{}", path,
                                  input.name,
                                  near.empty() ? "; a folder's path has a / in it (./folder)"
                                               : fmt::format("; did you mean \"{}\"?", near)));
  }
  if (source >= &recipe.stages[index])
    throw ConfigError(
        fmt::format("{}: stage \"{}\" does not come before this one", path, input.name));
  const std::string kind = source->stage->output();
  if (!kind_fits(kind, input.kind))
    throw ConfigError(
        fmt::format("{}: stage \"{}\" leaves a {} artifact, and a {} artifact is needed", path,
                    input.name, kind, input.kind));
}

Recipe build(const Json& json, const fs::path& file) {
  Recipe recipe;
  recipe.file = file;
  const std::string where = file.string();
  read_config(json, where + ": ", recipe.config);
  check_recipe_keys(recipe.config, where);
  if (recipe.config.output_dir.empty())
    recipe.config.output_dir = fs::path("runs") / recipe.config.name;
  for (size_t i = 0; i < recipe.config.stages.size(); ++i)
    recipe.stages.push_back(make_stage(recipe, recipe.config.stages[i], recipe.stage_path(i)));
  for (size_t i = 0; i < recipe.stages.size(); ++i)
    for (const StageInput& input : recipe.stages[i].stage->inputs())
      if (!input.name.empty()) check_input(recipe, i, input);
  return recipe;
}

// The message, with the override that it is about.
std::string blame(const std::string& message, const std::vector<Override>& overrides,
                  const std::string& where) {
  for (auto it = overrides.rbegin(); it != overrides.rend(); ++it) {
    const std::string head = where + ": " + it->path;
    if (!message.starts_with(head) || message.size() == head.size()) continue;
    if (std::string(":.[").find(message[head.size()]) != std::string::npos)
      return fmt::format("{} (from --set {})", message, it->text);
  }
  return message;
}

// Relative to the working folder where it lies below it.
fs::path shortened(const fs::path& path) {
  const fs::path relative = path.lexically_relative(fs::current_path());
  return relative.empty() || *relative.begin() == ".." ? path : relative;
}

std::vector<fs::path> recipe_folders() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  return {program / "../../recipes", program / "../share/r1cpp/recipes"};
}

}  // namespace

Json Recipe::resolved() const {
  Json json = write_config(config);
  json["stages"] = Json::array();
  for (const NamedStage& named : stages) {
    Json stage = {{"name", named.name}, {"type", named.type}};
    stage.update(named.stage->resolved());
    json["stages"].push_back(std::move(stage));
  }
  return json;
}

std::string Recipe::stage_path(size_t index) const {
  return fmt::format("{}{}stages[{}]", file.string(), file.empty() ? "" : ": ", index);
}

Recipe load_recipe(const fs::path& file, const std::vector<std::string>& overrides) {
  Json json = parse_file(file);
  const std::vector<Override> applied = apply_overrides(json, overrides, file.string());
  try {
    return build(json, file);
  } catch (const ConfigError& error) {
    throw ConfigError(blame(error.what(), applied, file.string()));
  }
}

std::vector<std::string> missing_inputs(const Recipe& recipe, size_t stage) {
  std::vector<std::string> missing;
  for (const StageInput& input : recipe.stages[stage].stage->inputs()) {
    if (input.name.empty() || find_stage(recipe, input.name) != nullptr ||
        fs::is_directory(input.name))
      continue;
    missing.push_back(fmt::format("{}.{}: there is no folder {}", recipe.stage_path(stage),
                                  input.key, fs::absolute(input.name).lexically_normal().string()));
  }
  return missing;
}

fs::path find_recipe(const std::string& path_or_name) {
  if (fs::is_regular_file(path_or_name)) return path_or_name;
  std::vector<std::string> known;
  for (const fs::path& folder : recipe_folders()) {
    std::error_code error;
    const fs::path clean = fs::canonical(folder, error);
    if (error) continue;
    if (looks_like_path(path_or_name)) continue;
    for (const auto& entry : fs::directory_iterator(clean)) {
      if (entry.path().extension() != ".json") continue;
      if (entry.path().stem() == path_or_name || entry.path().filename() == path_or_name)
        return shortened(entry.path());
      known.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(known);
  const std::string near = nearest(fs::path(path_or_name).stem().string(), known);
  throw ConfigError(fmt::format(
      "{}: there is no such recipe file{}{}", path_or_name,
      known.empty() ? "" : fmt::format("; recipes known by name: {}", fmt::join(known, ", ")),
      near.empty() ? "" : fmt::format("; did you mean {}?", near)));
}

}  // namespace r1::recipes
