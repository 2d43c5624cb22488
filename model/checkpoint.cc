#include "model/checkpoint.h"

#include <ATen/ops/empty.h>
#include <fmt/format.h>

#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "model/checkpoint_match.h"
#include "model/ops.h"
#include "model/weight_files.h"
#include "model/weight_reader.h"

namespace r1::model {
namespace fs = std::filesystem;
namespace {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

void write_json(const fs::path& path, const Json& json) {
  write_file_atomic(path, dump_json_pretty(json) + "\n");
}

// An older save into the same folder must not leave weights that a reader would prefer.
void remove_weight_files(const fs::path& folder) {
  std::vector<fs::path> old;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    const bool is_shard = name.starts_with("model-") && name.ends_with(".safetensors");
    if (is_shard || name == "model.safetensors" || name == "model.safetensors.index.json")
      old.push_back(it->path());
  }
  for (const fs::path& path : old) {
    if (!error) fs::remove(path, error);
  }
  if (error)
    throw CheckpointError(
        fmt::format("cannot save a model into {}: {}", folder.string(), error.message()));
}

// Consecutive tensors of at most max_bytes together; a larger one gets a shard of its own.
std::vector<NamedTensors> split_into_shards(const NamedTensors& tensors, int64_t max_bytes) {
  std::vector<NamedTensors> shards;
  int64_t room = -1;
  for (const auto& [name, tensor] : tensors) {
    const auto bytes = static_cast<int64_t>(tensor.nbytes());
    if (shards.empty() || bytes > room) {
      shards.emplace_back();
      room = max_bytes;
    }
    shards.back().emplace_back(name, tensor);
    room -= bytes;
  }
  return shards;
}

void save_weights(const NamedTensors& tensors, const fs::path& folder, int64_t max_shard_bytes) {
  remove_weight_files(folder);
  const std::vector<NamedTensors> shards = split_into_shards(tensors, max_shard_bytes);
  if (shards.size() == 1) return write_safetensors(folder / "model.safetensors", shards[0]);
  std::map<std::string, std::string> weight_map;
  int64_t parameters = 0, bytes = 0;
  for (size_t i = 0; i < shards.size(); ++i) {
    const std::string file = fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards.size());
    write_safetensors(folder / file, shards[i]);
    for (const auto& [name, tensor] : shards[i]) {
      weight_map[name] = file;
      parameters += tensor.numel();
      bytes += static_cast<int64_t>(tensor.nbytes());
    }
  }
  const Json metadata = {{"total_parameters", parameters}, {"total_size", bytes}};
  write_json(folder / "model.safetensors.index.json",
             Json{{"metadata", metadata}, {"weight_map", weight_map}});
}

Json generation_config(const ModelConfig& config, const Json& model) {
  if (!config.generation.empty()) return config.generation;
  Json generation = {{"_from_model_config", true}};
  for (const char* role : {"bos_token_id", "eos_token_id", "pad_token_id"}) {
    if (!model.at(role).is_null()) generation[role] = model.at(role);
  }
  return generation;
}

void save_tokenizer(const Tokenizer& tokenizer, const ModelConfig& config, const fs::path& folder) {
  if (tokenizer.vocab_size() > config.vocab_size) {
    throw CheckpointError(fmt::format(
        "{}: the tokenizer has {} tokens, the model only {} embeddings; raise vocab_size",
        folder.string(), tokenizer.vocab_size(), config.vocab_size));
  }
  tokenizer.save(folder);
  const fs::path path = folder / "tokenizer_config.json";
  if (!fs::exists(path)) return;
  Json json = read_json(path);
  // null: a tokenizer made here; one that came with a model keeps its file as it is.
  if (!json.contains("model_max_length") || !json["model_max_length"].is_null()) return;
  json["model_max_length"] = config.max_position_embeddings;
  write_json(path, json);
}

// A tied head may be stored; then it must be the embedding.
void check_tied_head(const CausalLM& model, const Weights& weights, const std::string& where) {
  const SafetensorsFile* head = weights.find("lm_head.weight");
  if (!model.config().tie_word_embeddings || !head) return;
  if (equals_weight(*head, "lm_head.weight", model.lm_head_weight())) return;
  throw CheckpointError(fmt::format(
      "{}: lm_head.weight differs from model.embed_tokens.weight, but config.json has "
      "tie_word_embeddings true; set it to false if the head is a separate one [tied_head]",
      where));
}

std::unique_ptr<CausalLM> load(const fs::path& folder, at::ScalarType dtype, at::Device device,
                               bool for_kernels) {
  const Weights weights(folder);
  const ModelConfig config = read_model_config(folder / "config.json");
  // Before any memory is asked for: a hostile config.json could ask for all there is.
  check_weights(config, weights, folder.string());
  std::unique_ptr<CausalLM> model = make_model(config, dtype, device);
  for (const NamedParameter& parameter : model->parameters()) {
    const SafetensorsFile& file = *weights.find(parameter.name);
    at::Tensor tensor = parameter.tensor;
    if (for_kernels && can_tile(tensor) && file.dtype(parameter.name) == at::kBFloat16)
      tensor.set_data(at::empty(tensor.sizes(), at::kBFloat16));
    read_weight(file, parameter.name, tensor);
  }
  check_tied_head(*model, weights, folder.string());
  for (const NamedParameter& parameter : model->parameters())
    if (for_kernels && can_tile(parameter.tensor)) tile(parameter.tensor);
  return model;
}

}  // namespace

void save_pretrained(const CausalLM& model, const Tokenizer* tokenizer, const fs::path& folder,
                     int64_t max_shard_bytes) {
  NamedTensors tensors;
  for (const NamedParameter& parameter : model.parameters()) {
    const at::Tensor tensor = parameter.tensor.detach();
    R1_CHECK(tensor.dim() < 3, "the model was loaded for inference, and cannot be saved");
    if (!all_finite(tensor)) {
      throw CheckpointError(fmt::format(
          "{}: not saved: tensor {} has values that are not finite; go back to the last "
          "checkpoint and lower learning_rate",
          folder.string(), parameter.name));
    }
    tensors.emplace_back(parameter.name, tensor);
  }
  ModelConfig config = model.config();
  config.dtype = dtype_name(model.dtype());
  const Json json = to_json(config);
  save_weights(tensors, folder, max_shard_bytes);
  write_json(folder / "config.json", json);
  write_json(folder / "generation_config.json", generation_config(config, json));
  if (tokenizer) save_tokenizer(*tokenizer, config, folder);
}

std::unique_ptr<CausalLM> load_pretrained(const fs::path& folder, at::ScalarType dtype,
                                          at::Device device) {
  return load(folder, dtype, device, false);
}

std::unique_ptr<CausalLM> load_for_inference(const fs::path& folder, at::ScalarType dtype,
                                             at::Device device) {
  return load(folder, dtype, device, device.is_cpu() && dtype == at::kFloat);
}

std::string weights_sha256(const fs::path& folder) {
  std::string list;
  for (const fs::path& file : weight_files(folder)) {
    list += fmt::format("{}  {}\n", sha256_file(file), file.filename().string());
  }
  return sha256_hex(list);
}

}  // namespace r1::model
