#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/error.h"
#include "base/file.h"
#include "base/file_internal.h"
#include "base/json.h"
#include "base/sha256.h"

namespace r1 {
namespace fs = std::filesystem;
using file_internal::Descriptor;

namespace {

constexpr const char* kManifest = "manifest.json";

fs::path with_suffix(const fs::path& path, const char* suffix) { return path.string() + suffix; }

// "run/checkpoint-5/" and "run/checkpoint-5" are one folder.
fs::path without_trailing_slash(const fs::path& path) { return path.has_filename() ? path : path.parent_path(); }

void remove_folder(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) file_internal::fail("remove", path, error.value());
}

struct Tree {
  std::vector<fs::path> files;    // sorted, without the manifest
  std::vector<fs::path> folders;  // the root included
};

Tree list(const fs::path& root) {
  Tree tree;
  tree.folders.push_back(root);
  std::error_code error;
  fs::recursive_directory_iterator it(root, error), end;
  for (; !error && it != end; it.increment(error)) {
    if (it->is_directory(error)) {
      tree.folders.push_back(it->path());
    } else if (it->path() != root / kManifest) {
      tree.files.push_back(it->path());
    }
  }
  if (error) file_internal::fail("list", root, error.value());
  std::sort(tree.files.begin(), tree.files.end());
  return tree;
}

// Hashes and syncs in one pass over an open file.
Json sync_and_describe(const fs::path& file) {
  Descriptor fd(file, O_RDONLY, "open");
  Sha256 hash;
  uint64_t size = 0;
  file_internal::read_pieces(fd.get(), file, [&](std::string_view bytes) {
    hash.update(bytes);
    size += bytes.size();
  });
  file_internal::sync(fd.get(), file);
  Json entry;
  entry["size"] = size;
  entry["sha256"] = hash.hex();
  return entry;
}

std::string verify_file(const fs::path& file, const Json& entry) {
  if (!entry.is_object() || !entry.contains("size") || !entry["size"].is_number_unsigned() || !entry.contains("sha256") ||
      !entry["sha256"].is_string())
    return "its entry in manifest.json is not {\"size\", \"sha256\"}";
  std::error_code error;
  if (!fs::is_regular_file(file, error)) return "missing";
  const uint64_t size = fs::file_size(file, error), wanted = entry["size"].get<uint64_t>();
  if (error) return error.message();
  if (size != wanted) return fmt::format("{} bytes instead of {}", size, wanted);
  if (sha256_file(file) != entry["sha256"].get<std::string>()) return "SHA-256 differs";
  return "";
}

bool leaves_folder(const fs::path& relative) {
  return relative.is_absolute() || std::any_of(relative.begin(), relative.end(), [](const fs::path& p) { return p == ".."; });
}

}  // namespace

void recover_folder(const fs::path& folder) {
  const fs::path path = without_trailing_slash(folder);
  const fs::path old = with_suffix(path, ".old");
  std::error_code error;
  if (!fs::exists(old, error)) return;
  if (fs::exists(path, error)) return remove_folder(old);
  file_internal::rename(old, path);
  file_internal::sync_folder(path.parent_path());
}

AtomicFolder::AtomicFolder(fs::path path) : path_(without_trailing_slash(path)), staging_(with_suffix(path_, ".tmp")) {
  recover_folder(path_);
  remove_folder(staging_);
  std::error_code error;
  fs::create_directories(staging_, error);
  if (error) file_internal::fail("create", staging_, error.value());
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(staging_, ignored);
}

void AtomicFolder::commit() {
  R1_CHECK(!committed_, "AtomicFolder committed twice");
  const Tree tree = list(staging_);
  Json manifest;
  manifest["files"] = Json::object();
  for (const fs::path& file : tree.files)
    manifest["files"][file.lexically_relative(staging_).generic_string()] = sync_and_describe(file);
  write_file_atomic(staging_ / kManifest, dump_json_pretty(manifest) + "\n");
  for (const fs::path& folder : tree.folders) file_internal::sync_folder(folder);

  std::error_code error;
  const fs::path old = with_suffix(path_, ".old");
  const bool replaces = fs::exists(path_, error);
  if (replaces) file_internal::rename(path_, old);
  try {
    file_internal::rename(staging_, path_);
  } catch (const Error&) {
    if (replaces) fs::rename(old, path_, error);
    throw;
  }
  committed_ = true;
  file_internal::sync_folder(path_.parent_path());
  if (replaces) remove_folder(old);
}

std::string verify_folder(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return "no such folder";
  if (!fs::is_regular_file(folder / kManifest, error)) return "manifest.json: missing";
  try {
    const Json manifest = read_json(folder / kManifest);
    if (!manifest.is_object() || !manifest.contains("files") || !manifest["files"].is_object())
      return "manifest.json: has no object \"files\"";
    for (const auto& [name, entry] : manifest["files"].items()) {
      if (leaves_folder(name)) return fmt::format("manifest.json: {} is outside the folder", name);
      const std::string reason = verify_file(folder / name, entry);
      if (!reason.empty()) return fmt::format("{}: {}", name, reason);
    }
  } catch (const Error& failure) {
    return failure.what();
  }
  return "";
}

}  // namespace r1
