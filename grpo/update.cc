#include "grpo/update.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/error.h"
#include "grpo/kl.h"
#include "model/token_logprobs.h"

namespace r1::grpo {
namespace {

// Samples that go through the forward, with their weights, and where micro-batches are cut.
struct Plan {
  std::vector<const Sample*> samples;
  std::vector<double> weights;
  std::vector<std::pair<int64_t, int64_t>> cuts;
  double step_tokens = 0;  // of all samples, the skipped ones included
};

void cut(Plan& plan, int64_t micro_batch_tokens) {
  std::vector<int64_t> lengths;
  for (const Sample* sample : plan.samples) lengths.push_back(flat_tokens(*sample));
  plan.cuts = model::split_by_tokens(lengths, micro_batch_tokens);
}

Plan make_plan(const std::vector<const Sample*>& samples, const UpdateConfig& config, const UpdateScope& scope) {
  std::vector<int64_t> lengths;
  for (const Sample* sample : samples) lengths.push_back(static_cast<int64_t>(sample->completion->ids.size()));
  const std::vector<double> weights =
      token_weights(config.loss_type, lengths, scope.max_completion_length, scope.dapo_tokens_per_step);
  const bool advantage_only = config.skip_zero_advantages && config.beta == 0 && config.entropy_coef == 0;
  Plan plan;
  for (size_t s = 0; s < samples.size(); ++s) {
    plan.step_tokens += static_cast<double>(lengths[s]);
    if (lengths[s] == 0 || (advantage_only && samples[s]->advantage == 0)) continue;
    plan.samples.push_back(samples[s]);
    plan.weights.push_back(weights[s]);
  }
  cut(plan, config.micro_batch_tokens);
  return plan;
}

MicroBatch micro_batch(const Plan& plan, size_t index, const model::CausalLM& model) {
  const auto [begin, end] = plan.cuts[index];
  return make_micro_batch({plan.samples.begin() + begin, plan.samples.begin() + end},
                          {plan.weights.begin() + begin, plan.weights.begin() + end}, model.device(),
                          model.dtype() == at::kDouble ? at::kDouble : at::kFloat);
}

model::TokenLogprobs completion_logprobs(const model::CausalLM& model, const MicroBatch& batch, double temperature) {
  const model::ForwardOutput output = model.forward(batch.flat);
  R1_CHECK(!output.auxiliary_loss.defined(), "grpo does not train auxiliary losses");
  return model::token_logprobs(output.hidden_TD.index_select(0, batch.rows_C), model.lm_head_weight(), batch.targets_C,
                               temperature);
}

}  // namespace

model::StepResult update(const model::CausalLM& policy, model::Trainer& trainer, const Loss& loss,
                         const std::vector<const Sample*>& samples, const UpdateConfig& config, const UpdateScope& scope,
                         LossMetrics& metrics) {
  const Plan plan = make_plan(samples, config, scope);
  if (plan.step_tokens == 0) {
    model::StepResult nothing;
    nothing.skipped = true;
    return nothing;
  }
  double policy_loss = 0;
  const auto micro_batch_loss = [&](int64_t index) {
    const MicroBatch batch = micro_batch(plan, static_cast<size_t>(index), policy);
    const model::TokenLogprobs now = completion_logprobs(policy, batch, scope.temperature);
    const LossOutputs out = loss.compute({now.logp_T, batch.old_logp_C, batch.advantages_C, batch.offsets});
    R1_CHECK(config.beta == 0 || batch.ref_logp_C.defined(), "beta without reference log-probs");
    at::Tensor loss_C = out.loss_T, kl_C;
    if (batch.ref_logp_C.defined()) {
      kl_C = kl_estimate(now.logp_T, batch.ref_logp_C, config.kl_estimator);
      if (config.beta != 0) loss_C = loss_C + config.beta * kl_C;
    }
    at::Tensor total = (batch.weights_C * loss_C).sum();
    policy_loss += total.item<double>();
    if (config.entropy_coef != 0) total = total - (config.entropy_coef / plan.step_tokens) * now.entropy_T.sum();
    metrics.add(batch, out, now.logp_T, now.entropy_T, kl_C, scope.on_policy);
    return total;
  };
  const model::StepResult result = trainer.step(static_cast<int64_t>(plan.cuts.size()), micro_batch_loss);
  metrics.add_step(policy_loss);
  return result;
}

void reference_logprobs(const model::CausalLM& reference, std::vector<Sample>& samples, double temperature,
                        int64_t micro_batch_tokens) {
  const at::NoGradGuard no_grad;
  std::vector<Sample*> targets;
  Plan plan;
  for (Sample& sample : samples) {
    sample.ref_logp.clear();
    if (sample.completion->ids.empty()) continue;
    targets.push_back(&sample);
    plan.samples.push_back(&sample);
    plan.weights.push_back(0);
  }
  cut(plan, micro_batch_tokens);
  for (size_t i = 0; i < plan.cuts.size(); ++i) {
    const MicroBatch batch = micro_batch(plan, i, reference);
    const at::Tensor logp_C = completion_logprobs(reference, batch, temperature).logp_T.to(at::kCPU, at::kFloat).contiguous();
    const float* data = logp_C.const_data_ptr<float>();
    for (size_t s = 0; s + 1 < batch.offsets.size(); ++s) {
      targets[static_cast<size_t>(plan.cuts[i].first) + s]->ref_logp.assign(data + batch.offsets[s],
                                                                            data + batch.offsets[s + 1]);
    }
  }
}

}  // namespace r1::grpo
