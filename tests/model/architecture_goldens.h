// The models of tools/dump_architecture_goldens.py.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <memory>
#include <string>
#include <vector>

#include "base/json.h"
#include "model/causal_lm.h"

namespace r1::model {

inline const Json& architecture_goldens() {
  static const Json goldens =
      read_json(std::filesystem::path(R1_TEST_DATA) / "model" / "architecture_goldens.json");
  return goldens;
}

inline void set_keyed_weights(const CausalLM& model) {
  at::NoGradGuard no_grad;
  for (const NamedParameter& parameter : model.parameters()) {
    int64_t key = 0;
    for (size_t i = 0; i < parameter.name.size(); ++i)
      key += static_cast<int64_t>(i + 1) * parameter.name[i];
    const at::Tensor i = at::arange(parameter.tensor.numel(), at::kLong);
    const at::Tensor steps = ((7 * i * i + 37 * i + key % 101).remainder(101) - 50).to(at::kDouble);
    const at::Tensor value = parameter.name.ends_with("norm.weight") ? 1 + steps / 128
                             : parameter.name.ends_with("bias")      ? steps / 64
                                                                     : steps / 256;
    at::Tensor(parameter.tensor).copy_(value.view(parameter.tensor.sizes()));
  }
}

inline std::unique_ptr<CausalLM> golden_model(const Json& golden, at::ScalarType dtype) {
  const std::string name = golden.at("name").get<std::string>();
  auto model = make_model(parse_model_config(golden.at("config"), name), dtype, at::kCPU);
  set_keyed_weights(*model);
  return model;
}

}  // namespace r1::model
