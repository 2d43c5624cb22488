#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "model/causal_lm.h"

namespace r1::model {
namespace {

// transformers draws new rows around the mean row with 1e-9 of the old rows' covariance.
constexpr double kSpread = 1e-9;

// Old rows, and new ones: the mean of the old ones plus a normal draw of sqrt(1e-9) times the
// standard deviation of their column.
at::Tensor resized(const at::Tensor& old_VD, int64_t rows, const RandomStream& draws) {
  const int64_t width = old_VD.size(1), kept = std::min(rows, old_VD.size(0));
  at::Tensor resized_VD = at::empty({rows, width}, old_VD.options());
  resized_VD.narrow(0, 0, kept).copy_(old_VD.narrow(0, 0, kept));
  if (rows == kept) return resized_VD;
  const at::Tensor wide = old_VD.to(at::kCPU, at::kDouble);
  const at::Tensor mean = wide.mean(0), spread = wide.std(0, false) * std::sqrt(kSpread);
  at::Tensor fresh = at::empty({rows - kept, width}, at::kDouble);
  double* p = fresh.mutable_data_ptr<double>();
  for (int64_t i = 0; i < fresh.numel(); ++i) p[i] = draws.normal(static_cast<uint64_t>(i));
  resized_VD.narrow(0, kept, rows - kept).copy_(fresh * spread + mean);
  return resized_VD;
}

void check_ids(const ModelConfig& config, int64_t size) {
  std::vector<int64_t> ids = {config.bos_token_id, config.pad_token_id};
  for (const auto* list : {&config.eos_token_ids, &config.generation_eos_token_ids})
    ids.insert(ids.end(), list->begin(), list->end());
  const int64_t highest = *std::ranges::max_element(ids);
  if (size <= highest) {
    throw ConfigError(fmt::format(
        "resizing to {} embeddings would drop token {}, which config.json names; keep at least {}",
        size, highest, highest + 1));
  }
}

}  // namespace

void resize_token_embeddings(CausalLM& model, int64_t new_size, uint64_t seed) {
  if (new_size < 1) throw ConfigError(fmt::format("{} embeddings: at least 1 is needed", new_size));
  check_ids(model.config_, new_size);
  at::NoGradGuard no_grad;
  for (const NamedParameter& parameter : model.parameters_) {
    if (parameter.name != "model.embed_tokens.weight" && parameter.name != "lm_head.weight")
      continue;
    at::Tensor tensor = parameter.tensor;  // shares its storage with what the forward uses
    const bool requires_grad = tensor.requires_grad();
    const RandomStream draws(seed, parameter.name, Purpose::kInit);
    tensor.set_requires_grad(false).set_(resized(tensor, new_size, draws));
    tensor.set_requires_grad(requires_grad).mutable_grad().reset();
  }
  model.config_.vocab_size = new_size;
}

}  // namespace r1::model
