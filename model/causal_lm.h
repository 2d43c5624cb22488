// The policy: a decoder-only transformer. One forward serves prefill, decode and training, with the
// same bits.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "base/philox.h"
#include "model/batch.h"
#include "model/config.h"
#include "model/kv_cache.h"

namespace r1::model {

struct NamedParameter {
  std::string name;  // Hugging Face's: "model.layers.0.self_attn.q_proj.weight"
  at::Tensor tensor;
  bool decay;  // weight decay applies (matrices, not norms and biases)
};

struct ForwardOutput {
  at::Tensor hidden_TD;       // after the final norm
  at::Tensor auxiliary_loss;  // undefined for dense models (mixture of experts: load balancing)
};

class CausalLM {
 public:
  virtual ~CausalLM() = default;

  // Hidden states of every token of the batch. Without a cache all sequences start at position 0
  // (training); with one, keys and values of the batch's tokens are written into it and earlier
  // positions are read from it (no gradient).
  virtual ForwardOutput forward(const FlatBatch& batch, const CacheView* cache = nullptr) const = 0;
  // A cache of that many pages on the model's device.
  virtual std::unique_ptr<KvCache> make_cache(int64_t num_pages) const = 0;
  virtual int64_t cache_bytes_per_page() const = 0;

  const ModelConfig& config() const { return config_; }
  at::Tensor lm_head_weight() const {
    return lm_head_weight_VD_;
  }  // [V, D]; the embedding itself when tied
  // Every trained tensor once (a tied head is not listed), in a fixed order.
  const std::vector<NamedParameter>& parameters() const { return parameters_; }
  at::Device device() const { return lm_head_weight_VD_.device(); }
  // Of the arithmetic; load_for_inference may store matrices in another.
  at::ScalarType dtype() const { return dtype_; }
  void set_requires_grad(bool value);
  // Deep copy with the same weights, without gradients: the frozen reference policy.
  std::unique_ptr<CausalLM> clone() const;
  void copy_weights_from(const CausalLM& other);

 protected:
  CausalLM(ModelConfig config, at::ScalarType dtype) : config_(std::move(config)), dtype_(dtype) {}
  at::Tensor add_parameter(const std::string& name, at::IntArrayRef shape, bool decay,
                           at::TensorOptions options);

  friend void resize_token_embeddings(CausalLM& model, int64_t new_size, uint64_t seed);

  ModelConfig config_;
  at::ScalarType dtype_;
  at::Tensor lm_head_weight_VD_;
  std::vector<NamedParameter> parameters_;
};

// An uninitialised model of config.model_type. Throws CheckpointError for an architecture that is
// not in registry.cc.
std::unique_ptr<CausalLM> make_model(const ModelConfig& config, at::ScalarType dtype,
                                     at::Device device);
std::vector<std::string> architectures();

// Normal(0, initializer_range) for matrices, ones for norms, zeros for biases: what transformers
// does. Keyed by tensor name.
void init_weights(CausalLM& model, uint64_t seed);

// Gives the embedding and an untied head `new_size` rows. New rows are the mean of the old ones
// plus noise of sqrt(1e-9) of their spread, as transformers' default initialisation but with
// independent columns; keyed by tensor name. Drops gradients; before an optimizer is made. Throws
// ConfigError when a token that config.json names would go.
void resize_token_embeddings(CausalLM& model, int64_t new_size, uint64_t seed);

// "cpu", "cuda", "cuda:1"; throws DeviceError saying what is there when it is not. "float32",
// "bfloat16", "float16", "float64".
at::Device parse_device(const std::string& name);
at::ScalarType parse_dtype(const std::string& name);
std::string dtype_name(at::ScalarType dtype);

}  // namespace r1::model
