// Stage pretrain: a new model, with a tokenizer trained on its corpus. Stage sft: more supervised
// training of a model there is.
#include <fmt/format.h>

#include "base/file.h"
#include "base/progress.h"
#include "model/checkpoint.h"
#include "recipes/sft_run.h"
#include "recipes/stages.h"

namespace r1::recipes {
namespace {
namespace fs = std::filesystem;

// The shape of a model that starts from nothing; names are config.json's.
struct ModelShape {
  std::string model_type = "llama";
  int64_t hidden_size = 128, intermediate_size = 352, num_hidden_layers = 4,
          num_attention_heads = 4, num_key_value_heads = 4;
  int64_t max_position_embeddings = 256;
  double rope_theta = 10000, rms_norm_eps = 1e-6, initializer_range = 0.02;
  bool tie_word_embeddings = true;

  template <class V>
  void visit(V& v) {
    v.field("model_type", model_type, "architecture", OneOf{"llama", "qwen2"});
    v.field("hidden_size", hidden_size, "width of the residual stream", Range{1, 1e6});
    v.field("intermediate_size", intermediate_size, "width of the SwiGLU layer", Range{1, 1e7});
    v.field("num_hidden_layers", num_hidden_layers, "decoder layers", Range{1, 1e4});
    v.field("num_attention_heads", num_attention_heads, "query heads", Range{1, 1e4});
    v.field("num_key_value_heads", num_key_value_heads, "key and value heads", Range{1, 1e4});
    v.field("max_position_embeddings", max_position_embeddings, "context, in tokens",
            Range{1, 1e8});
    v.field("rope_theta", rope_theta, "base of the rotary angles", Range{1.0, 1e12});
    v.field("rms_norm_eps", rms_norm_eps, "added to the mean square", Range{0.0, 1.0});
    v.field("initializer_range", initializer_range, "standard deviation of new matrices",
            Range{0.0, 10.0});
    v.field("tie_word_embeddings", tie_word_embeddings, "the head is the embedding");
  }
};

model::ModelConfig to_model_config(const ModelShape& shape, const model::Tokenizer& tokenizer,
                                   const std::string& dtype) {
  Json json = write_config(shape);
  json["vocab_size"] = tokenizer.vocab_size();
  json["bos_token_id"] = tokenizer.bos_id();
  json["eos_token_id"] = tokenizer.eos_id();
  json["pad_token_id"] = tokenizer.pad_id();
  json["hidden_act"] = "silu";
  json["dtype"] = dtype;
  return model::parse_model_config(json, "stage pretrain: model");
}

struct PretrainConfig {
  std::string data;
  std::string corpus = "corpus.jsonl", corpus_validation = "corpus_validation.jsonl";
  std::string tokenizer;
  std::vector<std::string> special_tokens = {"<think>", "</think>", "<answer>", "</answer>"};
  ModelShape model;
  SftRunConfig training;

  template <class V>
  void visit(V& v) {
    v.field("data", data, "stage or folder that holds the corpus", Required{});
    v.field("corpus", corpus, "training file in it");
    v.field("corpus_validation", corpus_validation, "validation file in it; empty: none");
    v.field("tokenizer", tokenizer,
            "stage or folder whose tokenizer is used; empty: a character model is trained on the "
            "corpus");
    v.field("special_tokens", special_tokens, "one token each in a tokenizer that is trained here");
    v.field("model", model, "shape of the new model");
    training.visit(v);
  }
};

class Pretrain : public ConfiguredStage<PretrainConfig> {
 public:
  using ConfiguredStage::ConfiguredStage;
  std::vector<StageInput> inputs() const override {
    return {{"data", config_.data, "data"}, {"tokenizer", config_.tokenizer, "tokenizer"}};
  }
  std::string output() const override { return "model"; }
  std::vector<std::string> neutral_keys() const override {
    return {"save_steps", "save_total_limit", "logging_steps"};
  }

  Artifact run(const StageContext& context) override {
    const fs::path data = context.input("data", config_.data, "data").folder;
    Policy policy;
    policy.tokenizer = config_.tokenizer.empty()
                           ? train_tokenizer(data / config_.corpus)
                           : model::load_tokenizer(
                                 context.input("tokenizer", config_.tokenizer, "tokenizer").folder);
    policy.model = model::make_model(
        to_model_config(config_.model, *policy.tokenizer, model::dtype_name(context.dtype)),
        context.dtype, context.device);
    model::init_weights(*policy.model, context.seed);
    return run_sft(context, std::move(policy), data / config_.corpus,
                   config_.corpus_validation.empty() ? "" : data / config_.corpus_validation,
                   config_.training);
  }

 private:
  std::unique_ptr<model::Tokenizer> train_tokenizer(const fs::path& corpus) const {
    constexpr int64_t kRows = 20'000;  // show every character of a corpus, at a third of the time
    std::vector<std::string> texts;
    read_jsonl(
        corpus,
        [&](const Json& row, int64_t) {
          std::string text;
          for (const char* field : {"text", "prompt", "completion"})
            if (row.contains(field)) text += row[field].get<std::string>();
          texts.push_back(std::move(text));
        },
        kRows);
    model::TokenizerTraining training;
    training.user_defined_symbols = config_.special_tokens;
    return model::make_sentencepiece_tokenizer(model::train_sentencepiece(texts, training));
  }
};

struct SftConfig {
  std::string model, data;
  std::string train_file = "train.jsonl", validation_file;
  SftRunConfig training;

  template <class V>
  void visit(V& v) {
    v.field("model", model, "stage or folder of the model to train", Required{});
    v.field("data", data, "stage or folder that holds the rows", Required{});
    v.field("train_file", train_file, "training file in it");
    v.field("validation_file", validation_file, "validation file in it; empty: none");
    training.visit(v);
  }
};

class Sft : public ConfiguredStage<SftConfig> {
 public:
  using ConfiguredStage::ConfiguredStage;
  std::vector<StageInput> inputs() const override {
    return {{"model", config_.model, "model"}, {"data", config_.data, "data"}};
  }
  std::string output() const override { return "model"; }
  std::vector<std::string> neutral_keys() const override {
    return {"save_steps", "save_total_limit", "logging_steps"};
  }
  Artifact run(const StageContext& context) override {
    const fs::path data = context.input("data", config_.data, "data").folder;
    return run_sft(context, load_policy(context, "model", config_.model), data / config_.train_file,
                   config_.validation_file.empty() ? "" : data / config_.validation_file,
                   config_.training);
  }
};

}  // namespace

StageType pretrain_stage() {
  return stage_type<Pretrain>("pretrain", "a new model trained on a corpus, with its tokenizer");
}
StageType sft_stage() {
  return stage_type<Sft>(
      "sft",
      "supervised fine-tuning of a model on texts, prompts with completions, or conversations");
}

}  // namespace r1::recipes
