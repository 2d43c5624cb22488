// The loop of supervised training that pretrain, sft and distill share: shuffle, step, log,
// validate, save, resume.
#pragma once

#include <filesystem>

#include "model/causal_lm.h"
#include "model/optimizer.h"
#include "model/tokenizer.h"
#include "recipes/checkpointing.h"
#include "recipes/stage.h"

namespace r1::recipes {

struct SftRunConfig {
  double num_train_epochs = 1;
  int64_t max_steps = 0;
  int64_t train_batch_size = 32;
  int64_t micro_batch_tokens = 8192;
  int64_t max_length = 1024;
  bool completion_only_loss = true;
  bool assistant_only_loss = true;
  std::filesystem::path chat_template;
  bool add_bos = true;
  bool add_eos = true;
  int64_t eval_steps = 200;
  int64_t eval_rows = 500;
  int64_t logging_steps = 10;
  model::OptimizerConfig optimizer;
  SaveConfig save;

  template <class V>
  void visit(V& v) {
    v.field("num_train_epochs", num_train_epochs, "passes over the data", Range{0.0, 1e6});
    v.field("max_steps", max_steps, "optimizer steps; 0: num_train_epochs decides", Range{0, 1e12});
    v.field("train_batch_size", train_batch_size, "sequences of one optimizer step", Range{1, 1e6});
    v.field("micro_batch_tokens", micro_batch_tokens, "tokens of one forward and backward",
            Range{1, 1e9});
    v.field("max_length", max_length, "longer sequences are cut", Range{2, 1e9});
    v.field("completion_only_loss", completion_only_loss, "rows with a prompt: no loss on it");
    v.field("assistant_only_loss", assistant_only_loss,
            "conversations: loss on what the assistant wrote only (TRL's default is false)");
    v.field("chat_template", chat_template,
            "file with the chat template for training, such as one with {% generation %} blocks; empty: "
            "the model's own");
    v.field("add_bos", add_bos, "begin sequences with the tokenizer's bos token");
    v.field("add_eos", add_eos, "end sequences with its eos token");
    v.field("eval_steps", eval_steps, "validation loss every so many steps; 0: at the end only",
            Range{0, 1e12});
    v.field("eval_rows", eval_rows, "rows of the validation file that are used; 0: all",
            Range{0, 1e9});
    v.field("logging_steps", logging_steps,
            "metrics are averaged over and written every so many steps", Range{1, 1e9});
    optimizer.visit(v);
    save.visit(v);
  }
};

// Trains `policy` on rows of train_file (formats of sft/dataset.h), continuing from the stage
// folder's last checkpoint. eval_file may be empty. Returns the final checkpoint as an artifact:
// train_loss, eval_loss, steps, tokens, sha256.
Artifact run_sft(const StageContext& context, Policy policy,
                 const std::filesystem::path& train_file, const std::filesystem::path& eval_file,
                 const SftRunConfig& config);

}  // namespace r1::recipes
