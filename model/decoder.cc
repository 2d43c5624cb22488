#include "model/decoder.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "model/ops.h"
#include "model/registry.h"

namespace r1::model {
namespace {

struct Layer {
  Linear q, k, v, o, gate, up, down;
  at::Tensor input_norm, post_attention_norm;
  at::Tensor q_norm, k_norm;  // undefined where the family has none
};

class Decoder : public CausalLM {
 public:
  Decoder(const ModelConfig& config, at::TensorOptions options);
  ForwardOutput forward(const FlatBatch& batch, const CacheView* cache) const override;
  std::unique_ptr<KvCache> make_cache(int64_t num_pages) const override;
  int64_t cache_bytes_per_page() const override;

 private:
  Linear add_linear(const std::string& name, int64_t out, int64_t in, bool bias,
                    at::TensorOptions options);
  at::Tensor add_norm(const std::string& name, int64_t width, at::TensorOptions options);
  Layer add_layer(const std::string& prefix, const DecoderParts& parts, at::TensorOptions options);
  void check_positions(const FlatBatch& batch) const;

  AttentionGeometry geometry_;
  mutable RopeTable rope_;  // grows with the longest sequence seen
  at::Tensor embedding_VD_, norm_;
  std::vector<Layer> layers_;
};

Linear Decoder::add_linear(const std::string& name, int64_t out, int64_t in, bool bias,
                           at::TensorOptions options) {
  Linear linear;
  linear.weight = add_parameter(name + ".weight", {out, in}, true, options);
  if (bias) linear.bias = add_parameter(name + ".bias", {out}, false, options);
  return linear;
}

at::Tensor Decoder::add_norm(const std::string& name, int64_t width, at::TensorOptions options) {
  return add_parameter(name + ".weight", {width}, false, options);
}

Layer Decoder::add_layer(const std::string& prefix, const DecoderParts& parts,
                         at::TensorOptions options) {
  const ModelConfig& c = config_;
  const int64_t hidden = c.hidden_size, wide = c.intermediate_size,
                q_width = c.num_attention_heads * c.head_dim,
                kv_width = c.num_key_value_heads * c.head_dim;
  const std::string attention = prefix + "self_attn.", mlp = prefix + "mlp.";
  Layer layer;
  layer.input_norm = add_norm(prefix + "input_layernorm", hidden, options);
  layer.q = add_linear(attention + "q_proj", q_width, hidden, parts.qkv_bias, options);
  layer.k = add_linear(attention + "k_proj", kv_width, hidden, parts.qkv_bias, options);
  layer.v = add_linear(attention + "v_proj", kv_width, hidden, parts.qkv_bias, options);
  layer.o = add_linear(attention + "o_proj", hidden, q_width, parts.o_bias, options);
  if (parts.qk_norm) {
    layer.q_norm = add_norm(attention + "q_norm", c.head_dim, options);
    layer.k_norm = add_norm(attention + "k_norm", c.head_dim, options);
  }
  layer.post_attention_norm = add_norm(prefix + "post_attention_layernorm", hidden, options);
  layer.gate = add_linear(mlp + "gate_proj", wide, hidden, parts.mlp_bias, options);
  layer.up = add_linear(mlp + "up_proj", wide, hidden, parts.mlp_bias, options);
  layer.down = add_linear(mlp + "down_proj", hidden, wide, parts.mlp_bias, options);
  return layer;
}

Decoder::Decoder(const ModelConfig& c, at::TensorOptions options)
    : CausalLM(c, c10::typeMetaToScalarType(options.dtype())),
      geometry_{c.num_attention_heads, c.num_key_value_heads, c.head_dim,
                static_cast<float>(1.0 / std::sqrt(static_cast<double>(c.head_dim)))},
      rope_(rope_frequencies(c.head_dim, c.rope_theta, c.rope_scaling)) {
  const DecoderParts parts = architecture_of(c.model_type).parts(c);
  embedding_VD_ =
      add_parameter("model.embed_tokens.weight", {c.vocab_size, c.hidden_size}, true, options);
  for (int64_t i = 0; i < c.num_hidden_layers; ++i)
    layers_.push_back(add_layer(fmt::format("model.layers.{}.", i), parts, options));
  norm_ = add_norm("model.norm", c.hidden_size, options);
  lm_head_weight_VD_ =
      c.tie_word_embeddings
          ? embedding_VD_
          : add_parameter("lm_head.weight", {c.vocab_size, c.hidden_size}, true, options);
}

// A sequence beyond the limit would silently be another function than config.json's.
void Decoder::check_positions(const FlatBatch& batch) const {
  if (config_.position_limit == 0) return;
  for (int64_t s = 0; s < batch.num_sequences(); ++s) {
    const int64_t length = batch.first_position[s] + batch.offsets[s + 1] - batch.offsets[s];
    if (length <= config_.position_limit) continue;
    throw ConfigError(fmt::format(
        "a sequence of {} tokens: this model is computed up to {} tokens only, because its "
        "config.json has {}; shorten the sequences",
        length, config_.position_limit,
        config_.rope_scaling.type == "dynamic"
            ? "dynamic RoPE, whose angles beyond max_position_embeddings depend on the batch"
            : "a sliding_window of that length"));
  }
}

ForwardOutput Decoder::forward(const FlatBatch& batch, const CacheView* cache) const {
  check_positions(batch);
  at::Tensor x = embed(embedding_VD_, batch.tokens_T, dtype_), delta, y;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    std::tie(x, y) = add_rms_norm(x, delta, layer.input_norm, config_.rms_norm_eps);
    const at::Tensor k_pages = cache ? cache->cache->storage()[2 * i] : at::Tensor(),
                     v_pages = cache ? cache->cache->storage()[2 * i + 1] : at::Tensor();
    const auto qkv = project(y, {&layer.q, &layer.k, &layer.v});
    const at::Tensor q = norm_heads(qkv[0], layer.q_norm, config_.rms_norm_eps),
                     k = norm_heads(qkv[1], layer.k_norm, config_.rms_norm_eps);
    delta = layer.o(attention(q, k, qkv[2], batch, geometry_, rope_, cache, k_pages, v_pages));
    std::tie(x, y) = add_rms_norm(x, delta, layer.post_attention_norm, config_.rms_norm_eps);
    const auto gated = project(y, {&layer.gate, &layer.up});
    delta = layer.down(swiglu(gated[0], gated[1]));
  }
  std::tie(x, y) = add_rms_norm(x, delta, norm_, config_.rms_norm_eps);
  return {y, {}};
}

std::unique_ptr<KvCache> Decoder::make_cache(int64_t num_pages) const {
  std::vector<at::Tensor> storage;
  const auto options = norm_.options().requires_grad(false);
  // The kernels never use what was not written, so their pages need not even be touched; a masked
  // softmax in ATen multiplies it by 0.
  const auto make = [&](at::IntArrayRef shape) {
    return attention_uses_kernels(norm_, geometry_.head_dim)
               ? at::empty(shape, options)
               : at::zeros(shape, options);
  };
  for (int64_t i = 0; i < config_.num_hidden_layers; ++i) {
    storage.push_back(make({num_pages, geometry_.kv_heads, geometry_.head_dim, kPageTokens}));
    storage.push_back(make({num_pages, geometry_.kv_heads, kPageTokens, geometry_.head_dim}));
  }
  return std::make_unique<KvCache>(std::move(storage), num_pages);
}

int64_t Decoder::cache_bytes_per_page() const {
  return 2 * config_.num_hidden_layers * geometry_.kv_heads * geometry_.head_dim * kPageTokens *
         static_cast<int64_t>(norm_.element_size());
}

}  // namespace

std::unique_ptr<CausalLM> make_decoder(const ModelConfig& config, at::TensorOptions options) {
  return std::make_unique<Decoder>(config, options);
}

}  // namespace r1::model
