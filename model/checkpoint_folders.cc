#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "model/checkpoint.h"

namespace r1::model {
namespace fs = std::filesystem;
namespace {

// N of "checkpoint-N" (no sign, no leading zero).
std::optional<int64_t> step_of(const std::string& name) {
  constexpr std::string_view kPrefix = "checkpoint-";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  const std::string digits = name.substr(kPrefix.size());
  const bool plain = !digits.empty() && digits.size() <= 18 &&
                     digits.find_first_not_of("0123456789") == digits.npos;
  if (!plain || (digits[0] == '0' && digits.size() > 1)) return std::nullopt;
  return std::stoll(digits);
}

// Steps of the checkpoint folders, ascending.
std::set<int64_t> list_steps(const fs::path& stage_folder) {
  std::set<int64_t> steps;
  std::error_code error;
  for (fs::directory_iterator it(stage_folder, error), end; !error && it != end;
       it.increment(error)) {
    const auto step = step_of(it->path().filename().string());
    std::error_code ignored;
    if (step && it->is_directory(ignored)) steps.insert(*step);
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    throw CheckpointError(
        fmt::format("cannot list {}: {}", stage_folder.string(), error.message()));
  }
  return steps;
}

fs::path checkpoint_path(const fs::path& stage_folder, int64_t step) {
  return stage_folder / fmt::format("checkpoint-{}", step);
}

// A crash while a checkpoint was being replaced leaves "checkpoint-N.old".
void recover_all(const fs::path& stage_folder) {
  std::vector<fs::path> replaced;
  std::error_code error;
  for (fs::directory_iterator it(stage_folder, error), end; !error && it != end;
       it.increment(error)) {
    const fs::path path = it->path();
    if (path.extension() == ".old" && step_of(path.stem().string()))
      replaced.push_back(stage_folder / path.stem());
  }
  for (const fs::path& path : replaced) recover_folder(path);
}

}  // namespace

int64_t checkpoint_step(const fs::path& checkpoint) {
  const fs::path path = checkpoint.has_filename() ? checkpoint : checkpoint.parent_path();
  const auto step = step_of(path.filename().string());
  if (!step)
    throw CheckpointError(fmt::format("{}: not a checkpoint folder; its name must be checkpoint-N",
                                      checkpoint.string()));
  return *step;
}

fs::path latest_checkpoint(const fs::path& stage_folder, std::vector<std::string>* skipped) {
  recover_all(stage_folder);
  const std::set<int64_t> steps = list_steps(stage_folder);
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    const fs::path path = checkpoint_path(stage_folder, *step);
    const std::string reason = verify_folder(path);
    if (reason.empty()) return path;
    if (skipped) skipped->push_back(fmt::format("{}: {}", path.string(), reason));
  }
  return {};
}

void rotate_checkpoints(const fs::path& stage_folder, int64_t limit, const fs::path& keep) {
  if (limit <= 0) return;
  const std::set<int64_t> steps = list_steps(stage_folder);
  int64_t remaining = static_cast<int64_t>(steps.size());
  const int64_t kept =
      keep.empty() ? -1 : checkpoint_step(keep);  // throws when misnamed: it would not be kept
  for (int64_t step : steps) {
    if (remaining <= limit) return;
    if (step == kept || step == *steps.rbegin()) continue;
    const fs::path path = checkpoint_path(stage_folder, step);
    std::error_code error;
    fs::remove_all(path, error);
    if (error)
      throw CheckpointError(
          fmt::format("cannot remove the old checkpoint {}: {}", path.string(), error.message()));
    --remaining;
  }
}

}  // namespace r1::model
