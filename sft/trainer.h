// Cross-entropy on packed sequences.
#pragma once

#include <cstdint>
#include <vector>

#include "model/causal_lm.h"
#include "model/trainer.h"
#include "sft/dataset.h"

namespace r1::sft {

// Mean negative log-likelihood per target token (nats) over all examples, without gradient.
// micro_batch_tokens: tokens of one forward; the result depends on it only by rounding.
double validation_loss(const model::CausalLM& model, const std::vector<Example>& examples, int64_t micro_batch_tokens);

// One optimizer step on these examples, of which there must be at least one:
// loss = sum of token losses / number of target tokens in the step. Micro-batches are cut in the
// given order.
model::StepResult train_step(const model::CausalLM& model, model::Trainer& trainer, const std::vector<const Example*>& examples,
                             int64_t micro_batch_tokens);

}  // namespace r1::sft
