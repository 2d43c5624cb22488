// A tiny Qwen2 whose weights and gradients are formulas of their places, the ones of
// tools/dump_model_goldens.py. All are multiples of 1/64 and 1/128 below 1: exact in every dtype.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "model/causal_lm.h"

namespace r1::model {

inline ModelConfig formula_config() {
  ModelConfig config;
  config.model_type = "qwen2";
  config.vocab_size = 5;
  config.hidden_size = 4;
  config.intermediate_size = 6;
  config.num_hidden_layers = 1;
  config.num_attention_heads = 2;
  config.num_key_value_heads = 1;
  config.head_dim = 2;
  config.max_position_embeddings = 16;
  config.tie_word_embeddings = true;
  return config;
}

inline void set_formula_weights(CausalLM& model) {
  at::NoGradGuard no_grad;
  for (const NamedParameter& p : model.parameters()) {
    const at::Tensor i = at::arange(p.tensor.numel(), at::kLong);
    const at::Tensor weight = ((37 * i + 11).remainder(101) - 50).to(at::kDouble) / 64;
    at::Tensor(p.tensor).copy_(weight.view(p.tensor.sizes()));
  }
  model.set_requires_grad(true);
}

inline std::unique_ptr<CausalLM> formula_model(at::ScalarType dtype) {
  auto model = make_model(formula_config(), dtype, at::kCPU);
  set_formula_weights(*model);
  return model;
}

// In fp64.
inline at::Tensor formula_gradient(at::IntArrayRef shape, int64_t step) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  const at::Tensor i = at::arange(count, at::kLong);
  const at::Tensor gradient = ((53 * i + 29 * step + 7).remainder(97) - 48).to(at::kDouble) / 128;
  return gradient.view(shape);
}

// A loss with that gradient for every parameter.
inline at::Tensor formula_loss(const CausalLM& model, int64_t step) {
  at::Tensor loss = at::zeros({}, at::kDouble);
  for (const NamedParameter& p : model.parameters())
    loss = loss + (p.tensor.to(at::kDouble) * formula_gradient(p.tensor.sizes(), step)).sum();
  return loss;
}

inline at::Tensor parameter_named(const CausalLM& model, const std::string& name) {
  for (const NamedParameter& p : model.parameters())
    if (p.name == name) return p.tensor;
  ADD_FAILURE() << "no parameter " << name;
  return {};
}

}  // namespace r1::model
