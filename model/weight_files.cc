#include "model/weight_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "model/safetensors_header.h"

namespace r1::model {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kSuffix = ".safetensors";
constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";
constexpr JsonLimits kIndexLimits = {.max_bytes = size_t{256} << 20, .max_depth = 8};

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool lies_in(const fs::path& path, const fs::path& folder) {
  const auto [rest, end] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return rest == folder.end();
}

// The Hugging Face cache keeps snapshots/<revision>/<name> as links to blobs/<hash>; no other link
// may leave the folder.
void refuse_escape(const fs::path& folder, const fs::path& file) {
  std::error_code error;
  const fs::path target = fs::canonical(file, error);
  if (error) {
    throw CheckpointError(fmt::format("{}: cannot open: {}; is the download complete? [not_found]",
                                      file.string(), error.message()));
  }
  const fs::path home = fs::canonical(folder);
  const fs::path snapshots = home.parent_path();
  const bool is_cached =
      snapshots.filename() == "snapshots" && lies_in(target, snapshots.parent_path() / "blobs");
  if (!lies_in(target, home) && !is_cached) {
    throw CheckpointError(
        fmt::format("{}: is a link to {}, outside the model's folder; copy the file there instead "
                    "[outside_folder]",
                    file.string(), target.string()));
  }
}

void check_shard_name(const std::string& name, const std::string& index) {
  const bool plain = name.ends_with(kSuffix) && name.size() > kSuffix.size() &&
                     name.front() != '.' && name.size() <= 255 &&
                     name.find_first_of(std::string_view("/\\\0", 3)) == name.npos;
  if (!plain) {
    throw CheckpointError(fmt::format(
        "{}: weight_map names the file {}; a plain file name ending in .safetensors is needed "
        "[bad_path]",
        index, dump_json(Json(name))));
  }
}

std::map<std::string, std::string> read_index(const fs::path& folder) {
  refuse_escape(folder, folder / kIndex);
  std::string text;
  try {
    text = read_file(folder / kIndex);
  } catch (const Error& error) {
    throw CheckpointError(
        fmt::format("cannot read the index of the weight files: {} [read_failed]", error.what()));
  }
  return parse_weight_index(text, (folder / kIndex).string());
}

// File names, and what the index says is in them (empty without an index).
std::pair<std::set<std::string>, std::map<std::string, std::string>> find_files(
    const fs::path& folder) {
  std::set<std::string> files;
  std::map<std::string, std::string> weight_map;
  if (is_there(folder / kSingle)) {
    files.insert(kSingle);
  } else if (is_there(folder / kIndex)) {
    weight_map = read_index(folder);
    for (const auto& [tensor, file] : weight_map) files.insert(file);
  } else if (!is_there(folder)) {
    throw CheckpointError(fmt::format("{}: no such folder [not_found]", folder.string()));
  } else {
    const bool pickled =
        is_there(folder / "pytorch_model.bin") || is_there(folder / "pytorch_model.bin.index.json");
    throw CheckpointError(fmt::format(
        "{}: has neither {} nor {}{} [not_found]", folder.string(), kSingle, kIndex,
        pickled ? "; pytorch_model.bin cannot be read, save the model as safetensors" : ""));
  }
  for (const std::string& file : files) refuse_escape(folder, folder / file);
  return {files, weight_map};
}

}  // namespace

std::map<std::string, std::string> parse_weight_index(std::string_view text,
                                                      const std::string& index) {
  Json json;
  try {
    json = parse_json(text, index, kIndexLimits);
  } catch (const DataError& error) {
    throw CheckpointError(
        fmt::format("cannot read the index of the weight files: {} [bad_json]", error.what()));
  }
  const auto map = json.is_object() ? json.find("weight_map") : json.end();
  if (map == json.end() || !map->is_object() || map->empty()) {
    throw CheckpointError(
        fmt::format("{}: expected an object \"weight_map\" of tensor names to file names "
                    "[bad_index]",
                    index));
  }
  std::map<std::string, std::string> weight_map;
  for (const auto& [tensor, file] : map->items()) {
    if (!file.is_string()) {
      throw CheckpointError(
          fmt::format("{}: weight_map: {}: expected a file name, found {} [bad_index]", index,
                      printable_tensor_name(tensor), file.type_name()));
    }
    check_shard_name(file.get_ref<const std::string&>(), index);
    weight_map[tensor] = file.get<std::string>();
  }
  return weight_map;
}

std::vector<fs::path> weight_files(const fs::path& folder) {
  std::vector<fs::path> paths;
  for (const std::string& file : find_files(folder).first) paths.push_back(folder / file);
  return paths;
}

Weights::Weights(const fs::path& folder) {
  const auto [files, weight_map] = find_files(folder);
  for (const std::string& file : files) {
    auto opened = std::make_unique<SafetensorsFile>(folder / file);
    for (const std::string& name : opened->names()) {
      const auto listed = weight_map.find(name);
      if (!weight_map.empty() && (listed == weight_map.end() || listed->second != file)) {
        throw CheckpointError(
            fmt::format("{}: holds tensor {}, which {} {} [index_mismatch]",
                        (folder / file).string(), printable_tensor_name(name), kIndex,
                        listed == weight_map.end() ? "does not list" : "lists elsewhere"));
      }
      tensors_[name] = opened.get();
    }
    files_[file] = std::move(opened);
  }
  for (const auto& [name, file] : weight_map) {
    if (!tensors_.contains(name)) {
      throw CheckpointError(fmt::format("{}: has no tensor {}, though {} says so [index_mismatch]",
                                        (folder / file).string(), printable_tensor_name(name),
                                        kIndex));
    }
  }
}

std::vector<std::string> Weights::names() const {
  std::vector<std::string> names;
  for (const auto& [name, file] : tensors_) names.push_back(name);
  return names;
}

const SafetensorsFile* Weights::find(const std::string& name) const {
  const auto it = tensors_.find(name);
  return it == tensors_.end() ? nullptr : it->second;
}

}  // namespace r1::model
