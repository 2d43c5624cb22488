// One call of Engine::generate: the loop that admits, runs the model, samples and ends completions.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "rollout/engine.h"
#include "rollout/scheduler.h"
#include "rollout/stop_strings.h"

namespace r1::rollout {

// What generate() was given; everything referred to outlives the Generation.
struct GenerationRequest {
  const model::CausalLM& policy;
  const EngineConfig& limits;
  const std::vector<Prompt>& prompts;
  const GenerationConfig& config;
  const StopStrings& stop_strings;
  const RandomStream& draws;
  uint64_t step;
  int64_t policy_version;
  const std::function<void(const Group&)>& group_done;
  const std::function<void(int64_t)>& progress;
  const TokenCallback& token;
};

// Throws what Engine::generate() throws for its arguments.
void check(const GenerationRequest& request);
ScheduleLimits schedule_limits(const GenerationRequest& request);
std::vector<int64_t> prompt_lengths(const std::vector<Prompt>& prompts);

class Generation {
 public:
  // `cache` is the caller's; every page is free again when the Generation is gone.
  Generation(const GenerationRequest& request, model::KvCache& cache, RolloutStats& stats);
  std::vector<Group> run();

 private:
  struct PromptState {
    at::Tensor hidden_1D;  // of the prompt's last token, until all its completions have started
    std::vector<StopStrings::State> stop_states;
    int64_t unstarted = 0, unfinished = 0;
  };

  int64_t step();  // one token for every active completion; how many those were
  void prefill(const std::vector<int64_t>& prompts);
  void prefill_batch(std::span<const int64_t> prompts);
  // Hidden states [1, D] of the prompts' last tokens, for the `count` completions admitted last.
  std::vector<at::Tensor> first_hidden(int64_t count);
  // Hidden states [count, D] of the last tokens of the first `count` active completions.
  at::Tensor decode(int64_t count);
  std::vector<Draw> draw(const at::Tensor& hidden_BD);
  // Appends the token to its completion; true when that ended it. Touches nothing of other completions.
  bool append(const Draw& draw, Sequence& sequence);
  bool find_stop(const Sequence& sequence, Completion& completion);
  // Counts the ended completions; the groups that are complete with them.
  std::vector<int64_t> count_ended(const std::vector<char>& ended);
  Completion& completion_of(const Sequence& sequence);
  std::string describe(const Sequence& sequence);

  const GenerationRequest& request_;
  model::KvCache& cache_;
  RolloutStats& stats_;
  ScheduleLimits schedule_;
  Scheduler scheduler_;
  std::vector<Group> groups_;
  std::vector<PromptState> prompts_;
  int64_t finished_ = 0;
};

}  // namespace r1::rollout
