// The Llama family and Qwen2: pre-norm decoder with RMSNorm, RoPE, grouped-query attention and
// SwiGLU. Llama: arXiv 2302.13971 and 2407.21783; Qwen2: arXiv 2407.10671 (as Llama, with biases on
// q, k and v).
#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>

#include "model/causal_lm.h"
#include "model/ops.h"

namespace r1::model {
namespace {

struct Layer {
  Linear q, k, v, o, gate, up, down;
  at::Tensor input_norm, post_attention_norm;
};

class Llama : public CausalLM {
 public:
  Llama(const ModelConfig& config, at::TensorOptions options);
  ForwardOutput forward(const FlatBatch& batch, const CacheView* cache) const override;
  std::unique_ptr<KvCache> make_cache(int64_t num_pages) const override;
  int64_t cache_bytes_per_page() const override;

 private:
  Linear add_linear(const std::string& name, int64_t out, int64_t in, bool bias,
                    at::TensorOptions options);

  AttentionGeometry geometry_;
  mutable RopeTable rope_;  // grows with the longest sequence seen
  at::Tensor embedding_VD_, norm_;
  std::vector<Layer> layers_;
};

Linear Llama::add_linear(const std::string& name, int64_t out, int64_t in, bool bias,
                         at::TensorOptions options) {
  Linear linear;
  linear.weight = add_parameter(name + ".weight", {out, in}, true, options);
  if (bias) linear.bias = add_parameter(name + ".bias", {out}, false, options);
  return linear;
}

Llama::Llama(const ModelConfig& c, at::TensorOptions options)
    : CausalLM(c),
      geometry_{c.num_attention_heads, c.num_key_value_heads, c.head_dim,
                static_cast<float>(1.0 / std::sqrt(static_cast<double>(c.head_dim)))},
      rope_(c.head_dim, c.rope_theta) {
  const int64_t q_width = c.num_attention_heads * c.head_dim,
                kv_width = c.num_key_value_heads * c.head_dim;
  const bool qkv_bias = c.model_type == "qwen2" || c.attention_bias,
             o_bias = c.model_type != "qwen2" && c.attention_bias;
  embedding_VD_ =
      add_parameter("model.embed_tokens.weight", {c.vocab_size, c.hidden_size}, true, options);
  for (int64_t i = 0; i < c.num_hidden_layers; ++i) {
    const std::string at = fmt::format("model.layers.{}.", i);
    Layer layer;
    layer.input_norm =
        add_parameter(at + "input_layernorm.weight", {c.hidden_size}, false, options);
    layer.q = add_linear(at + "self_attn.q_proj", q_width, c.hidden_size, qkv_bias, options);
    layer.k = add_linear(at + "self_attn.k_proj", kv_width, c.hidden_size, qkv_bias, options);
    layer.v = add_linear(at + "self_attn.v_proj", kv_width, c.hidden_size, qkv_bias, options);
    layer.o = add_linear(at + "self_attn.o_proj", c.hidden_size, q_width, o_bias, options);
    layer.post_attention_norm =
        add_parameter(at + "post_attention_layernorm.weight", {c.hidden_size}, false, options);
    layer.gate =
        add_linear(at + "mlp.gate_proj", c.intermediate_size, c.hidden_size, c.mlp_bias, options);
    layer.up =
        add_linear(at + "mlp.up_proj", c.intermediate_size, c.hidden_size, c.mlp_bias, options);
    layer.down =
        add_linear(at + "mlp.down_proj", c.hidden_size, c.intermediate_size, c.mlp_bias, options);
    layers_.push_back(layer);
  }
  norm_ = add_parameter("model.norm.weight", {c.hidden_size}, false, options);
  lm_head_weight_VD_ =
      c.tie_word_embeddings
          ? embedding_VD_
          : add_parameter("lm_head.weight", {c.vocab_size, c.hidden_size}, true, options);
}

ForwardOutput Llama::forward(const FlatBatch& batch, const CacheView* cache) const {
  at::Tensor x = at::embedding(embedding_VD_, batch.tokens_T), delta, y;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    std::tie(x, y) = add_rms_norm(x, delta, layer.input_norm, config_.rms_norm_eps);
    const at::Tensor k_pages = cache ? cache->cache->storage()[2 * i] : at::Tensor(),
                     v_pages = cache ? cache->cache->storage()[2 * i + 1] : at::Tensor();
    const auto qkv = project(y, {&layer.q, &layer.k, &layer.v});
    delta = layer.o(
        attention(qkv[0], qkv[1], qkv[2], batch, geometry_, rope_, cache, k_pages, v_pages));
    std::tie(x, y) = add_rms_norm(x, delta, layer.post_attention_norm, config_.rms_norm_eps);
    const auto gated = project(y, {&layer.gate, &layer.up});
    delta = layer.down(swiglu(gated[0], gated[1]));
  }
  std::tie(x, y) = add_rms_norm(x, delta, norm_, config_.rms_norm_eps);
  return {y, {}};
}

std::unique_ptr<KvCache> Llama::make_cache(int64_t num_pages) const {
  std::vector<at::Tensor> storage;
  const auto options = lm_head_weight_VD_.options().requires_grad(false);
  // The kernels never use what was not written, so their pages need not even be touched; a masked
  // softmax in ATen multiplies it by 0.
  const auto make = [&](at::IntArrayRef shape) {
    return attention_uses_kernels(lm_head_weight_VD_, geometry_.head_dim)
               ? at::empty(shape, options)
               : at::zeros(shape, options);
  };
  for (int64_t i = 0; i < config_.num_hidden_layers; ++i) {
    storage.push_back(make({num_pages, geometry_.kv_heads, geometry_.head_dim, kPageTokens}));
    storage.push_back(make({num_pages, geometry_.kv_heads, kPageTokens, geometry_.head_dim}));
  }
  return std::make_unique<KvCache>(std::move(storage), num_pages);
}

int64_t Llama::cache_bytes_per_page() const {
  return 2 * config_.num_hidden_layers * geometry_.kv_heads * geometry_.head_dim * kPageTokens *
         static_cast<int64_t>(lm_head_weight_VD_.element_size());
}

}  // namespace

std::unique_ptr<CausalLM> make_llama(const ModelConfig& config, at::TensorOptions options) {
  return std::make_unique<Llama>(config, options);
}

}  // namespace r1::model
