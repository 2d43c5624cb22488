// Groups of completions from a policy, with continuous batching over a paged cache.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/philox.h"
#include "model/causal_lm.h"
#include "model/tokenizer.h"
#include "rollout/sampler.h"
#include "rollout/types.h"

namespace r1::rollout {

struct GenerationConfig {
  int64_t num_generations = 8;
  int64_t max_completion_length = 512;
  SamplingConfig sampling;
  std::vector<std::string> stop_strings;
  std::vector<int64_t> stop_token_ids;
  bool ignore_eos = false;
};

// Limits of the engine: they change speed and memory, never the completions.
struct EngineConfig {
  int64_t max_slots = 256;
  int64_t max_prefill_tokens = 4096;
  int64_t max_cache_mb = 0;

  template <class V>
  void visit(V& v) {
    v.field("max_slots", max_slots, "completions decoded at once", Range{1, 65536});
    v.field("max_prefill_tokens", max_prefill_tokens, "prompt tokens of one prefill forward", Range{16, 1 << 24});
    v.field("max_cache_mb", max_cache_mb,
            "memory of the key/value cache in MiB: completions wait for pages beyond it; 0 takes what max_slots can need",
            Range{0, 1 << 30});
  }
};

struct Prompt {
  int64_t index = 0;  // keys the draws: (step, index * num_generations + sample, token)
  std::vector<int64_t> ids;
};

struct RolloutStats {
  int64_t prompt_tokens = 0, completion_tokens = 0, decode_steps = 0;
  double seconds = 0;
  double mean_occupancy = 0;  // active slots / max_slots, mean over decode steps
  int64_t max_pages = 0;      // most pages of the cache in use at once
};

// Position of the prompt in the list, number of the completion, token id.
using TokenCallback = std::function<void(int64_t prompt, int64_t sample, int64_t id)>;

class Engine {
 public:
  // `tokenizer` may be null when no stop strings are used. All references must outlive the engine.
  Engine(const model::CausalLM& policy, const model::Tokenizer* tokenizer, const EngineConfig& config);
  ~Engine();

  // One group per prompt, in order. `draws` and `step` key every random number, so the result does not depend on slots, order
  // or threads. `group_done` (may be empty) is called on this thread as soon as all completions of a group have ended, in order
  // of ending; `progress` (may be empty) after every decode step with the number of finished completions. Throws DataError for
  // an empty prompt or one that leaves no room in the context, naming its index and length; ConfigError for a config that
  // cannot work (so also a max_cache_mb below the need of one completion); NonFiniteLogits; Interrupted when a stop was
  // requested. After an exception the engine is as before. `token` (may be empty) is called on this thread with (prompt, sample,
  // id) as soon as a token is drawn: for streaming.
  std::vector<Group> generate(const std::vector<Prompt>& prompts, const GenerationConfig& config, const RandomStream& draws,
                              uint64_t step, const std::function<void(const Group&)>& group_done = {},
                              const std::function<void(int64_t)>& progress = {}, const TokenCallback& token = {});
  const RolloutStats& stats() const;   // of the last generate()
  int64_t cache_pages_in_use() const;  // 0 between calls
  void set_policy_version(int64_t version);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace r1::rollout
