#include "model/checkpoint.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <limits>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "model/safetensors.h"
#include "model/token_logprobs.h"
#include "model/weight_files.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"
#include "tests/model/malformed_indexes.h"
#include "tests/model/peak_memory.h"

namespace r1::model {
namespace {

namespace fs = std::filesystem;
using Tensors = std::vector<std::pair<std::string, at::Tensor>>;

const fs::path kData = fs::path(R1_TEST_DATA) / "model";
constexpr const char* kIndex = "model.safetensors.index.json";

std::unique_ptr<CausalLM> tiny_model(bool tied = false, at::ScalarType dtype = at::kFloat) {
  Json json = parse_json(
      R"({"model_type": "llama", "vocab_size": 40, "hidden_size": 8, "intermediate_size": 12,
      "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "max_position_embeddings": 64})",
      "tiny");
  json["tie_word_embeddings"] = tied;
  auto model = make_model(parse_model_config(json, "tiny"), dtype, at::kCPU);
  init_weights(*model, 7);
  return model;
}

std::unique_ptr<Tokenizer> tiny_tokenizer() {
  return make_sentencepiece_tokenizer(
      train_sentencepiece({"0123456789 +-*/()="}, {.user_defined_symbols = {"<think>"}}));
}

std::unique_ptr<CausalLM> load(const fs::path& folder, at::ScalarType dtype = at::kFloat) {
  return load_pretrained(folder, dtype, at::kCPU);
}

void expect_same_weights(const CausalLM& a, const CausalLM& b) {
  ASSERT_EQ(a.parameters().size(), b.parameters().size());
  for (size_t i = 0; i < a.parameters().size(); ++i) {
    EXPECT_EQ(a.parameters()[i].name, b.parameters()[i].name);
    EXPECT_TRUE(at::equal(a.parameters()[i].tensor, b.parameters()[i].tensor))
        << a.parameters()[i].name;
  }
}

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(folder))
    files[entry.path().filename()] = read_file(entry.path());
  return files;
}

Tensors tensors_of(const fs::path& file) {
  const SafetensorsFile opened(file);
  Tensors tensors;
  for (const std::string& name : opened.names()) tensors.emplace_back(name, opened.tensor(name));
  return tensors;
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::trunc) << text;
}

void write_index(const fs::path& folder, const Json& weight_map) {
  write(folder / kIndex, dump_json(Json{{"weight_map", weight_map}}));
}

// A checkpoint folder as the runner makes it.
void commit_checkpoint(const fs::path& path, const CausalLM& model) {
  AtomicFolder folder(path);
  const auto tokenizer = tiny_tokenizer();
  save_pretrained(model, tokenizer.get(), folder.staging());
  fs::create_directory(folder.staging() / "state");
  write(folder.staging() / "state" / "trainer_state.json", "{\"steps\": 3}");
  folder.commit();
}

// ---- saving and loading ----

TEST(Checkpoint, SavedAndLoadedIsTheSameModel) {
  for (const bool tied : {false, true}) {
    const TempFolder a, b;
    const auto model = tiny_model(tied);
    const auto tokenizer = tiny_tokenizer();
    save_pretrained(*model, tokenizer.get(), a.path());
    const auto loaded = load(a.path());
    expect_same_weights(*model, *loaded);
    save_pretrained(*loaded, load_tokenizer(a.path()).get(), b.path());
    EXPECT_EQ(contents(a.path()), contents(b.path()));
    EXPECT_EQ(weights_sha256(a.path()), weights_sha256(b.path()));
    EXPECT_EQ(contents(a.path()).size(), 7u);
    EXPECT_EQ(SafetensorsFile(a / "model.safetensors").contains("lm_head.weight"), !tied);
    EXPECT_EQ(read_json(a / "config.json").at("dtype"), "float32");
    EXPECT_EQ(read_json(a / "tokenizer_config.json").at("model_max_length"), 64);
    EXPECT_EQ(read_json(a / "generation_config.json").at("eos_token_id"), 2);
  }
}

TEST(Checkpoint, EveryDtype) {
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble, at::kBFloat16, at::kHalf}) {
    const TempFolder folder;
    const auto model = tiny_model(false, dtype);
    save_pretrained(*model, nullptr, folder.path());
    EXPECT_EQ(read_json(folder / "config.json").at("dtype"), dtype_name(dtype));
    expect_same_weights(*model, *load(folder.path(), dtype));
    EXPECT_EQ(load(folder.path(), at::kFloat)->dtype(), at::kFloat);
  }
}

TEST(Checkpoint, LoadingConvertsLikeATensor) {
  const TempFolder folder;
  const auto model = tiny_model();
  save_pretrained(*model, nullptr, folder.path());
  const auto loaded = load(folder.path(), at::kBFloat16);
  for (size_t i = 0; i < model->parameters().size(); ++i) {
    EXPECT_TRUE(
        at::equal(loaded->parameters()[i].tensor, model->parameters()[i].tensor.to(at::kBFloat16)));
  }
}

// 80 and 48 rows are whole tiles of 16, 81 and 40 are not.
TEST(Checkpoint, LoadedForInferenceGivesTheSameBits) {
  for (const at::ScalarType stored : {at::kFloat, at::kBFloat16, at::kHalf})
    for (const bool tied : {false, true})
      for (const auto& [vocab, intermediate] : {std::pair{80, 40}, {81, 48}}) {
        const TempFolder folder;
        const Json json = {{"model_type", "qwen2"},      {"vocab_size", vocab},
                           {"hidden_size", 32},          {"intermediate_size", intermediate},
                           {"num_hidden_layers", 2},     {"num_attention_heads", 2},
                           {"num_key_value_heads", 1},   {"max_position_embeddings", 64},
                           {"tie_word_embeddings", tied}};
        const auto model = make_model(parse_model_config(json, "tiny"), stored, at::kCPU);
        init_weights(*model, 7);
        save_pretrained(*model, nullptr, folder.path());
        const auto wide = load(folder.path());
        const auto narrow = load_for_inference(folder.path(), at::kFloat, at::kCPU);
        const bool tiled = vocab == 80;
        EXPECT_EQ(narrow->dtype(), at::kFloat);
        EXPECT_EQ(narrow->lm_head_weight().dim(), tiled ? 3 : 2);
        EXPECT_EQ(narrow->lm_head_weight().scalar_type(),
                  tiled && stored == at::kBFloat16 ? at::kBFloat16 : at::kFloat);
        for (const int64_t length : {1, 13}) {
          const FlatBatch batch{at::arange(length) * 6, {0, length}, {0}};
          const auto logits_of = [&](const CausalLM& of) {
            at::NoGradGuard no_grad;
            return logits(of.forward(batch).hidden_TD, of.lm_head_weight());
          };
          EXPECT_TRUE(at::equal(logits_of(*narrow), logits_of(*wide)))
              << dtype_name(stored) << " " << tied << " " << vocab << " " << length;
        }
        if (tiled)
          EXPECT_ERROR(InternalError, save_pretrained(*narrow, nullptr, folder.path()),
                       "loaded for inference");
      }
}

TEST(Checkpoint, Shards) {
  const TempFolder folder;
  const auto model = tiny_model();
  save_pretrained(*model, nullptr, folder.path(), 1500);
  const Json index = read_json(folder / kIndex);
  EXPECT_EQ(index.at("metadata").at("total_parameters"), count_parameters(model->config()));
  EXPECT_EQ(index.at("metadata").at("total_size"), 4 * count_parameters(model->config()));
  EXPECT_EQ(index.at("weight_map").size(), model->parameters().size());
  const auto files = weight_files(folder.path());
  ASSERT_GE(files.size(), 4u);
  EXPECT_EQ(files[0].filename(), fmt::format("model-00001-of-{:05}.safetensors", files.size()));
  for (const fs::path& file : files) {
    int64_t bytes = 0;
    for (const auto& [name, tensor] : tensors_of(file))
      bytes += static_cast<int64_t>(tensor.nbytes());
    EXPECT_LE(bytes, 1500);
  }
  EXPECT_FALSE(fs::exists(folder / "model.safetensors"));
  expect_same_weights(*model, *load(folder.path()));
  save_pretrained(*model, nullptr, folder.path(), 1);  // a tensor larger than a shard gets its own
  EXPECT_EQ(weight_files(folder.path()).size(), model->parameters().size());
  save_pretrained(*model, nullptr, folder.path());  // and no shard is left behind
  EXPECT_EQ(weight_files(folder.path()), std::vector<fs::path>{folder / "model.safetensors"});
  EXPECT_EQ(contents(folder.path()).size(), 3u);
}

// Folders that transformers saved, with the logits it computed in float64
// (tools/make_tiny_checkpoints.py). 1e-5: fp32 rounding of logits of size 1 through two layers.
TEST(Checkpoint, LoadsWhatTransformersSaved) {
  for (const char* name : {"tiny_llama", "tiny_qwen2"}) {
    const auto model = load(kData / name);
    const SafetensorsFile golden(kData / name / "golden.safetensors");
    const at::Tensor tokens = golden.tensor("tokens");
    FlatBatch batch{tokens, {0, tokens.numel()}, {0}};
    const at::Tensor ours =
        logits(model->forward(batch).hidden_TD, model->lm_head_weight()).to(at::kDouble);
    EXPECT_LT((ours - golden.tensor("logits")).abs().max().item<double>(), 1e-5) << name;
  }
}

TEST(Checkpoint, SavesTheBytesThatTransformersSaved) {
  const TempFolder folder;
  save_pretrained(*load(kData / "tiny_llama"), nullptr, folder.path());
  EXPECT_EQ(read_file(folder / "model.safetensors"),
            read_file(kData / "tiny_llama" / "model.safetensors"));
  EXPECT_EQ(read_json(folder / "generation_config.json"),
            read_json(kData / "tiny_llama" / "generation_config.json"));
}

TEST(Checkpoint, RefusesToSaveNonFiniteWeights) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity(),
                           -std::numeric_limits<double>::infinity()}) {
    const TempFolder folder;
    const auto model = tiny_model();
    for (const NamedParameter& parameter : model->parameters()) {
      if (parameter.name == "model.layers.1.mlp.up_proj.weight") parameter.tensor[3][2] = bad;
    }
    EXPECT_ERROR(
        CheckpointError, save_pretrained(*model, nullptr, folder.path()),
        "not saved: tensor model.layers.1.mlp.up_proj.weight has values that are not finite");
    EXPECT_TRUE(contents(folder.path()).empty());
  }
}

TEST(Checkpoint, RefusesToSaveIntoNowhere) {
  const TempFolder folder;
  EXPECT_ERROR(CheckpointError, save_pretrained(*tiny_model(), nullptr, folder / "none"),
               "none: No such file or directory");
}

TEST(Checkpoint, RefusesATokenizerThatDoesNotFit) {
  const TempFolder folder;
  std::string text;
  for (char c = '!'; c <= '~'; ++c) text += c;
  const auto tokenizer = make_sentencepiece_tokenizer(train_sentencepiece({text}, {}));
  EXPECT_ERROR(CheckpointError, save_pretrained(*tiny_model(), tokenizer.get(), folder.path()),
               "the tokenizer has 98 tokens, the model only 40 embeddings");
}

// ---- what load_pretrained refuses ----

TEST(CheckpointRefuses, MissingSurplusAndWrongTensors) {
  const TempFolder folder;
  save_pretrained(*tiny_model(), nullptr, folder.path());
  const fs::path file = folder / "model.safetensors";
  const Tensors good = tensors_of(file);
  const auto with = [&](const std::function<void(Tensors&)>& change) {
    Tensors tensors = good;
    change(tensors);
    write_safetensors(file, tensors);
    return load(folder.path());
  };
  const auto named = [](Tensors& tensors, const std::string& name) -> at::Tensor& {
    for (auto& [key, tensor] : tensors) {
      if (key == name) return tensor;
    }
    throw std::runtime_error(name);
  };
  const std::string norm = "model.norm.weight";
  EXPECT_ERROR(CheckpointError, with([](Tensors& t) { t.erase(t.begin()); }),
               "1 tensors are missing: \"lm_head.weight\"; are");
  EXPECT_ERROR(CheckpointError, with([](Tensors& t) { t.clear(); }), " and 16 more");
  EXPECT_ERROR(CheckpointError,
               with([](Tensors& t) { t.emplace_back("score.weight", at::ones({1})); }),
               "1 tensors are not part of it: \"score.weight\"");
  EXPECT_ERROR(CheckpointError, with([&](Tensors& t) { named(t, norm) = at::ones({9}); }),
               "tensor \"model.norm.weight\": its shape is [9], config.json asks for [8]");
  EXPECT_ERROR(CheckpointError, with([&](Tensors& t) { named(t, norm) = at::ones({8}, at::kInt); }),
               "tensor \"model.norm.weight\": its type is Int, weights are floating point");
  write_safetensors(file, good);
  for (const double bad : {std::nan(""), double{INFINITY}, double{-INFINITY}}) {
    const SafetensorsFile offsets(file);
    const std::string place =
        fmt::format("model.safetensors: byte {}: ", offsets.byte_offset(norm) + 8);
    const auto load_bad = [&] { with([&](Tensors& t) { named(t, norm)[2] = bad; }); };
    EXPECT_ERROR(CheckpointError, load_bad(), place);
    EXPECT_ERROR(CheckpointError, load_bad(),
                 "tensor \"model.norm.weight\": has values that are not finite");
    EXPECT_ERROR(CheckpointError, load_bad(), "[not_finite]");
  }
  with([&](Tensors& t) { named(t, norm)[2] = 1e5; });
  EXPECT_ERROR(CheckpointError, load(folder.path(), at::kHalf),
               "has values that float16 cannot hold; load it as bfloat16");
  with([](Tensors& t) {
    t.emplace_back("model.layers.0.self_attn.rotary_emb.inv_freq", at::ones({2}));
  });
}

// A config.json may ask for more memory than there is; what counts is what the files hold.
TEST(CheckpointRefuses, AConfigBeyondTheWeightsBeforeItTakesMemory) {
  const TempFolder folder;
  save_pretrained(*tiny_model(), nullptr, folder.path());
  Json config = read_json(folder / "config.json");
  config["hidden_size"] = config["intermediate_size"] = 10'000'000;
  write(folder / "config.json", dump_json(config));
  reset_peak_memory();
  const int64_t before = peak_memory();
  EXPECT_ERROR(CheckpointError, load(folder.path()), "[wrong_shape]");
  config["num_hidden_layers"] = 10'000;
  config["hidden_size"] = 8;
  write(folder / "config.json", dump_json(config));
  EXPECT_ERROR(CheckpointError, load(folder.path()), "tensors are missing");
  EXPECT_LT(peak_memory() - before, 200 << 20);  // 90,000 tensors without storage
}

// Memory beyond the weights stays below one tensor, with and without conversion.
TEST(Checkpoint, LoadsInPieces) {
  const TempFolder folder;
  ModelConfig config = tiny_model()->config();
  config.vocab_size = 400'000;
  config.hidden_size = 64;  // 102 MB each for the embedding and the head
  {
    const auto model = make_model(config, at::kFloat, at::kCPU);
    init_weights(*model, 1);
    save_pretrained(*model, nullptr, folder.path());
  }
  for (const at::ScalarType dtype : {at::kFloat, at::kBFloat16}) {
    reset_peak_memory();
    const int64_t before = peak_memory();
    const auto model = load(folder.path(), dtype);
    int64_t weights = 0;
    for (const NamedParameter& parameter : model->parameters())
      weights += static_cast<int64_t>(parameter.tensor.nbytes());
    EXPECT_LT(peak_memory() - before, weights + (30 << 20)) << dtype_name(dtype);
  }
}

TEST(CheckpointRefuses, ATiedHeadThatDiffers) {
  const TempFolder folder;
  save_pretrained(*tiny_model(true), nullptr, folder.path());
  const fs::path file = folder / "model.safetensors";
  Tensors tensors = tensors_of(file);
  const at::Tensor embedding = SafetensorsFile(file).tensor("model.embed_tokens.weight");
  tensors.emplace_back("lm_head.weight", embedding);
  write_safetensors(file, tensors);
  expect_same_weights(*tiny_model(true), *load(folder.path()));
  tensors.back().second = embedding + 1;
  write_safetensors(file, tensors);
  EXPECT_ERROR(CheckpointError, load(folder.path()),
               "lm_head.weight differs from model.embed_tokens.weight");
}

TEST(CheckpointRefuses, MissingAndDamagedFiles) {
  const TempFolder folder;
  EXPECT_ERROR(CheckpointError, load(folder / "none"), "none: no such folder");
  EXPECT_ERROR(CheckpointError, load(folder.path()),
               "has neither model.safetensors nor model.safetensors.index.json");
  write(folder / "pytorch_model.bin", "x");
  EXPECT_ERROR(CheckpointError, load(folder.path()),
               "pytorch_model.bin cannot be read, save the model as safetensors");
  save_pretrained(*tiny_model(), nullptr, folder.path());
  fs::resize_file(folder / "model.safetensors", fs::file_size(folder / "model.safetensors") - 1);
  EXPECT_ERROR(CheckpointError, load(folder.path()), "model.safetensors: byte ");
  save_pretrained(*tiny_model(), nullptr, folder.path());
  fs::remove(folder / "config.json");
  EXPECT_ERROR(CheckpointError, load(folder.path()), "config.json");
}

TEST(CheckpointRefuses, MalformedIndexesEachWithItsCode) {
  for (const MalformedFile& malformed : malformed_indexes()) {
    EXPECT_ERROR(CheckpointError, parse_weight_index(malformed.bytes, "index"), malformed.message);
    EXPECT_ERROR(CheckpointError, parse_weight_index(malformed.bytes, "index"),
                 fmt::format(" [{}]", malformed.code));
  }
}

TEST(CheckpointRefuses, PathsOutsideTheFolder) {
  const TempFolder folder, outside;
  const auto model = tiny_model();
  save_pretrained(*model, nullptr, folder.path(), 1500);
  fs::copy(folder.path() / "model-00001-of-00005.safetensors", outside / "x.safetensors");
  const Json good = read_json(folder / kIndex).at("weight_map");
  std::vector<std::string> names = path_attacks();
  names.push_back((outside / "x.safetensors").string());
  EXPECT_GE(names.size(), 12u);
  for (const std::string& name : names) {
    Json map = good;
    map["model.norm.weight"] = name;
    write_index(folder.path(), map);
    EXPECT_ERROR(CheckpointError, load(folder.path()),
                 "a plain file name ending in .safetensors is needed [bad_path]");
  }
  Json map = good;
  map["model.norm.weight"] = 5;
  write_index(folder.path(), map);
  EXPECT_ERROR(CheckpointError, load(folder.path()),
               "\"model.norm.weight\": expected a file name, found number");
}

TEST(CheckpointRefuses, LinksOutOfTheFolder) {
  const TempFolder root;
  const fs::path folder = root / "model", outside = root / "elsewhere";
  fs::create_directories(folder);
  fs::create_directories(outside);
  const auto model = tiny_model();
  save_pretrained(*model, nullptr, folder);
  fs::rename(folder / "model.safetensors", outside / "secret");
  fs::create_symlink("../elsewhere/secret", folder / "model.safetensors");
  EXPECT_ERROR(CheckpointError, load(folder), "is a link to ");
  EXPECT_ERROR(CheckpointError, load(folder), "[outside_folder]");
  fs::remove(folder / "model.safetensors");
  fs::rename(outside / "secret", folder / "real");
  fs::create_symlink("real", folder / "model.safetensors");  // within the folder is fine
  expect_same_weights(*model, *load(folder));
  fs::create_symlink(folder, root / "alias");  // and so is a folder that is itself a link
  expect_same_weights(*model, *load(root / "alias"));
  fs::remove(folder / "real");
  EXPECT_ERROR(CheckpointError, load(folder), "has neither");
}

// models--org--name/snapshots/<revision>/model.safetensors -> ../../blobs/<hash>
TEST(Checkpoint, LoadsFromTheHuggingFaceCache) {
  const TempFolder root;
  const fs::path snapshot = root.path() / "models--a--b" / "snapshots" / "123",
                 blobs = root.path() / "models--a--b" / "blobs";
  fs::create_directories(snapshot);
  fs::create_directories(blobs);
  const auto model = tiny_model();
  save_pretrained(*model, nullptr, snapshot);
  fs::rename(snapshot / "model.safetensors", blobs / "abc");
  fs::create_symlink("../../blobs/abc", snapshot / "model.safetensors");
  expect_same_weights(*model, *load(snapshot));
  fs::rename(blobs / "abc", root.path() / "abc");
  fs::remove(snapshot / "model.safetensors");
  fs::create_symlink("../../../abc", snapshot / "model.safetensors");
  EXPECT_ERROR(CheckpointError, load(snapshot), "outside the model's folder");
}

TEST(CheckpointRefuses, IndexAndShardsThatDisagree) {
  const TempFolder folder;
  save_pretrained(*tiny_model(), nullptr, folder.path(), 1500);
  const Json good = read_json(folder / kIndex).at("weight_map");
  Json map = good;
  map["model.extra"] = good.at("model.norm.weight");
  write_index(folder.path(), map);
  EXPECT_ERROR(CheckpointError, load(folder.path()), "has no tensor \"model.extra\", though");
  map = good;
  map.erase("model.norm.weight");
  write_index(folder.path(), map);
  EXPECT_ERROR(CheckpointError, load(folder.path()), "holds tensor \"model.norm.weight\", which");
  map = good;
  map["model.norm.weight"] = good.at("model.embed_tokens.weight");
  write_index(folder.path(), map);
  EXPECT_ERROR(CheckpointError, load(folder.path()), "lists elsewhere");
  map = good;
  map["model.norm.weight"] = "model-00009-of-00009.safetensors";
  write_index(folder.path(), map);
  EXPECT_ERROR(CheckpointError, load(folder.path()),
               "model-00009-of-00009.safetensors: cannot open");
  for (const char* text : {"{}", "[]", R"({"weight_map": {}})", R"({"weight_map": []})"}) {
    write(folder / kIndex, text);
    EXPECT_ERROR(CheckpointError, load(folder.path()), "expected an object \"weight_map\"");
  }
  write(folder / kIndex, R"({"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}})");
  EXPECT_ERROR(CheckpointError, load(folder.path()), "cannot read the index of the weight files");
}

// ---- side files ----

TEST(Checkpoint, FilesOfTheTokenizerTravelUnchanged) {
  const TempFolder a, b, c;
  const auto tokenizer = tiny_tokenizer();
  save_pretrained(*tiny_model(), tokenizer.get(), a.path());
  write(a / "chat_template.jinja", "{{ messages }}");
  write(a / "added_tokens.json", "{ }");
  write(a / "tokenizer_config.json", R"({"chat_template":"x",  "model_max_length": 99})");
  write(a / "generation_config.json", R"({"eos_token_id": [2, 3], "temperature": 0.6})");
  const auto model = load(a.path());
  save_pretrained(*model, load_tokenizer(a.path()).get(), b.path());
  for (const char* name : {"chat_template.jinja", "added_tokens.json", "tokenizer_config.json",
                           "special_tokens_map.json", "tokenizer.model"})
    EXPECT_EQ(read_file(b / name), read_file(a / name)) << name;
  EXPECT_EQ(read_json(b / "generation_config.json"), read_json(a / "generation_config.json"));
  // Another tokenizer has nothing to do with them.
  const auto other = make_sentencepiece_tokenizer(train_sentencepiece({"0123456789"}, {}));
  save_pretrained(*model, other.get(), c.path());
  EXPECT_FALSE(fs::exists(c / "chat_template.jinja"));
  EXPECT_NE(read_file(c / "tokenizer_config.json"), read_file(a / "tokenizer_config.json"));
}

// ---- hashes and damage ----

TEST(WeightsSha256, ChangesExactlyWithTheWeights) {
  const TempFolder a, b;
  const auto model = tiny_model();
  save_pretrained(*model, nullptr, a.path());
  const auto tokenizer = tiny_tokenizer();
  save_pretrained(*model, tokenizer.get(), b.path());
  EXPECT_EQ(weights_sha256(a.path()), weights_sha256(b.path()));
  EXPECT_EQ(weights_sha256(a.path()),
            sha256_hex(sha256_hex(read_file(a / "model.safetensors")) + "  model.safetensors\n"));
  model->parameters()[5].tensor.view({-1})[3] += 1e-6;
  save_pretrained(*model, nullptr, b.path());
  EXPECT_NE(weights_sha256(a.path()), weights_sha256(b.path()));
  EXPECT_ERROR(CheckpointError, weights_sha256(a / "none"), "no such folder");
}

// One bit at each of 40 places of every file, and every file missing, cut or longer.
TEST(Checkpoint, VerifyFindsEveryDamage) {
  const TempFolder root;
  const fs::path checkpoint = root / "checkpoint-3";
  commit_checkpoint(checkpoint, *tiny_model());
  ASSERT_EQ(verify_folder(checkpoint), "");
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(checkpoint)) {
    if (!entry.is_regular_file() || entry.path().filename() == "manifest.json") continue;
    const std::string good = read_file(entry.path());
    const auto damage = [&](const std::string& bytes) {
      std::ofstream(entry.path(), std::ios::binary | std::ios::trunc) << bytes;
      return verify_folder(checkpoint);
    };
    for (size_t i = 0; i < 40; ++i) {
      std::string bytes = good;
      bytes[(i * 7919) % bytes.size()] ^= static_cast<char>(1 << (i % 8));
      EXPECT_NE(damage(bytes).find(entry.path().filename().string() + ": SHA-256 differs"),
                std::string::npos);
    }
    EXPECT_NE(damage(good.substr(0, good.size() - 1)).find(" bytes instead of "),
              std::string::npos);
    EXPECT_NE(damage(good + "x").find(" bytes instead of "), std::string::npos);
    EXPECT_EQ(damage(good), "");
    ++files;
  }
  EXPECT_EQ(files, 8);
}

// ---- the checkpoints of a stage ----

TEST(LatestCheckpoint, TheHighestStepThatVerifies) {
  const TempFolder stage;
  const auto model = tiny_model();
  EXPECT_TRUE(latest_checkpoint(stage.path()).empty());
  EXPECT_TRUE(latest_checkpoint(stage / "none").empty());
  for (const char* name : {"checkpoint-9", "checkpoint-10", "checkpoint-100"})
    commit_checkpoint(stage / name, *model);
  for (const char* name : {"checkpoint-", "checkpoint-011", "checkpoint-12.tmp", "checkpoint--5",
                           "checkpoint-1e3", "best", "checkpoint-99999999999999999999"}) {
    fs::create_directory(stage / name);
  }
  write(stage / "checkpoint-200", "a file");
  EXPECT_EQ(latest_checkpoint(stage.path()), stage / "checkpoint-100");
  fs::resize_file(stage / "checkpoint-100" / "model.safetensors", 10);
  std::vector<std::string> skipped;
  EXPECT_EQ(latest_checkpoint(stage.path(), &skipped), stage / "checkpoint-10");
  ASSERT_EQ(skipped.size(), 1u);
  EXPECT_NE(skipped[0].find("checkpoint-100: model.safetensors: 10 bytes instead of"),
            std::string::npos)
      << skipped[0];
  fs::remove(stage / "checkpoint-10" / "manifest.json");
  fs::remove_all(stage / "checkpoint-9" / "state");
  skipped.clear();
  EXPECT_TRUE(latest_checkpoint(stage.path(), &skipped).empty());
  EXPECT_EQ(skipped.size(), 3u);
}

TEST(LatestCheckpoint, FinishesAnInterruptedReplacement) {
  const TempFolder stage;
  commit_checkpoint(stage / "checkpoint-5", *tiny_model());
  fs::rename(stage / "checkpoint-5", stage / "checkpoint-5.old");
  EXPECT_EQ(latest_checkpoint(stage.path()), stage / "checkpoint-5");
  EXPECT_FALSE(fs::exists(stage / "checkpoint-5.old"));
}

TEST(CheckpointStep, IsInTheName) {
  EXPECT_EQ(checkpoint_step("run/checkpoint-120"), 120);
  EXPECT_EQ(checkpoint_step("run/checkpoint-0/"), 0);
  for (const char* name :
       {"run", "checkpoint-", "checkpoint-1x", "checkpoint-01", "my-checkpoint-1", ""}) {
    EXPECT_ERROR(CheckpointError, checkpoint_step(name), "its name must be checkpoint-N");
  }
}

TEST(RotateCheckpoints, KeepsTheNewestAndTheBest) {
  const TempFolder stage;
  const auto refill = [&] {
    for (int step : {5, 10, 15, 20, 100})
      fs::create_directories(stage / fmt::format("checkpoint-{}", step) / "state");
    fs::create_directories(stage / "other");
  };
  const auto steps = [&] {
    std::set<int64_t> found;
    for (const auto& entry : fs::directory_iterator(stage.path())) {
      if (entry.path().filename() != "other") found.insert(checkpoint_step(entry.path()));
    }
    return found;
  };
  refill();
  rotate_checkpoints(stage.path(), 0);
  EXPECT_EQ(steps().size(), 5u);
  rotate_checkpoints(stage.path(), 5);
  EXPECT_EQ(steps().size(), 5u);
  rotate_checkpoints(stage.path(), 2);
  EXPECT_EQ(steps(), (std::set<int64_t>{20, 100}));
  refill();
  rotate_checkpoints(stage.path(), 2, stage / "checkpoint-10");
  EXPECT_EQ(steps(), (std::set<int64_t>{10, 100}));
  refill();
  rotate_checkpoints(stage.path(), 1, stage / "checkpoint-10");  // never the newest, never the best
  EXPECT_EQ(steps(), (std::set<int64_t>{10, 100}));
  refill();
  rotate_checkpoints(stage.path(), 1);
  EXPECT_EQ(steps(), std::set<int64_t>{100});
  EXPECT_TRUE(fs::exists(stage / "other"));
  rotate_checkpoints(stage / "none", 1);
  EXPECT_ERROR(CheckpointError, rotate_checkpoints(stage.path(), 1, stage / "best"),
               "its name must be checkpoint-N");
}

}  // namespace
}  // namespace r1::model
