// What a rollout is made of: plain values, on the host.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace r1::rollout {

// Why a completion ended.
enum class StopReason {
  kEos,         // the model's end-of-sequence token (it is the last id of the completion)
  kStopToken,   // another stop token (kept as last id)
  kStopString,  // a stop string appeared in the text (the tokens that complete it are kept)
  kLength,      // max_completion_length or the context was reached
  kCancelled,   // the run was asked to stop
};
const char* stop_reason_name(StopReason reason);

struct Completion {
  std::vector<int64_t> ids;  // generated tokens, the stop token included
  std::vector<float> logp;   // per token: log-prob under softmax(logits / temperature), full vocabulary; what ratios use
  std::vector<float> sampling_logp;     // per token: log-prob under the distribution actually drawn from (after top-k/p/min-p)
  std::vector<int64_t> policy_version;  // per token
  StopReason stop_reason = StopReason::kCancelled;
  bool truncated() const { return stop_reason == StopReason::kLength; }
};

// Completions of one prompt; the prompt is stored once.
struct Group {
  int64_t prompt_index = 0;  // the caller's row number: part of the key of every random draw
  std::vector<int64_t> prompt_ids;
  std::vector<Completion> completions;
};

}  // namespace r1::rollout
