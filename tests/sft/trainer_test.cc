#include "sft/trainer.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>

#include "base/error.h"
#include "tests/base/expect_error.h"
#include "tests/sft/letter_tokenizer.h"

namespace r1::sft {
namespace {

std::unique_ptr<model::CausalLM> small_model(at::ScalarType dtype) {
  model::ModelConfig config;
  config.vocab_size = LetterTokenizer::kVocab;
  config.hidden_size = 32;
  config.intermediate_size = 48;
  config.num_hidden_layers = 1;
  config.num_attention_heads = 4;
  config.num_key_value_heads = 2;
  config.head_dim = 8;
  config.max_position_embeddings = 64;
  config.initializer_range = 0.1;
  auto model = model::make_model(config, dtype, at::kCPU);
  model::init_weights(*model, 3);
  return model;
}

std::vector<Example> corpus() {
  std::vector<Example> examples;
  for (const char* row :
       {R"({"text": "3 + 4 = 7"})", R"({"text": "the quick fox"})", R"({"prompt": "12 - ", "completion": "5 = 7"})"})
    examples.push_back(make_example(JsonlRow{parse_json(row, "row"), "row", 1, 0, {}}, {LetterTokenizer()}, {}));
  return examples;
}

std::vector<const Example*> pointers(const std::vector<Example>& examples) {
  std::vector<const Example*> all;
  for (const Example& example : examples) all.push_back(&example);
  return all;
}

TEST(SftTrainer, LossOfAZeroModelIsTheLogOfTheVocabulary) {
  const auto model = small_model(at::kDouble);
  for (const auto& parameter : model->parameters()) parameter.tensor.detach().zero_();
  EXPECT_NEAR(validation_loss(*model, corpus(), 1000), std::log(132.0), 1e-12);
}

TEST(SftTrainer, ValidationLossIsTheMeanOverTargetTokens) {
  const auto model = small_model(at::kDouble);
  const std::vector<Example> examples = corpus();  // 10, 14 and 6 target tokens
  const double one = validation_loss(*model, {examples[0]}, 1000);
  const double two = validation_loss(*model, {examples[1]}, 1000);
  const double three = validation_loss(*model, {examples[2]}, 1000);
  const double all = (10 * one + 14 * two + 6 * three) / 30;
  for (int64_t micro_batch_tokens : {1, 25, 1000})
    EXPECT_NEAR(validation_loss(*model, examples, micro_batch_tokens), all, 1e-12);
}

TEST(SftTrainer, StepReportsTheLossBeforeItWhateverTheSplit) {
  const std::vector<Example> examples = corpus();
  double grad_norm = 0;
  for (int64_t micro_batch_tokens : {1000, 1, 25}) {
    const auto model = small_model(at::kDouble);
    const double before = validation_loss(*model, examples, 1000);
    model::Trainer trainer(*model, {}, 1);
    const auto result = train_step(*model, trainer, pointers(examples), micro_batch_tokens);
    EXPECT_NEAR(result.loss, before, 1e-12);
    if (grad_norm == 0) grad_norm = result.grad_norm;
    EXPECT_NEAR(result.grad_norm / grad_norm, 1, 1e-11);
    EXPECT_EQ(trainer.steps(), 1);
  }
}

TEST(SftTrainer, LearnsThreeLinesByHeart) {
  const auto model = small_model(at::kFloat);
  const std::vector<Example> examples = corpus();
  model::OptimizerConfig optimizer;
  optimizer.learning_rate = 1e-2;
  model::Trainer trainer(*model, optimizer, 120);
  EXPECT_GT(validation_loss(*model, examples, 1000), 4);
  for (int step = 0; step < 120; ++step) train_step(*model, trainer, pointers(examples), 1000);
  // Either text may follow <s>, so their first letters cost ln 2 each: 2 ln 2 of 30 tokens = 0.046
  // cannot be learnt, everything else can.
  EXPECT_LT(validation_loss(*model, examples, 1000), 0.06);
}

TEST(SftTrainer, PromptTokensGetNoLoss) {
  const auto model = small_model(at::kDouble);
  Example masked = corpus()[2];
  EXPECT_EQ(masked.num_targets(), 6);
  Example whole = masked;
  whole.loss_mask.assign(whole.ids.size(), true);
  whole.loss_mask[0] = false;
  Example prompt_only = whole;
  for (size_t t = 6; t < prompt_only.loss_mask.size(); ++t) prompt_only.loss_mask[t] = false;
  const double sum = 6 * validation_loss(*model, {masked}, 1000) + 5 * validation_loss(*model, {prompt_only}, 1000);
  EXPECT_NEAR(sum, 11 * validation_loss(*model, {whole}, 1000), 1e-11);
}

TEST(SftTrainer, NothingToTrainOnIsAnError) {
  const auto model = small_model(at::kFloat);
  model::Trainer trainer(*model, {}, 1);
  EXPECT_ERROR(InternalError, train_step(*model, trainer, {}, 1000), "no target tokens");
  EXPECT_ERROR(InternalError, validation_loss(*model, {}, 1000), "no target tokens");
}

}  // namespace
}  // namespace r1::sft
