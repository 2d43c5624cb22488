#include "model/inspection.h"

#include <fmt/format.h>

#include "base/error.h"
#include "model/checkpoint_match.h"
#include "model/registry.h"
#include "model/safetensors_header.h"
#include "model/tokenizer.h"
#include "model/weight_files.h"

namespace r1::model {
namespace fs = std::filesystem;
namespace {

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

// What `read` throws becomes a problem.
template <class Read>
bool attempt(Inspection& inspection, Read&& read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    inspection.problems.push_back(error.what());
    return false;
  }
}

const char* format_name(at::ScalarType type) {
  for (const SafetensorsDtype& dtype : safetensors_dtypes())
    if (dtype.type == type) return dtype.name;
  return "?";
}

void inspect_weights(const fs::path& folder, bool config_is_fine, Inspection& inspection) {
  const Weights weights(folder);
  for (const auto& [name, file] : weights.files()) {
    const auto tensors = file->names();
    inspection.weight_files.push_back(
        {name, file->data_bytes(), static_cast<int64_t>(tensors.size())});
    for (const std::string& tensor : tensors) {
      int64_t count = 1;
      for (const int64_t size : file->shape(tensor)) count *= size;
      inspection.stored[format_name(file->dtype(tensor))] += count;
    }
  }
  if (config_is_fine)
    check_weights(inspection.config, weights, folder.string(), &inspection.problems);
}

std::string tokenizer_kind(const fs::path& folder) {
  if (is_file(folder / "tokenizer.json")) {
    const Json json = read_json(folder / "tokenizer.json");
    const auto member = [](const Json& of, const char* key) {
      return of.is_object() && of.contains(key) ? of.at(key) : Json();
    };
    const Json type = member(member(json, "model"), "type");
    return "tokenizer.json, " + (type.is_string() ? type.get<std::string>() : "unknown");
  }
  return is_file(folder / "tokenizer.model") ? "tokenizer.model" : "";
}

void inspect_tokenizer(const fs::path& folder, Inspection& inspection) {
  attempt(inspection, [&] { inspection.tokenizer = tokenizer_kind(folder); });
  std::unique_ptr<Tokenizer> tokenizer;
  attempt(inspection, [&] { tokenizer = load_tokenizer(folder); });
  const ModelConfig& config = inspection.config;
  const auto add = [&](const char* role, int64_t id) {
    if (id < 0) return;
    const bool known = tokenizer && id < tokenizer->vocab_size();
    inspection.special_tokens.push_back(
        {role, id, known ? tokenizer->decode({id}, false) : std::string()});
  };
  add("bos", config.bos_token_id);
  for (const int64_t id : config.stop_token_ids()) add("eos", id);
  add("pad", config.pad_token_id);
  if (!tokenizer) return;
  inspection.tokenizer_size = tokenizer->vocab_size();
  if (config.vocab_size > 0 && tokenizer->vocab_size() > config.vocab_size) {
    inspection.problems.push_back(
        fmt::format("{}: the tokenizer has {} tokens, the model only {} embeddings [wrong_shape]",
                    folder.string(), tokenizer->vocab_size(), config.vocab_size));
  }
}

std::string find_chat_template(const fs::path& folder) {
  for (const char* name : {"chat_template.jinja", "chat_template.json"})
    if (is_file(folder / name)) return name;
  const fs::path config = folder / "tokenizer_config.json";
  if (!is_file(config)) return "";
  const Json json = read_json(config);
  const bool has = json.is_object() && json.contains("chat_template");
  return has && !json.at("chat_template").is_null() ? "tokenizer_config.json" : "";
}

}  // namespace

Inspection inspect_checkpoint(const fs::path& folder) {
  Inspection inspection;
  inspection.config = read_model_config(folder / "config.json", &inspection.problems);
  const bool config_is_fine = inspection.problems.empty();
  if (inspection.config.raw.empty()) inspection.config.model_type.clear();
  if (config_is_fine) inspection.parameters = count_parameters(inspection.config);
  if (const Architecture* known = find_architecture(inspection.config.model_type))
    inspection.architecture = known->class_name;
  attempt(inspection, [&] { inspect_weights(folder, config_is_fine, inspection); });
  inspect_tokenizer(folder, inspection);
  attempt(inspection, [&] { inspection.chat_template = find_chat_template(folder); });
  return inspection;
}

}  // namespace r1::model
