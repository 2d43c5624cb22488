#include "model/checkpoint_match.h"

#include <fmt/format.h>

#include <set>

#include "base/error.h"
#include "model/causal_lm.h"
#include "model/safetensors_header.h"

namespace r1::model {
namespace {

std::string list_names(const std::set<std::string>& names) {
  std::string list;
  int shown = 0;
  for (const std::string& name : names) {
    if (++shown > 5) return list + fmt::format(" and {} more", names.size() - 5);
    list += (list.empty() ? "" : ", ") + printable_tensor_name(name);
  }
  return list;
}

// Buffers that old transformers versions stored although they follow from the configuration.
bool is_derived(const std::string& name) { return name.ends_with(".rotary_emb.inv_freq"); }

std::string shape_text(at::IntArrayRef shape) {
  std::string text;
  for (int64_t size : shape) text += (text.empty() ? "" : ", ") + std::to_string(size);
  return "[" + text + "]";
}

// Empty when the tensor fits the parameter.
std::string mismatch(const SafetensorsFile& file, const std::string& name, at::IntArrayRef wanted) {
  const std::vector<int64_t> shape = file.shape(name);
  if (at::IntArrayRef(shape) != wanted) {
    return fmt::format("its shape is {}, config.json asks for {} [wrong_shape]", shape_text(shape),
                       shape_text(wanted));
  }
  if (!at::isFloatingType(file.dtype(name))) {
    return fmt::format(
        "its type is {}, weights are floating point; quantised checkpoints are not supported "
        "[wrong_dtype]",
        at::toString(file.dtype(name)));
  }
  return "";
}

}  // namespace

void check_weights(const ModelConfig& config, const Weights& weights, const std::string& where,
                   std::vector<std::string>* problems) {
  const auto complain = [&](const std::string& problem) {
    const std::string message = fmt::format("{}: {}", where, problem);
    if (!problems) throw CheckpointError(message);
    problems->push_back(message);
  };
  // On the meta device a model has names and shapes but no memory.
  const auto model = make_model(config, at::kFloat, at::kMeta);
  std::set<std::string> missing, surplus;
  for (const std::string& name : weights.names()) surplus.insert(name);
  for (const NamedParameter& parameter : model->parameters()) {
    if (surplus.erase(parameter.name) == 0) missing.insert(parameter.name);
  }
  if (config.tie_word_embeddings) surplus.erase("lm_head.weight");
  std::erase_if(surplus, is_derived);
  const auto list = [&](const std::set<std::string>& names, const char* what, const char* code) {
    if (names.empty()) return;
    complain(
        fmt::format("the weights are not those of the {} model of config.json: {} tensors are "
                    "{}: {}; are config.json and the weights from the same model? [{}]",
                    config.model_type, names.size(), what, list_names(names), code));
  };
  list(missing, "missing", "missing_tensor");
  list(surplus, "not part of it", "surplus_tensor");
  for (const NamedParameter& parameter : model->parameters()) {
    const SafetensorsFile* file = weights.find(parameter.name);
    const std::string problem =
        file ? mismatch(*file, parameter.name, parameter.tensor.sizes()) : "";
    if (!problem.empty())
      complain(fmt::format("tensor {}: {}", printable_tensor_name(parameter.name), problem));
  }
}

}  // namespace r1::model
