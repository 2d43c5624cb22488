#include "rollout/engine.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "base/error.h"
#include "rollout/generation.h"

namespace r1::rollout {

struct Engine::Impl {
  const model::CausalLM& policy;
  const model::Tokenizer* tokenizer;
  EngineConfig config;
  RolloutStats stats;
  std::unique_ptr<model::KvCache> cache;  // kept from call to call while it is large enough
  int64_t policy_version = 0;

  int64_t pages_wanted(const std::vector<int64_t>& lengths, const ScheduleLimits& limits) const;
  model::KvCache& prepare_cache(int64_t pages);
};

int64_t Engine::Impl::pages_wanted(const std::vector<int64_t>& lengths, const ScheduleLimits& limits) const {
  constexpr int64_t kMiB = int64_t{1} << 20;
  const int64_t wanted = Scheduler::max_pages(lengths, limits);
  if (config.max_cache_mb == 0) return wanted;
  const int64_t least = Scheduler::min_pages(lengths, limits);
  const int64_t bytes = policy.cache_bytes_per_page();
  const int64_t allowed = config.max_cache_mb * kMiB / bytes;
  if (allowed < least) {
    throw ConfigError("max_cache_mb is " + std::to_string(config.max_cache_mb) + ", one completion can need " +
                      std::to_string((least * bytes + kMiB - 1) / kMiB) + " MiB; raise it or lower max_completion_length");
  }
  return std::min(wanted, allowed);
}

model::KvCache& Engine::Impl::prepare_cache(int64_t pages) {
  if (!cache || cache->num_pages() < pages) {
    cache.reset();  // first, so that the two never exist at once
    cache = policy.make_cache(pages);
  }
  return *cache;
}

Engine::Engine(const model::CausalLM& policy, const model::Tokenizer* tokenizer, const EngineConfig& config)
    : impl_(new Impl{policy, tokenizer, config, {}, {}, 0}) {
  const auto at_least = [](const char* name, int64_t value, int64_t low) {
    if (value >= low) return;
    throw ConfigError(std::string(name) + " is " + std::to_string(value) + ", must be at least " + std::to_string(low));
  };
  at_least("max_slots", config.max_slots, 1);
  at_least("max_prefill_tokens", config.max_prefill_tokens, 1);
  at_least("max_cache_mb", config.max_cache_mb, 0);
}

Engine::~Engine() = default;

std::vector<Group> Engine::generate(const std::vector<Prompt>& prompts, const GenerationConfig& config,
                                    const RandomStream& draws, uint64_t step,
                                    const std::function<void(const Group&)>& group_done,
                                    const std::function<void(int64_t)>& progress, const TokenCallback& token) {
  const c10::NoGradGuard no_grad;
  const auto begin = std::chrono::steady_clock::now();
  const StopStrings stop_strings(impl_->tokenizer, config.stop_strings);
  const GenerationRequest request{impl_->policy, impl_->config,         prompts,    config,  stop_strings, draws,
                                  step,          impl_->policy_version, group_done, progress, token};
  check(request);
  impl_->stats = {};
  if (prompts.empty()) return {};
  const int64_t pages = impl_->pages_wanted(prompt_lengths(prompts), schedule_limits(request));
  std::vector<Group> groups = Generation(request, impl_->prepare_cache(pages), impl_->stats).run();
  impl_->stats.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return groups;
}

const RolloutStats& Engine::stats() const { return impl_->stats; }

int64_t Engine::cache_pages_in_use() const { return impl_->cache ? impl_->cache->num_pages() - impl_->cache->free_pages() : 0; }

void Engine::set_policy_version(int64_t version) { impl_->policy_version = version; }

}  // namespace r1::rollout
