// Every family and kind of RoPE against transformers: tools/dump_architecture_goldens.py.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>

#include "base/error.h"
#include "base/file.h"
#include "model/checkpoint.h"
#include "model/token_logprobs.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"
#include "tests/model/architecture_goldens.h"

namespace r1::model {
namespace {

namespace fs = std::filesystem;

at::Tensor rows_of(const Json& lists) {
  std::vector<at::Tensor> rows;
  for (const Json& list : lists)
    rows.push_back(at::tensor(list.get<std::vector<double>>(), at::kDouble));
  return at::stack(rows);
}

double largest(const at::Tensor& x) { return x.abs().max().item<double>(); }

class ArchitectureGolden : public testing::TestWithParam<std::string> {
 protected:
  const Json& golden() const {
    for (const Json& golden : architecture_goldens().at("models"))
      if (golden.at("name") == GetParam()) return golden;
    throw std::runtime_error("no golden of that name");
  }
  at::Tensor theirs() const { return rows_of(golden().at("logits")); }
  at::Tensor theirs_bfloat16() const { return rows_of(golden().at("logits_bfloat16")); }

  // At the positions of the goldens, in fp64.
  at::Tensor logits_of(const CausalLM& model) const {
    at::NoGradGuard no_grad;
    const auto tokens = architecture_goldens().at("tokens").get<std::vector<int64_t>>();
    const auto positions = architecture_goldens().at("positions").get<std::vector<int64_t>>();
    const at::Tensor hidden = model.forward(make_flat_batch({tokens}, at::kCPU)).hidden_TD;
    return logits(hidden.index_select(0, at::tensor(positions, at::kLong)), model.lm_head_weight())
        .to(at::kDouble);
  }
  at::Tensor logits_in(at::ScalarType dtype) const {
    return logits_of(*golden_model(golden(), dtype));
  }
};

std::vector<std::string> names() {
  std::vector<std::string> names;
  for (const Json& golden : architecture_goldens().at("models"))
    names.push_back(golden.at("name").get<std::string>());
  return names;
}
INSTANTIATE_TEST_SUITE_P(Of, ArchitectureGolden, testing::ValuesIn(names()),
                         [](const auto& golden) { return golden.param; });

// Some hundred roundings of 6e-8 on both sides, of logits up to ~5.
TEST_P(ArchitectureGolden, Float32) { EXPECT_LT(largest(logits_in(at::kFloat) - theirs()), 1e-5); }

// The goldens have the roundings of fp32, ours here have none.
TEST_P(ArchitectureGolden, Float64) { EXPECT_LT(largest(logits_in(at::kDouble) - theirs()), 1e-5); }

// bfloat16 keeps 8 bits. transformers' own error in it is the measure of what its roundings do to
// these models; two computations that round in different orders differ by about as much.
TEST_P(ArchitectureGolden, Bfloat16) {
  const double rounding = largest(theirs_bfloat16() - theirs());
  const at::Tensor ours = logits_in(at::kBFloat16);
  EXPECT_LT(largest(ours - theirs()), 1.5 * rounding);
  EXPECT_LT(largest(ours - theirs_bfloat16()), rounding);
}

// float16 keeps 11 bits: an eighth of the error, give or take what a maximum varies.
TEST_P(ArchitectureGolden, Float16) {
  const double rounding = largest(theirs_bfloat16() - theirs());
  EXPECT_LT(largest(logits_in(at::kHalf) - theirs()), 2 * rounding / 8);
}

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder))
    files[entry.path().filename()] = read_file(entry.path());
  return files;
}

// With R1_KEEP_CHECKPOINTS=DIR the folders stay there: tools/check_saved_architectures.py loads
// them in transformers.
TEST_P(ArchitectureGolden, SavedLoadedAndSavedAgainIsTheSame) {
  const TempFolder root;
  const char* keep = std::getenv("R1_KEEP_CHECKPOINTS");
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16, at::kHalf}) {
    for (const int64_t shard_bytes : {int64_t{1} << 30, int64_t{20'000}}) {
      const bool sharded = shard_bytes == 20'000;
      const auto name = GetParam() + "-" + dtype_name(dtype) + (sharded ? "-sharded" : "");
      const fs::path a = (keep ? fs::path(keep) : root.path()) / name, b = root / (name + "-again");
      fs::create_directories(a);
      fs::create_directories(b);
      const auto model = golden_model(golden(), dtype);
      save_pretrained(*model, nullptr, a, shard_bytes);
      EXPECT_EQ(fs::exists(a / "model.safetensors.index.json"), sharded);
      const auto loaded = load_pretrained(a, dtype, at::kCPU);
      EXPECT_TRUE(at::equal(logits_of(*loaded), logits_of(*model)));
      save_pretrained(*loaded, nullptr, b, shard_bytes);
      EXPECT_EQ(contents(a), contents(b));
    }
  }
}

TEST(Rope, FrequenciesAreThoseOfTransformers) {
  const Json& cases = architecture_goldens().at("rope");
  EXPECT_EQ(cases.size(), 52u);
  for (const Json& one : cases) {
    const int64_t head_dim = one.at("head_dim").get<int64_t>();
    const Json json = {{"model_type", "llama"},
                       {"vocab_size", 10},
                       {"hidden_size", head_dim},
                       {"intermediate_size", 4},
                       {"num_hidden_layers", 1},
                       {"num_attention_heads", 1},
                       {"rope_parameters", one.at("rope_parameters")}};
    const ModelConfig config = parse_model_config(json, "rope");
    const RopeFrequencies ours =
        rope_frequencies(config.head_dim, config.rope_theta, config.rope_scaling);
    const auto theirs = one.at("inverse").get<std::vector<double>>();
    ASSERT_EQ(ours.inverse.size(), theirs.size());
    for (size_t i = 0; i < theirs.size(); ++i) {
      // Two roundings of 2^-24 in the power (its last bit is the library's own), a few after it.
      EXPECT_NEAR(ours.inverse[i] / theirs[i], 1.0, 5e-7) << i << " of " << dump_json(one);
    }
    EXPECT_FLOAT_EQ(ours.attention_factor, one.at("attention_factor").get<float>())
        << dump_json(one.at("rope_parameters"));
  }
}

// Beyond max_position_embeddings the angles of dynamic RoPE depend on the longest sequence of the
// batch: a token's log-prob would depend on what else is computed with it.
TEST(PositionLimit, DynamicRopeAndSlidingWindowsEndThere) {
  Json json = {{"model_type", "llama"},
               {"vocab_size", 10},
               {"hidden_size", 16},
               {"intermediate_size", 4},
               {"num_hidden_layers", 1},
               {"num_attention_heads", 1},
               {"max_position_embeddings", 8},
               {"rope_scaling", {{"type", "dynamic"}, {"factor", 2.0}}}};
  const auto forward = [&](int64_t length) {
    const auto model = make_model(parse_model_config(json, "x"), at::kFloat, at::kCPU);
    init_weights(*model, 1);
    const std::vector<int64_t> ids(length, 3);
    return model->forward(make_flat_batch({{1}, ids}, at::kCPU)).hidden_TD.size(0);
  };
  EXPECT_EQ(forward(8), 9);
  EXPECT_ERROR(ConfigError, forward(9), "a sequence of 9 tokens: this model is computed up to 8");
  json["rope_scaling"] = nullptr;
  EXPECT_EQ(forward(9), 10);
  json["model_type"] = "mistral";
  json["num_key_value_heads"] = 1;
  json["sliding_window"] = 12;
  EXPECT_EQ(forward(12), 13);
  EXPECT_ERROR(ConfigError, forward(13), "has a sliding_window of that length");
}

}  // namespace
}  // namespace r1::model
