#include "recipes/run_folder.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"

namespace r1::recipes {
namespace fs = std::filesystem;
namespace {

constexpr const char* kRecipeFile = "recipe.resolved.json";

// "engine" covers "engine.max_slots" and "engine[0]".
bool covers(const std::string& key, const std::string& path) {
  return path.starts_with(key) &&
         (path.size() == key.size() || path[key.size()] == '.' || path[key.size()] == '[');
}

class Comparison {
 public:
  explicit Comparison(std::vector<std::string> neutral) : neutral_(std::move(neutral)) {}

  std::optional<Difference> compare(const Json& before, const Json& now,
                                    const std::string& path) const {
    if (std::ranges::any_of(neutral_, [&](const std::string& key) { return covers(key, path); }))
      return std::nullopt;
    if (before.is_object() && now.is_object()) return compare_objects(before, now, path);
    if (before.is_array() && now.is_array()) return compare_lists(before, now, path);
    if (before == now) return std::nullopt;
    return Difference{path, shown(before), shown(now)};
  }

 private:
  // A missing key is null here: `null` and "not there" mean the same to every optional field.
  static Json at(const Json& object, const std::string& key) {
    return object.contains(key) ? object[key] : Json();
  }
  static Json at(const Json& list, size_t index) {
    return index < list.size() ? list[index] : Json();
  }
  static std::string shown(const Json& value) {
    if (value.is_null()) return "(absent)";
    const std::string text = dump_json(value);
    return text.size() <= 120 ? text : text.substr(0, 117) + "...";
  }

  std::optional<Difference> compare_objects(const Json& before, const Json& now,
                                            const std::string& path) const {
    const std::string head = path.empty() ? "" : path + ".";
    for (const auto& [key, value] : now.items())
      if (const auto difference = compare(at(before, key), value, head + key)) return difference;
    for (const auto& [key, value] : before.items())
      if (const auto difference = compare(value, at(now, key), head + key)) return difference;
    return std::nullopt;
  }

  std::optional<Difference> compare_lists(const Json& before, const Json& now,
                                          const std::string& path) const {
    for (size_t i = 0; i < std::max(before.size(), now.size()); ++i)
      if (const auto difference =
              compare(at(before, i), at(now, i), fmt::format("{}[{}]", path, i)))
        return difference;
    return std::nullopt;
  }

  std::vector<std::string> neutral_;
};

}  // namespace

std::optional<Difference> first_difference(const Json& before, const Recipe& now) {
  std::vector<std::string> neutral = {"description", "threads", "output_dir"};
  for (size_t i = 0; i < now.stages.size(); ++i)
    for (const std::string& key : now.stages[i].stage->neutral_keys())
      neutral.push_back(fmt::format("stages[{}].{}", i, key));
  return Comparison(neutral).compare(before, now.resolved(), "");
}

void check_run_folder(const Recipe& recipe) {
  const fs::path& folder = recipe.config.output_dir;
  if (fs::exists(folder) && !fs::is_directory(folder))
    throw ConfigError(fmt::format(
        "run folder {}: there is a file of that name; give another one with --output-dir",
        folder.string()));
  if (!fs::exists(folder / kRecipeFile)) {
    for (const NamedStage& stage : recipe.stages)
      if (fs::exists(folder / stage.name))
        throw ConfigError(
            fmt::format("run folder {}: it is no run, but has a \"{}\" that the run would "
                        "overwrite; give another one "
                        "with --output-dir",
                        folder.string(), stage.name));
    return;
  }
  const auto difference = first_difference(read_json(folder / kRecipeFile), recipe);
  if (!difference) return;
  throw ConfigError(
      fmt::format("run folder {} holds a run of another recipe: {} was {}, is now {}. Continue it "
                  "with the old value, "
                  "give another folder with --output-dir, or remove this one",
                  folder.string(), difference->path, difference->before, difference->now));
}

void create_run_folder(const Recipe& recipe) {
  const fs::path& folder = recipe.config.output_dir;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    throw Error(fmt::format("cannot create run folder {}: {}; give another one with --output-dir",
                            folder.string(), error.message()));
}

void store_recipe(const Recipe& recipe) {
  const fs::path path = recipe.config.output_dir / kRecipeFile;
  const std::string text = dump_json_pretty(recipe.resolved()) + "\n";
  if (!fs::exists(path) || read_file(path) != text) write_file_atomic(path, text);
}

std::map<std::string, Artifact> finished_stages(const Recipe& recipe,
                                                std::vector<std::string>* damaged) {
  std::map<std::string, Artifact> finished;
  for (const NamedStage& named : recipe.stages) {
    std::string reason;
    const auto artifact =
        read_artifact(recipe.config.output_dir / named.name, named.stage->output(), &reason);
    if (artifact) finished.emplace(named.name, *artifact);
    if (!reason.empty() && damaged != nullptr)
      damaged->push_back(fmt::format("{}: {}", named.name, reason));
  }
  return finished;
}

}  // namespace r1::recipes
