// The keys of a grpo stage. Names follow TRL's GRPOConfig where it has one.
#pragma once

#include <string>

#include "grpo/advantage.h"
#include "grpo/update.h"
#include "recipes/checkpointing.h"
#include "recipes/prompt_format.h"
#include "rewards/rubric.h"
#include "rollout/engine.h"

namespace r1::recipes {

struct GrpoConfig {
  std::string model, data;
  std::string train_file = "train.jsonl", eval_file;
  int64_t max_steps = 100;
  int64_t generation_batch_size = 256;
  int64_t num_generations = 8;
  int64_t steps_per_generation = 1;
  int64_t num_iterations = 1;
  int64_t max_completion_length = 256;
  rollout::SamplingConfig sampling;
  std::vector<std::string> stop_strings;
  bool add_bos = true;
  PromptConfig prompt;
  rewards::RubricConfig rubric;
  bool mask_truncated_completions = false;
  grpo::AdvantageConfig advantage;
  grpo::LossConfig loss;
  grpo::UpdateConfig update;
  bool sync_ref_model = false;
  int64_t ref_model_sync_steps = 512;
  model::OptimizerConfig optimizer;
  SaveConfig save;
  int64_t eval_steps = 0;
  int64_t eval_problems = 128;
  int64_t eval_generations = 4;
  bool load_best_model_at_end = false;
  int64_t num_completions_to_print = 2;
  int64_t logging_steps = 10;
  rollout::EngineConfig engine;

  template <class V>
  void visit(V& v) {
    v.field("model", model, "stage or folder of the policy to start from", Required{});
    v.field("data", data, "stage or folder that holds the prompts", Required{});
    v.field("train_file", train_file, "rows {\"prompt\", ...reference fields of the rewards}");
    v.field("eval_file", eval_file, "rows for evaluation during training; empty: none");
    v.field("max_steps", max_steps, "generations of the run, each followed by its optimizer steps",
            Range{1, 1e12});
    v.field("generation_batch_size", generation_batch_size,
            "completions of one generation: prompts times num_generations", Range{1, 1e7});
    v.field("num_generations", num_generations, "completions per prompt: the group", Range{1, 1e5});
    v.field("steps_per_generation", steps_per_generation,
            "optimizer steps one generation is split into", Range{1, 1e5});
    v.field("num_iterations", num_iterations, "passes over a generation (mu of the GRPO paper)",
            Range{1, 1000});
    v.field("max_completion_length", max_completion_length, "tokens a completion may have",
            Range{1, 1e8});
    sampling.visit(v);
    v.field("stop_strings", stop_strings, "texts that end a completion");
    v.field("add_bos", add_bos, "begin prompts with the tokenizer's bos token");
    prompt.visit(v);
    rubric.visit(v);
    v.field("mask_truncated_completions", mask_truncated_completions,
            "completions cut by length stay out of the loss (DAPO's overlong filtering)");
    advantage.visit(v);
    loss.visit(v);
    update.visit(v);
    v.field("sync_ref_model", sync_ref_model,
            "replace the reference policy by the current one every ref_model_sync_steps steps "
            "(DeepSeek-R1: 400)");
    v.field("ref_model_sync_steps", ref_model_sync_steps, "steps between those refreshes",
            Range{1, 1e12});
    optimizer.visit(v);
    save.visit(v);
    v.field(
        "eval_steps", eval_steps,
        "evaluate on eval_file every so many steps, before the first and after the last; 0: never",
        Range{0, 1e12});
    v.field("eval_problems", eval_problems, "problems of such an evaluation; 0: all",
            Range{0, 1e9});
    v.field("eval_generations", eval_generations, "samples per problem of such an evaluation",
            Range{1, 1e5});
    v.field("load_best_model_at_end", load_best_model_at_end,
            "hand on the checkpoint with the best evaluation, not the last");
    v.field("num_completions_to_print", num_completions_to_print,
            "sample completions shown with the table of metrics", Range{0, 100});
    v.field("logging_steps", logging_steps,
            "steps between those tables; metrics.jsonl has every step", Range{1, 1e9});
    v.field("engine", engine, "limits of the rollout engine; no result depends on them");
  }
};

}  // namespace r1::recipes
