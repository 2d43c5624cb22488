#include "model/causal_lm.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/parallel.h"
#include "base/philox.h"
#include "model/checkpoint.h"
#include "model/safetensors.h"
#include "model/token_logprobs.h"
#include "tests/base/expect_error.h"

namespace r1::model {
namespace {

using Sequences = std::vector<std::vector<int64_t>>;

// A shape for the kernels' path, with widths that are no multiples of their vectors.
ModelConfig small_config(const std::string& type, int64_t head_dim) {
  ModelConfig config;
  config.model_type = type;
  config.vocab_size = 37;
  config.hidden_size = 40;
  config.intermediate_size = 56;
  config.num_hidden_layers = 2;
  config.num_attention_heads = 4;
  config.num_key_value_heads = 2;
  config.head_dim = head_dim;
  config.max_position_embeddings = 256;
  config.initializer_range = 0.2;
  return config;
}

// With biases and norms that are not 0 and 1.
std::unique_ptr<CausalLM> random_model(const ModelConfig& config) {
  auto model = make_model(config, at::kFloat, at::kCPU);
  init_weights(*model, 5);
  at::NoGradGuard no_grad;
  for (const NamedParameter& parameter : model->parameters()) {
    if (parameter.tensor.dim() > 1) continue;
    const RandomStream draws(6, parameter.name, Purpose::kInit);
    at::Tensor noise = at::empty(parameter.tensor.sizes(), at::kFloat);
    for (int64_t i = 0; i < noise.numel(); ++i)
      noise.mutable_data_ptr<float>()[i] =
          static_cast<float>(0.2 * draws.normal(static_cast<uint64_t>(i)));
    at::Tensor(parameter.tensor).add_(noise);
  }
  return model;
}

std::unique_ptr<CausalLM> in_double(const CausalLM& model) {
  auto copy = make_model(model.config(), at::kDouble, at::kCPU);
  copy->copy_weights_from(model);
  return copy;
}

Sequences random_sequences(const std::vector<int64_t>& lengths, int64_t vocab_size) {
  const RandomStream draws(1, "sequences", Purpose::kData);
  Sequences sequences;
  for (size_t s = 0; s < lengths.size(); ++s) {
    sequences.emplace_back();
    for (int64_t t = 0; t < lengths[s]; ++t)
      sequences.back().push_back(
          draws.below(static_cast<uint32_t>(vocab_size), s, static_cast<uint32_t>(t)));
  }
  return sequences;
}

at::Tensor hidden_of(const CausalLM& model, const Sequences& sequences) {
  at::NoGradGuard no_grad;
  return model.forward(make_flat_batch(sequences, at::kCPU)).hidden_TD;
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

// A loss in which every logit of every token counts, in ATen operations only.
at::Tensor plain_loss(const CausalLM& model, const Sequences& sequences) {
  const at::Tensor hidden =
      model.forward(make_flat_batch(sequences, at::kCPU)).hidden_TD.to(at::kDouble);
  const at::Tensor logp =
      at::log_softmax(at::matmul(hidden, model.lm_head_weight().to(at::kDouble).t()), -1);
  const at::Tensor weights = at::sin(at::arange(logp.numel(), at::kDouble)).view(logp.sizes());
  return (logp * weights).sum() / static_cast<double>(hidden.size(0));
}

// The gradient of every parameter.
std::vector<at::Tensor> gradients(CausalLM& model, const Sequences& sequences) {
  model.set_requires_grad(true);
  for (const NamedParameter& parameter : model.parameters())
    at::Tensor(parameter.tensor).mutable_grad().reset();
  plain_loss(model, sequences).backward();
  std::vector<at::Tensor> all;
  for (const NamedParameter& parameter : model.parameters())
    all.push_back(parameter.tensor.grad().clone());
  return all;
}

// ---- against transformers ----------------------------------------------------------------------

// Logits that transformers computed in float64: tools/make_tiny_checkpoints.py.
class GoldenLogits : public testing::TestWithParam<const char*> {
 protected:
  at::Tensor logits_in(at::ScalarType dtype) const {
    const auto model = load_pretrained(folder(), dtype, at::kCPU);
    const SafetensorsFile golden(folder() / "golden.safetensors");
    const at::Tensor tokens = golden.tensor("tokens");
    const std::vector<int64_t> ids(tokens.const_data_ptr<int64_t>(),
                                   tokens.const_data_ptr<int64_t>() + tokens.numel());
    return logits(hidden_of(*model, {ids}), model->lm_head_weight());
  }
  at::Tensor golden() const {
    return SafetensorsFile(folder() / "golden.safetensors").tensor("logits");
  }

 private:
  std::filesystem::path folder() const {
    return std::filesystem::path(R1_TEST_DATA) / "model" / GetParam();
  }
};
INSTANTIATE_TEST_SUITE_P(Of, GoldenLogits, testing::Values("tiny_llama", "tiny_qwen2"),
                         [](const auto& golden) { return std::string(golden.param); });

// transformers takes cosines, sines and norms in float32 even in a float64 model: a few roundings
// of 6e-8 of numbers up to ~5. All else is float64.
TEST_P(GoldenLogits, Float64) {
  EXPECT_LT(largest_difference(logits_in(at::kDouble), golden()), 1e-6);
}
// Some hundred roundings of 6e-8 of numbers up to ~5.
TEST_P(GoldenLogits, Float32) {
  EXPECT_LT(largest_difference(logits_in(at::kFloat), golden()), 1e-4);
}
// Rounding of 2^-9 to bfloat16 after every operation of two layers, on logits up to ~5.
TEST_P(GoldenLogits, Bfloat16) {
  EXPECT_LT(largest_difference(logits_in(at::kBFloat16), golden()), 0.3);
}

// ---- the kernels against ATen in fp64 ----------------------------------------------------------

struct Shape {
  const char* name;
  std::string model_type;
  int64_t head_dim;
  bool all_biases;
  const char* rope = "default";
};
void PrintTo(const Shape& shape, std::ostream* out) { *out << shape.name; }

class KernelPath : public testing::TestWithParam<Shape> {
 protected:
  void SetUp() override {
    at::set_num_threads(1);
  }  // as the runner does: sums of ATen's (bias gradients) may depend on its threads
  void TearDown() override { set_num_threads(2); }
  std::unique_ptr<CausalLM> model() const {
    ModelConfig config = small_config(GetParam().model_type, GetParam().head_dim);
    config.attention_bias = config.mlp_bias = GetParam().all_biases;
    config.rope_scaling.type = GetParam().rope;
    config.rope_scaling.factor = 4.0;
    config.rope_scaling.original_max_position_embeddings = 32;
    config.tie_word_embeddings = GetParam().head_dim == 32;
    return random_model(config);
  }
};
INSTANTIATE_TEST_SUITE_P(Of, KernelPath,
                         testing::Values(Shape{"llama16", "llama", 16, false},
                                         Shape{"llama32_biases", "llama", 32, true},
                                         Shape{"llama31", "llama", 16, false, "llama3"},
                                         Shape{"llama_linear", "llama", 16, false, "linear"},
                                         Shape{"qwen2_16", "qwen2", 16, false},
                                         Shape{"qwen2_yarn", "qwen2", 32, false, "yarn"},
                                         Shape{"qwen3_16", "qwen3", 16, false},
                                         Shape{"qwen3_32_biases", "qwen3", 32, true},
                                         Shape{"mistral_16", "mistral", 16, false}),
                         [](const auto& shape) { return std::string(shape.param.name); });

TEST_P(KernelPath, LogitsAreThoseOfFloat64) {
  const auto model = this->model();
  const auto wide = in_double(*model);
  const Sequences sequences = random_sequences({1, 17, 40, 3, 16}, 37);
  const at::Tensor narrow_logits = logits(hidden_of(*model, sequences), model->lm_head_weight());
  const at::Tensor wide_logits = logits(hidden_of(*wide, sequences), wide->lm_head_weight());
  // Some hundred roundings of 6e-8, relative to the largest logit.
  EXPECT_LT(largest_difference(narrow_logits, wide_logits) / wide_logits.abs().max().item<double>(),
            1e-5);
}

TEST_P(KernelPath, GradientsAreThoseOfFloat64) {
  const auto model = this->model();
  const auto wide = in_double(*model);
  const Sequences sequences = random_sequences({1, 17, 40, 3, 16}, 37);
  const auto narrow_gradients = gradients(*model, sequences),
             wide_gradients = gradients(*wide, sequences);
  for (size_t i = 0; i < narrow_gradients.size(); ++i) {
    const double size = wide_gradients[i].abs().max().item<double>();
    // A key's bias shifts all scores of a query alike, so its gradient is 0 but for the rotation;
    // it is small, not wrong.
    EXPECT_LT(largest_difference(narrow_gradients[i], wide_gradients[i]) / size, 1e-4)
        << model->parameters()[i].name << " of size " << size;
  }
}

// ---- bits that do not depend on the batch ------------------------------------------------------

// Forward over tokens [begin, end) of the sequence, through the cache.
at::Tensor forward_piece(const CausalLM& model, const std::vector<int64_t>& ids, int64_t begin,
                         int64_t end, const CacheView& view) {
  at::NoGradGuard no_grad;
  FlatBatch batch = make_flat_batch({{ids.begin() + begin, ids.begin() + end}}, at::kCPU);
  batch.first_position = {begin};
  return model.forward(batch, &view).hidden_TD;
}

// The sequence in pieces of these lengths, through a cache whose pages are not in order.
at::Tensor in_pieces(const CausalLM& model, const std::vector<int64_t>& ids,
                     const std::vector<int64_t>& lengths) {
  const auto cache = model.make_cache(10);
  std::vector<int32_t> pages;
  for (int i = 0; i < 10; ++i) pages.push_back(cache->allocate());
  std::rotate(pages.begin(), pages.begin() + 7, pages.end());
  const CacheView view{cache.get(), {&pages}};
  std::vector<at::Tensor> rows;
  int64_t begin = 0;
  for (const int64_t length : lengths) {
    rows.push_back(forward_piece(model, ids, begin, begin + length, view));
    begin += length;
  }
  return at::cat(rows);
}

TEST_P(KernelPath, DecodingTokenByTokenGivesTheBitsOfOneForward) {
  const auto model = this->model();
  const Sequences sequences = random_sequences({50}, 37);
  EXPECT_TRUE(at::equal(in_pieces(*model, sequences[0], std::vector<int64_t>(50, 1)),
                        hidden_of(*model, sequences)));
}

TEST_P(KernelPath, PrefillInPiecesGivesTheBitsOfOneForward) {
  const auto model = this->model();
  const Sequences sequences = random_sequences({50}, 37);
  const at::Tensor whole = hidden_of(*model, sequences);
  EXPECT_TRUE(at::equal(in_pieces(*model, sequences[0], {50}), whole));
  EXPECT_TRUE(at::equal(in_pieces(*model, sequences[0], {16, 16, 18}), whole));
  EXPECT_TRUE(at::equal(in_pieces(*model, sequences[0], {7, 1, 30, 12}), whole));
}

TEST_P(KernelPath, BatchedDecodeGivesTheBitsOfOneForward) {
  at::NoGradGuard no_grad;
  const auto model = this->model();
  const Sequences sequences = random_sequences({20, 33, 5}, 37);
  const auto cache = model->make_cache(9);
  std::vector<std::vector<int32_t>> pages(3);
  for (int i = 0; i < 9; ++i) pages[i % 3].push_back(cache->allocate());
  // Sequence s joins at step s, so every step has sequences at different positions.
  std::vector<std::vector<at::Tensor>> rows(3);
  for (int64_t step = 0; step < 36; ++step) {
    FlatBatch batch;
    CacheView view{cache.get(), {}};
    std::vector<int64_t> tokens, who;
    for (int64_t s = 0; s < 3; ++s) {
      const int64_t position = step - s;
      if (position < 0 || position >= static_cast<int64_t>(sequences[s].size())) continue;
      tokens.push_back(sequences[s][position]);
      batch.first_position.push_back(position);
      view.pages.push_back(&pages[s]);
      who.push_back(s);
    }
    batch.tokens_T = at::tensor(tokens, at::kLong);
    for (size_t i = 0; i <= who.size(); ++i) batch.offsets.push_back(static_cast<int64_t>(i));
    const at::Tensor hidden = model->forward(batch, &view).hidden_TD;
    for (size_t i = 0; i < who.size(); ++i)
      rows[who[i]].push_back(hidden.select(0, static_cast<int64_t>(i)));
  }
  for (int64_t s = 0; s < 3; ++s)
    EXPECT_TRUE(at::equal(at::stack(rows[s]), hidden_of(*model, {sequences[s]}))) << s;
}

TEST_P(KernelPath, ASequenceHasTheSameBitsInEveryBatch) {
  const auto model = this->model();
  const Sequences seven = random_sequences({1, 17, 40, 3, 16, 64, 29}, 37);
  const Sequences reversed(seven.rbegin(), seven.rend());
  const at::Tensor together = hidden_of(*model, seven), backwards = hidden_of(*model, reversed);
  int64_t begin = 0, end_backwards = backwards.size(0);
  for (size_t s = 0; s < seven.size(); ++s) {
    const int64_t length = static_cast<int64_t>(seven[s].size());
    const at::Tensor alone = hidden_of(*model, {seven[s]});
    EXPECT_TRUE(at::equal(alone, together.narrow(0, begin, length))) << s;
    EXPECT_TRUE(at::equal(alone, backwards.narrow(0, end_backwards - length, length))) << s;
    begin += length;
    end_backwards -= length;
  }
}

TEST_P(KernelPath, ThreadsDoNotChangeABit) {
  const auto model = this->model();
  const Sequences sequences = random_sequences({100, 90, 110, 3, 120, 100, 77, 100, 100, 100},
                                               37);  // enough work to be split
  set_num_threads(1);
  const at::Tensor hidden = hidden_of(*model, sequences);
  const auto one = gradients(*model, sequences);
  for (const int threads : {2, 3}) {
    set_num_threads(threads);
    EXPECT_TRUE(at::equal(hidden_of(*model, sequences), hidden)) << threads;
    const auto more = gradients(*model, sequences);
    for (size_t i = 0; i < one.size(); ++i)
      EXPECT_TRUE(at::equal(more[i], one[i]))
          << model->parameters()[i].name << ", " << threads << " threads";
  }
}

// ---- the ATen path -----------------------------------------------------------------------------

TEST(CausalLM, DecodingInFloat64AgreesWithOneForward) {
  const auto wide = in_double(*random_model(small_config("qwen2", 10)));
  const Sequences sequences = random_sequences({50}, 37);
  const at::Tensor whole = hidden_of(*wide, sequences);
  EXPECT_LT(largest_difference(in_pieces(*wide, sequences[0], std::vector<int64_t>(50, 1)), whole),
            1e-12);  // fp64 sums in another order
  EXPECT_LT(largest_difference(in_pieces(*wide, sequences[0], {7, 1, 30, 12}), whole), 1e-12);
}

TEST(
    CausalLM,
    HeadsOfOtherWidthsAreRightToo) {  // 10 is no multiple of a kernel's vector: attention is ATen's
  const auto model = random_model(small_config("llama", 10));
  const auto wide = in_double(*model);
  const Sequences sequences = random_sequences({1, 17, 40}, 37);
  const at::Tensor wanted = hidden_of(*wide, sequences);
  EXPECT_LT(
      largest_difference(hidden_of(*model, sequences), wanted) / wanted.abs().max().item<double>(),
      1e-5);
}

// ---- weights -----------------------------------------------------------------------------------

TEST(CausalLM, ParametersCarryHuggingFaceNames) {
  ModelConfig config = small_config("qwen2", 16);
  config.num_hidden_layers = 1;
  config.tie_word_embeddings = true;
  const auto model = make_model(config, at::kFloat, at::kCPU);
  std::string names;
  int64_t count = 0;
  for (const NamedParameter& parameter : model->parameters()) {
    names += parameter.name + (parameter.decay ? " decays\n" : "\n");
    count += parameter.tensor.numel();
  }
  EXPECT_EQ(names,
            "model.embed_tokens.weight decays\n"
            "model.layers.0.input_layernorm.weight\n"
            "model.layers.0.self_attn.q_proj.weight decays\n"
            "model.layers.0.self_attn.q_proj.bias\n"
            "model.layers.0.self_attn.k_proj.weight decays\n"
            "model.layers.0.self_attn.k_proj.bias\n"
            "model.layers.0.self_attn.v_proj.weight decays\n"
            "model.layers.0.self_attn.v_proj.bias\n"
            "model.layers.0.self_attn.o_proj.weight decays\n"
            "model.layers.0.post_attention_layernorm.weight\n"
            "model.layers.0.mlp.gate_proj.weight decays\n"
            "model.layers.0.mlp.up_proj.weight decays\n"
            "model.layers.0.mlp.down_proj.weight decays\n"
            "model.norm.weight\n");
  EXPECT_EQ(count, count_parameters(config));
  EXPECT_EQ(model->lm_head_weight().const_data_ptr(),
            model->parameters()[0].tensor.const_data_ptr());
}

TEST(CausalLM, EveryFamilyHasTheParametersThatAreCounted) {
  for (const std::string& type : architectures()) {
    for (const bool biases : {false, true}) {
      ModelConfig config = small_config(type, 16);
      config.attention_bias = config.mlp_bias = biases;
      int64_t count = 0;
      const auto model = make_model(config, at::kFloat, at::kMeta);
      for (const NamedParameter& parameter : model->parameters()) count += parameter.tensor.numel();
      EXPECT_EQ(count, count_parameters(config)) << type;
    }
  }
  EXPECT_ERROR(CheckpointError, make_model(small_config("mamba", 16), at::kFloat, at::kCPU),
               "\"mamba\" is not an architecture of this version; known: llama, qwen2, qwen3, "
               "mistral");
}

// ---- resizing ----------------------------------------------------------------------------------

class ResizeTokenEmbeddings : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Of, ResizeTokenEmbeddings, testing::Bool(),
                         [](const auto& tied) { return tied.param ? "tied" : "untied"; });

TEST_P(ResizeTokenEmbeddings, NewRowsAreTheMeanAndALittleNoise) {
  ModelConfig config = small_config("qwen2", 16);
  config.tie_word_embeddings = GetParam();
  const auto model = random_model(config), again = random_model(config);
  model->set_requires_grad(true);
  const at::Tensor before = model->parameters()[0].tensor.detach().clone(),
                   head_before = model->lm_head_weight().detach().clone();
  resize_token_embeddings(*model, 41, 9);
  resize_token_embeddings(*again, 41, 9);
  EXPECT_EQ(model->config().vocab_size, 41);
  EXPECT_EQ(to_json(model->config()).at("vocab_size"), 41);
  const at::Tensor after = model->parameters()[0].tensor.detach(),
                   head = model->lm_head_weight().detach();
  EXPECT_EQ(after.sizes(), at::IntArrayRef({41, 40}));
  EXPECT_EQ(after.is_same(head) || after.const_data_ptr() == head.const_data_ptr(), GetParam());
  EXPECT_TRUE(at::equal(after.narrow(0, 0, 37), before));
  EXPECT_TRUE(at::equal(head.narrow(0, 0, 37), head_before));
  EXPECT_TRUE(model->parameters()[0].tensor.requires_grad());
  EXPECT_TRUE(at::equal(after, again->parameters()[0].tensor));
  // The noise has sqrt(1e-9) = 3.2e-5 of the spread, which is 0.2 here; 6 of it are never reached.
  const at::Tensor noise = after.narrow(0, 37, 4) - before.mean(0);
  EXPECT_LT(noise.abs().max().item<double>(), 6 * 3.2e-5 * 0.3);
  EXPECT_GT(noise.abs().max().item<double>(), 3.2e-5 * 0.1);
  EXPECT_FALSE(at::equal(after[37], after[38]));
}

TEST_P(ResizeTokenEmbeddings, OldTokensKeepTheirHiddenStatesAndNewOnesWork) {
  ModelConfig config = small_config("qwen3", 16);
  config.tie_word_embeddings = GetParam();
  const auto model = random_model(config);
  const Sequences sequences = random_sequences({9, 20}, 37);
  const at::Tensor before = hidden_of(*model, sequences);
  resize_token_embeddings(*model, 50, 1);
  EXPECT_TRUE(at::equal(hidden_of(*model, sequences), before));
  EXPECT_EQ(logits(hidden_of(*model, {{49, 38, 1}}), model->lm_head_weight()).size(1), 50);
  const auto copy = model->clone();
  EXPECT_TRUE(at::equal(hidden_of(*copy, {{49}}), hidden_of(*model, {{49}})));
  for (const at::Tensor& gradient : gradients(*model, {{1, 49, 2}}))
    EXPECT_TRUE(gradient.defined());
  resize_token_embeddings(*model, 37, 1);
  EXPECT_TRUE(at::equal(hidden_of(*model, sequences), before));
}

TEST(ResizeTokenEmbeddings, RefusesToDropTokensOfTheConfig) {
  ModelConfig config = small_config("llama", 16);
  config.eos_token_ids = {2, 30};
  const auto model = random_model(config);
  EXPECT_ERROR(ConfigError, resize_token_embeddings(*model, 30, 1),
               "would drop token 30, which config.json names; keep at least 31");
  EXPECT_ERROR(ConfigError, resize_token_embeddings(*model, 0, 1), "at least 1 is needed");
  resize_token_embeddings(*model, 31, 1);
  EXPECT_EQ(model->config().vocab_size, 31);
}

TEST(CausalLM, InitialWeightsAreNormalAndKeyedBySeedAndName) {
  ModelConfig config = small_config("qwen2", 16);
  config.hidden_size = 200;
  config.vocab_size = 500;
  const auto a = make_model(config, at::kFloat, at::kCPU),
             b = make_model(config, at::kFloat, at::kCPU),
             c = make_model(config, at::kFloat, at::kCPU);
  init_weights(*a, 1);
  init_weights(*b, 1);
  init_weights(*c, 2);
  for (size_t i = 0; i < a->parameters().size(); ++i) {
    const NamedParameter& p = a->parameters()[i];
    EXPECT_TRUE(at::equal(p.tensor, b->parameters()[i].tensor)) << p.name;
    if (p.tensor.dim() == 1) {
      EXPECT_TRUE((p.tensor == (p.name.ends_with(".bias") ? 0.0 : 1.0)).all().item<bool>())
          << p.name;
      continue;
    }
    EXPECT_FALSE(at::equal(p.tensor, c->parameters()[i].tensor)) << p.name;
    // Mean and spread of n draws are within 5 standard errors: 0.2 / sqrt(n) and 0.2 / sqrt(2 n).
    const double n = static_cast<double>(p.tensor.numel());
    EXPECT_NEAR(p.tensor.mean().item<double>(), 0, 5 * 0.2 / std::sqrt(n)) << p.name;
    EXPECT_NEAR(p.tensor.std().item<double>(), 0.2, 5 * 0.2 / std::sqrt(2 * n)) << p.name;
  }
}

TEST(CausalLM, ACloneHasItsOwnWeights) {
  const auto model = random_model(small_config("llama", 16));
  model->set_requires_grad(true);
  const auto copy = model->clone();
  const Sequences sequences = random_sequences({9}, 37);
  const at::Tensor before = hidden_of(*model, sequences);
  EXPECT_TRUE(at::equal(hidden_of(*copy, sequences), before));
  {
    at::NoGradGuard no_grad;
    for (const NamedParameter& parameter : model->parameters())
      at::Tensor(parameter.tensor).mul_(1.5);
  }
  EXPECT_TRUE(at::equal(hidden_of(*copy, sequences), before));
  EXPECT_FALSE(at::equal(hidden_of(*model, sequences), before));
  for (const NamedParameter& parameter : copy->parameters())
    EXPECT_FALSE(parameter.tensor.requires_grad());
  copy->copy_weights_from(*model);
  EXPECT_TRUE(at::equal(hidden_of(*copy, sequences), hidden_of(*model, sequences)));
}

TEST(CausalLM, NamesOfDevicesAndTypes) {
  EXPECT_TRUE(parse_device("cpu").is_cpu());
  EXPECT_ERROR(ConfigError, parse_device("gpu"), "\"gpu\" is not a device name");
  EXPECT_ERROR(DeviceError, parse_device("cuda:99"), "cuda:99");
  for (const char* name : {"float32", "bfloat16", "float16", "float64"})
    EXPECT_EQ(dtype_name(parse_dtype(name)), name);
  EXPECT_ERROR(ConfigError, parse_dtype("fp32"), "\"fp32\" is unknown");
}

}  // namespace
}  // namespace r1::model
