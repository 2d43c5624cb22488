#include "model/causal_lm.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include "base/error.h"
#include "model/registry.h"

namespace r1::model {

at::Tensor CausalLM::add_parameter(const std::string& name, at::IntArrayRef shape, bool decay,
                                   at::TensorOptions options) {
  at::Tensor tensor = at::empty(shape, options);
  parameters_.push_back({name, tensor, decay});
  return tensor;
}

void CausalLM::set_requires_grad(bool value) {
  for (NamedParameter& parameter : parameters_) parameter.tensor.set_requires_grad(value);
}

std::unique_ptr<CausalLM> CausalLM::clone() const {
  auto copy = make_model(config_, dtype(), device());
  copy->copy_weights_from(*this);
  return copy;
}

void CausalLM::copy_weights_from(const CausalLM& other) {
  R1_CHECK(parameters_.size() == other.parameters_.size(), "the models have different parameters");
  at::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters_.size(); ++i)
    parameters_[i].tensor.copy_(other.parameters_[i].tensor);
}

std::unique_ptr<CausalLM> make_model(const ModelConfig& config, at::ScalarType dtype,
                                     at::Device device) {
  return architecture_of(config.model_type)
      .make(config, at::TensorOptions().dtype(dtype).device(device));
}

void init_weights(CausalLM& model, uint64_t seed) {
  at::NoGradGuard no_grad;
  for (const NamedParameter& parameter : model.parameters()) {
    at::Tensor tensor = parameter.tensor;
    if (tensor.dim() < 2) {
      tensor.fill_(parameter.name.ends_with(".bias") ? 0.0 : 1.0);
      continue;
    }
    const RandomStream stream(seed, parameter.name, Purpose::kInit);
    at::Tensor values = at::empty(tensor.sizes(), at::kFloat);
    float* p = values.mutable_data_ptr<float>();
    for (int64_t i = 0; i < values.numel(); ++i)
      p[i] = static_cast<float>(model.config().initializer_range *
                                stream.normal(static_cast<uint64_t>(i)));
    tensor.copy_(values);
  }
}

at::Device parse_device(const std::string& name) {
  try {
    const at::Device device(name);
    if (device.is_cpu()) return device;
    if (device.is_cuda() && at::hasCUDA()) {
      const int64_t count = at::globalContext().getAcceleratorHooksInterface().deviceCount();
      if (device.index() < count && count > 0) return device;
      throw DeviceError(fmt::format(
          "device \"{}\": {} CUDA devices are here; use \"cpu\" or one of cuda:0 .. cuda:{}", name,
          count, count - 1));
    }
  } catch (const c10::Error&) {
    throw ConfigError(fmt::format(
        "device \"{}\" is not a device name; use \"cpu\", \"cuda\" or \"cuda:0\"", name));
  }
  throw DeviceError(
      fmt::format("device \"{}\": this build has no CUDA, or no CUDA device is here; use \"cpu\", "
                  "or build with R1_PRESET=cuda on a machine with a GPU",
                  name));
}

namespace {
constexpr std::pair<const char*, at::ScalarType> kTypes[] = {{"float32", at::kFloat},
                                                             {"bfloat16", at::kBFloat16},
                                                             {"float16", at::kHalf},
                                                             {"float64", at::kDouble}};
}

at::ScalarType parse_dtype(const std::string& name) {
  for (const auto& [known, type] : kTypes)
    if (name == known) return type;
  throw ConfigError(
      fmt::format("dtype \"{}\" is unknown; use float32, bfloat16, float16 or float64", name));
}

std::string dtype_name(at::ScalarType dtype) {
  for (const auto& [known, type] : kTypes)
    if (dtype == type) return known;
  throw InternalError(fmt::format("dtype {} has no name", at::toString(dtype)));
}

}  // namespace r1::model
