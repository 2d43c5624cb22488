// Log-probabilities of given tokens, and the entropy of their distributions, without ever holding
// [tokens, vocabulary]. The only place that turns hidden states into log-probabilities for
// training, and the same arithmetic as the sampler's.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace r1::model {

struct TokenLogprobs {
  at::Tensor logp_T;     // log softmax(logits / temperature)[target], nats, fp32 (fp64 for fp64
                         // models), differentiable
  at::Tensor entropy_T;  // entropy of softmax(logits / temperature), nats, differentiable
};

// hidden_TD: rows whose next token is targets_T (int64). Logits, their softmax and gradients exist
// for chunk_rows rows at a time.
TokenLogprobs token_logprobs(const at::Tensor& hidden_TD, const at::Tensor& lm_head_weight_VD,
                             const at::Tensor& targets_T, double temperature = 1.0,
                             int64_t chunk_rows = 1024);

// Logits [B, V] of a few rows (a decode step), bit-equal to those inside token_logprobs. No
// gradient.
at::Tensor logits(const at::Tensor& hidden_BD, const at::Tensor& lm_head_weight_VD);

// Log-probs [B] (fp32) of tokens_B under softmax(logits_BV / temperature): the same bits as
// token_logprobs gives for the same rows.
at::Tensor logp_of(const at::Tensor& logits_BV, const at::Tensor& tokens_B, double temperature);

}  // namespace r1::model
