// AdamW with fp32 state on flat buckets, learning-rate schedules, and gradient clipping.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "base/config.h"
#include "model/causal_lm.h"

namespace r1::model {

// Names and defaults follow transformers' TrainingArguments (through TRL's GRPOConfig).
struct OptimizerConfig {
  double learning_rate = 1e-6;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.999;
  double adam_epsilon = 1e-8;
  double weight_decay = 0.0;
  double max_grad_norm = 1.0;
  std::string lr_scheduler_type = "constant";
  double warmup_ratio = 0.0;
  int64_t warmup_steps = 0;
  double min_lr_rate = 0.0;
  int max_skipped_steps = 3;

  template <class V>
  void visit(V& v) {
    v.field("learning_rate", learning_rate, "peak learning rate of AdamW", Range{0.0, 1.0});
    v.field("adam_beta1", adam_beta1, "decay of the first moment", Range{0.0, 1.0});
    v.field("adam_beta2", adam_beta2, "decay of the second moment", Range{0.0, 1.0});
    v.field("adam_epsilon", adam_epsilon, "added to the root of the second moment",
            Range{0.0, 1.0});
    v.field("weight_decay", weight_decay,
            "decoupled weight decay of matrices (norms and biases have none)", Range{0.0, 10.0});
    v.field("max_grad_norm", max_grad_norm,
            "gradients are scaled down to this global 2-norm; 0 switches it off", Range{0.0, 1e9});
    v.field("lr_scheduler_type", lr_scheduler_type, "shape of the learning rate after warm-up",
            OneOf{"constant", "linear", "cosine"});
    v.field("warmup_ratio", warmup_ratio,
            "share of all steps spent rising linearly from 0 (when warmup_steps is 0)",
            Range{0.0, 1.0});
    v.field("warmup_steps", warmup_steps, "steps spent rising linearly from 0", Range{0, 1e12});
    v.field("min_lr_rate", min_lr_rate, "linear and cosine end at this share of learning_rate",
            Range{0.0, 1.0});
    v.field("max_skipped_steps", max_skipped_steps,
            "stop after this many steps in a row with a non-finite loss or gradient",
            Range{1, 1e6});
  }
};

// Learning rate of optimizer step `step` (from 0) out of `total_steps`, as transformers'
// get_scheduler gives it.
double learning_rate_at(const OptimizerConfig& config, int64_t step, int64_t total_steps);

// Owns flat fp32 buckets (one with weight decay, one without) of weights, gradients and moments.
// The model's parameters become views of the weights (fp32 models) or are cast from them after
// every step (bf16, f16; fp64 models keep fp64 buckets, for tests).
class AdamW {
 public:
  AdamW(CausalLM& model, const OptimizerConfig& config);

  void zero_grad();
  // For models whose weights are not fp32: adds the parameters' gradients to the flat fp32 ones and
  // clears them. A no-op otherwise, because autograd adds straight into the views. Called after
  // every micro-batch.
  void accumulate();
  // Global 2-norm of the gradient, summed in fp64 in a fixed order (not finite when any element is
  // not).
  double grad_norm() const;
  // One AdamW update (Loshchilov and Hutter 2019, algorithm 2, as torch.optim.AdamW) with gradients
  // times `grad_scale`.
  void step(double learning_rate, double grad_scale);

  int64_t steps() const { return steps_; }
  // Moments and the fp32 weights under names "exp_avg.<parameter>", "exp_avg_sq.<parameter>",
  // "master.<parameter>" (the last only when the model's weights are not fp32), and back. Throws
  // CheckpointError when one is missing or has another shape.
  std::vector<std::pair<std::string, at::Tensor>> state() const;
  void load_state(const std::string& file, int64_t steps);

 private:
  struct Bucket {
    at::Tensor weight, grad, exp_avg, exp_avg_sq;  // flat, padded to a multiple of 16
    double weight_decay = 0;
    std::vector<size_t> members;  // indices into the model's parameters
    std::vector<int64_t> offsets;
  };
  CausalLM& model_;
  OptimizerConfig config_;
  bool weights_are_views_;
  std::vector<Bucket> buckets_;
  int64_t steps_ = 0;
};

}  // namespace r1::model
