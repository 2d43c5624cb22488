#include "model/trainer.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <cmath>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "model/safetensors.h"

namespace r1::model {

Trainer::Trainer(CausalLM& model, const OptimizerConfig& config, int64_t total_steps)
    : model_(model), config_(config), optimizer_(model, config), total_steps_(total_steps) {
  model.set_requires_grad(true);
}

StepResult Trainer::step(int64_t num_micro_batches,
                         const std::function<at::Tensor(int64_t)>& loss) {
  StepResult result;
  optimizer_.zero_grad();
  for (int64_t i = 0; i < num_micro_batches; ++i) {
    const at::Tensor value = loss(i);
    value.backward();
    optimizer_.accumulate();
    result.loss += value.item<double>();
  }
  result.grad_norm = optimizer_.grad_norm();
  result.learning_rate = learning_rate_at(config_, steps_++, total_steps_);
  result.skipped = !std::isfinite(result.loss) || !std::isfinite(result.grad_norm);
  if (result.skipped) {
    if (++skipped_in_a_row_ >= config_.max_skipped_steps)
      throw Error(
          fmt::format("{} optimizer steps in a row had a non-finite loss ({}) or gradient norm "
                      "({}), the last at step {}; lower learning_rate or look at the "
                      "data of these steps; the weights of the last checkpoint are intact",
                      skipped_in_a_row_, result.loss, result.grad_norm, steps_));
    return result;
  }
  skipped_in_a_row_ = 0;
  const double scale = config_.max_grad_norm > 0
                           ? std::min(1.0, config_.max_grad_norm / (result.grad_norm + 1e-6))
                           : 1.0;
  optimizer_.step(result.learning_rate, scale);
  return result;
}

void Trainer::save(const std::filesystem::path& folder) const {
  write_safetensors(folder / "optimizer.safetensors", optimizer_.state());
  const Json state = {{"steps", steps_},
                      {"optimizer_steps", optimizer_.steps()},
                      {"total_steps", total_steps_},
                      {"skipped_in_a_row", skipped_in_a_row_}};
  write_file_atomic(folder / "trainer_state.json", dump_json_pretty(state) + "\n");
}

void Trainer::load(const std::filesystem::path& folder) {
  const std::string where = (folder / "trainer_state.json").string();
  const Json state = read_json(where);
  steps_ = require_int(state, "steps", where);
  skipped_in_a_row_ = static_cast<int>(require_int(state, "skipped_in_a_row", where));
  optimizer_.load_state((folder / "optimizer.safetensors").string(),
                        require_int(state, "optimizer_steps", where));
}

}  // namespace r1::model
