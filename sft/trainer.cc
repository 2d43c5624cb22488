#include "sft/trainer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/error.h"
#include "model/token_logprobs.h"

namespace r1::sft {
namespace {

std::vector<std::pair<int64_t, int64_t>> cut(const std::vector<const Example*>& examples, int64_t micro_batch_tokens) {
  std::vector<int64_t> lengths;
  for (const Example* example : examples) lengths.push_back(static_cast<int64_t>(example->ids.size()) - 1);
  return model::split_by_tokens(lengths, micro_batch_tokens);
}

double count_targets(const std::vector<const Example*>& examples) {
  int64_t targets = 0;
  for (const Example* example : examples) targets += example->num_targets();
  R1_CHECK(targets > 0, "no target tokens");
  return static_cast<double>(targets);
}

// Negative log-likelihoods of the target tokens of examples[begin .. end).
at::Tensor token_losses(const model::CausalLM& model, const std::vector<const Example*>& examples,
                        std::pair<int64_t, int64_t> range) {
  const SftBatch batch = make_sft_batch({examples.begin() + range.first, examples.begin() + range.second}, model.device());
  const model::ForwardOutput output = model.forward(batch.flat);
  R1_CHECK(!output.auxiliary_loss.defined(), "sft does not train auxiliary losses");
  const at::Tensor hidden_CD = output.hidden_TD.index_select(0, batch.rows_C);
  return -model::token_logprobs(hidden_CD, model.lm_head_weight(), batch.targets_C).logp_T;
}

}  // namespace

double validation_loss(const model::CausalLM& model, const std::vector<Example>& examples, int64_t micro_batch_tokens) {
  const at::NoGradGuard no_grad;
  std::vector<const Example*> pointers;
  for (const Example& example : examples) pointers.push_back(&example);
  const double targets = count_targets(pointers);
  double sum = 0;
  for (const auto& range : cut(pointers, micro_batch_tokens))
    sum += token_losses(model, pointers, range).sum(at::kDouble).item<double>();
  return sum / targets;
}

model::StepResult train_step(const model::CausalLM& model, model::Trainer& trainer, const std::vector<const Example*>& examples,
                             int64_t micro_batch_tokens) {
  const double targets = count_targets(examples);
  const auto ranges = cut(examples, micro_batch_tokens);
  return trainer.step(static_cast<int64_t>(ranges.size()), [&](int64_t index) {
    return token_losses(model, examples, ranges[static_cast<size_t>(index)]).sum() / targets;
  });
}

}  // namespace r1::sft
