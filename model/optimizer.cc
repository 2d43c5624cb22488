#include "model/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "base/error.h"
#include "base/parallel.h"
#include "model/kernels.h"
#include "model/ops.h"
#include "model/safetensors.h"

namespace r1::model {
namespace {

constexpr int64_t kAlign = 16;      // elements: a kernel's vector
constexpr int64_t kChunk = 65'536;  // elements of one partial sum, whatever the thread count

at::Tensor part(const at::Tensor& flat, int64_t offset, const at::Tensor& like) {
  return flat.narrow(0, offset, like.numel()).view(like.sizes());
}

}  // namespace

double learning_rate_at(const OptimizerConfig& config, int64_t step, int64_t total_steps) {
  const int64_t warmup =
      config.warmup_steps > 0
          ? config.warmup_steps
          : static_cast<int64_t>(std::ceil(config.warmup_ratio * static_cast<double>(total_steps)));
  if (step < warmup)
    return config.learning_rate * static_cast<double>(step) /
           static_cast<double>(std::max<int64_t>(1, warmup));
  if (config.lr_scheduler_type == "constant") return config.learning_rate;
  const double progress =
      std::min(1.0, static_cast<double>(step - warmup) /
                        static_cast<double>(std::max<int64_t>(1, total_steps - warmup)));
  const double shape = config.lr_scheduler_type == "linear"
                           ? 1.0 - progress
                           : 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
  return config.learning_rate * (config.min_lr_rate + (1.0 - config.min_lr_rate) * shape);
}

AdamW::AdamW(CausalLM& model, const OptimizerConfig& config) : model_(model), config_(config) {
  at::NoGradGuard no_grad;
  const at::ScalarType wide = model.dtype() == at::kDouble ? at::kDouble : at::kFloat;
  weights_are_views_ = model.dtype() == wide;
  buckets_.resize(2);
  buckets_[0].weight_decay = config.weight_decay;
  for (size_t i = 0; i < model.parameters().size(); ++i) {
    Bucket& bucket = buckets_[model.parameters()[i].decay ? 0 : 1];
    const int64_t end = bucket.offsets.empty() ? 0 : bucket.offsets.back();
    if (bucket.offsets.empty()) bucket.offsets.push_back(0);
    bucket.members.push_back(i);
    bucket.offsets.push_back((end + model.parameters()[i].tensor.numel() + kAlign - 1) / kAlign *
                             kAlign);
  }
  for (Bucket& bucket : buckets_) {
    if (bucket.offsets.empty()) bucket.offsets.push_back(0);
    const auto options = at::TensorOptions().dtype(wide).device(model.device());
    bucket.weight = at::zeros({bucket.offsets.back()}, options);
    bucket.grad = at::zeros_like(bucket.weight);
    bucket.exp_avg = at::zeros_like(bucket.weight);
    bucket.exp_avg_sq = at::zeros_like(bucket.weight);
    for (size_t j = 0; j < bucket.members.size(); ++j) {
      at::Tensor tensor = model.parameters()[bucket.members[j]].tensor;
      at::Tensor master = part(bucket.weight, bucket.offsets[j], tensor);
      master.copy_(tensor);
      if (weights_are_views_) {
        tensor.set_data(master);
        tensor.mutable_grad() = part(bucket.grad, bucket.offsets[j], tensor);
      }
    }
  }
}

void AdamW::zero_grad() {
  for (Bucket& bucket : buckets_) bucket.grad.zero_();
}

void AdamW::accumulate() {
  if (weights_are_views_) return;
  at::NoGradGuard no_grad;
  for (Bucket& bucket : buckets_)
    for (size_t j = 0; j < bucket.members.size(); ++j) {
      at::Tensor tensor = model_.parameters()[bucket.members[j]].tensor;
      if (!tensor.grad().defined()) continue;
      part(bucket.grad, bucket.offsets[j], tensor).add_(tensor.grad());
      tensor.mutable_grad().reset();
    }
}

double AdamW::grad_norm() const {
  double sum = 0;
  for (const Bucket& bucket : buckets_) {
    if (!uses_kernels(bucket.grad)) {
      sum += bucket.grad.to(at::kDouble).square().sum().item<double>();
      continue;
    }
    const float* grad = bucket.grad.const_data_ptr<float>();
    const int64_t count = bucket.grad.numel(), chunks = (count + kChunk - 1) / kChunk;
    std::vector<double> partial(chunks);
    parallel_for(chunks, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i)
        partial[i] =
            kernels().sum_of_squares(grad + i * kChunk, std::min(kChunk, count - i * kChunk));
    });
    for (double value : partial) sum += value;
  }
  return std::sqrt(sum);
}

void AdamW::step(double learning_rate, double grad_scale) {
  at::NoGradGuard no_grad;
  ++steps_;
  const double correction1 = 1.0 - std::pow(config_.adam_beta1, static_cast<double>(steps_));
  const double correction2 = 1.0 - std::pow(config_.adam_beta2, static_cast<double>(steps_));
  const double step_size = learning_rate / correction1, inv_sqrt = 1.0 / std::sqrt(correction2);
  for (Bucket& bucket : buckets_) {
    const double decay = 1.0 - learning_rate * bucket.weight_decay;
    if (uses_kernels(bucket.weight)) {
      float *w = bucket.weight.mutable_data_ptr<float>(),
            *m = bucket.exp_avg.mutable_data_ptr<float>(),
            *v = bucket.exp_avg_sq.mutable_data_ptr<float>();
      const float* g = bucket.grad.const_data_ptr<float>();
      parallel_for(bucket.weight.numel() / kAlign, 1024, [&](int64_t begin, int64_t end) {
        const int64_t at = begin * kAlign;
        kernels().adamw(w + at, g + at, m + at, v + at, (end - begin) * kAlign,
                        static_cast<float>(grad_scale), static_cast<float>(config_.adam_beta1),
                        static_cast<float>(config_.adam_beta2), static_cast<float>(step_size),
                        static_cast<float>(inv_sqrt), static_cast<float>(config_.adam_epsilon),
                        static_cast<float>(decay));
      });
    } else {
      const at::Tensor grad = bucket.grad * grad_scale;
      bucket.exp_avg.mul_(config_.adam_beta1).add_(grad, 1.0 - config_.adam_beta1);
      bucket.exp_avg_sq.mul_(config_.adam_beta2).addcmul_(grad, grad, 1.0 - config_.adam_beta2);
      bucket.weight.mul_(decay).addcdiv_(
          bucket.exp_avg, (bucket.exp_avg_sq.sqrt() * inv_sqrt).add_(config_.adam_epsilon),
          -step_size);
    }
    if (weights_are_views_) continue;
    for (size_t j = 0; j < bucket.members.size(); ++j) {
      at::Tensor tensor = model_.parameters()[bucket.members[j]].tensor;
      tensor.copy_(part(bucket.weight, bucket.offsets[j], tensor));
    }
  }
}

std::vector<std::pair<std::string, at::Tensor>> AdamW::state() const {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const Bucket& bucket : buckets_)
    for (size_t j = 0; j < bucket.members.size(); ++j) {
      const NamedParameter& parameter = model_.parameters()[bucket.members[j]];
      tensors.emplace_back("exp_avg." + parameter.name,
                           part(bucket.exp_avg, bucket.offsets[j], parameter.tensor));
      tensors.emplace_back("exp_avg_sq." + parameter.name,
                           part(bucket.exp_avg_sq, bucket.offsets[j], parameter.tensor));
      if (!weights_are_views_)
        tensors.emplace_back("master." + parameter.name,
                             part(bucket.weight, bucket.offsets[j], parameter.tensor));
    }
  return tensors;
}

void AdamW::load_state(const std::string& file, int64_t steps) {
  at::NoGradGuard no_grad;
  const SafetensorsFile stored(file);
  for (auto& [name, tensor] : state()) {
    const at::Tensor value = stored.tensor(name);
    if (value.sizes() != tensor.sizes())
      throw CheckpointError(
          fmt::format("{}: {} has another shape than the model's parameter; was the model's "
                      "config.json changed?",
                      file, name));
    tensor.copy_(value);
  }
  if (weights_are_views_)  // the weights themselves came from model.safetensors
    for (Bucket& bucket : buckets_)
      for (size_t j = 0; j < bucket.members.size(); ++j) {
        const at::Tensor& tensor = model_.parameters()[bucket.members[j]].tensor;
        R1_CHECK(tensor.const_data_ptr() ==
                     part(bucket.weight, bucket.offsets[j], tensor).const_data_ptr(),
                 "a parameter left its bucket");
      }
  steps_ = steps;
}

}  // namespace r1::model
