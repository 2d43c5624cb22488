#include "recipes/stage.h"

#include <fmt/format.h>

#include "base/file.h"
#include "recipes/version.h"

namespace r1::recipes {
namespace fs = std::filesystem;
namespace {

// artifact.json as a config struct, so that a damaged one is told from a good one.
struct ArtifactFile {
  std::string kind;
  fs::path folder;
  double seconds = 0;
  bool resumed = false;
  Json versions = Json::object();
  Json summary = Json::object();

  template <class V>
  void visit(V& v) {
    v.field("kind", kind, "what the stage left", Required{});
    v.field("folder", folder, "where it lies", Required{});
    v.field("seconds", seconds, "time of the process that finished it");
    v.field("resumed", resumed, "an earlier process had begun it");
    v.field("versions", versions, "of the program that finished it");
    v.field("summary", summary, "numbers worth telling");
  }
};

fs::path artifact_file(const fs::path& stage_folder) { return stage_folder / "artifact.json"; }

// Empty when what the artifact names is there and whole.
std::string damage(const Artifact& artifact) {
  if (!fs::is_directory(artifact.folder))
    return fmt::format("{} is missing", artifact.folder.string());
  if (!fs::exists(artifact.folder / "manifest.json")) return "";
  const std::string reason = verify_folder(artifact.folder);
  return reason.empty() ? "" : fmt::format("{}: {}", artifact.folder.string(), reason);
}

}  // namespace

bool kind_fits(const std::string& have, const std::string& want) {
  return want.empty() || have == want || (want == "tokenizer" && have == "model");
}

void write_artifact(const fs::path& stage_folder, const Artifact& artifact, bool resumed) {
  // Relative where it can be, so that a run folder may be moved.
  const fs::path relative =
      artifact.folder.lexically_normal().lexically_relative(stage_folder.lexically_normal());
  const bool below = !relative.empty() && *relative.begin() != "..";
  const fs::path folder = below ? relative : fs::absolute(artifact.folder);
  const ArtifactFile file{artifact.kind, folder,     artifact.seconds,
                          resumed,       versions(), artifact.summary};
  write_file_atomic(artifact_file(stage_folder), dump_json_pretty(write_config(file)) + "\n");
}

std::optional<Artifact> read_artifact(const fs::path& stage_folder, const std::string& kind,
                                      std::string* reason) {
  const fs::path path = artifact_file(stage_folder);
  std::string problem;
  try {
    if (!fs::exists(path)) return std::nullopt;
    ArtifactFile file;
    read_config(read_json(path), path.string() + ": ", file);
    Artifact artifact{file.kind, (stage_folder / file.folder).lexically_normal(), file.summary,
                      file.seconds};
    problem = kind_fits(file.kind, kind)
                  ? damage(artifact)
                  : fmt::format("{}: its kind is {}, expected {}", path.string(), file.kind, kind);
    if (problem.empty()) return artifact;
  } catch (const std::exception& error) {
    problem = error.what();
  }
  if (reason != nullptr) *reason = problem;
  return std::nullopt;
}

Artifact StageContext::input(const std::string& key, const std::string& name,
                             const std::string& kind) const {
  if (artifacts != nullptr && artifacts->contains(name)) {
    const Artifact& artifact = artifacts->at(name);
    if (kind_fits(artifact.kind, kind)) return artifact;
    throw ConfigError(
        fmt::format("{}.{}: stage \"{}\" left a {} artifact, and a {} artifact is needed",
                    stage_name, key, name, artifact.kind, kind));
  }
  if (!fs::is_directory(name))
    throw ConfigError(
        fmt::format("{}.{}: \"{}\" is neither an earlier stage nor a folder (looked for {})",
                    stage_name, key, name, fs::absolute(name).lexically_normal().string()));
  if ((kind == "model") && !fs::exists(fs::path(name) / "config.json"))
    throw ConfigError(fmt::format(
        "{}.{}: {} has no config.json: a model folder in Hugging Face's layout is needed",
        stage_name, key, fs::path(name).string()));
  return {kind, name, Json::object()};
}

}  // namespace r1::recipes
