#include "rollout/scheduler.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace r1::rollout {
namespace {

using model::kPageTokens;
using model::pages_for;

// Pages that a completion can need besides the full ones of its prompt. The last token is never fed back to the model.
int64_t own_pages(int64_t prompt_length, const ScheduleLimits& limits) {
  const int64_t longest = std::min(prompt_length + limits.max_completion_length, limits.max_context);
  const int64_t cached = longest - 1;
  return cached > prompt_length ? pages_for(cached) - prompt_length / kPageTokens : 0;
}

}  // namespace

Scheduler::Scheduler(model::KvCache& cache, std::vector<int64_t> prompt_lengths, const ScheduleLimits& limits)
    : cache_(cache), limits_(limits) {
  R1_CHECK(cache.free_pages() >= min_pages(prompt_lengths, limits), "the cache is too small");
  for (const int64_t length : prompt_lengths) {
    prompts_.push_back({length, limits.num_generations, {}});
  }
  total_ = int64_t(prompts_.size()) * limits.num_generations;
}

Scheduler::~Scheduler() {
  for (Sequence& sequence : active_) release(sequence.pages);
  for (PromptPages& prompt : prompts_) release(prompt.pages);
}

int64_t Scheduler::min_pages(const std::vector<int64_t>& prompt_lengths, const ScheduleLimits& limits) {
  int64_t pages = 0;
  for (const int64_t length : prompt_lengths) {
    pages = std::max(pages, pages_for(length) + own_pages(length, limits));
  }
  return pages;
}

int64_t Scheduler::max_pages(const std::vector<int64_t>& prompt_lengths, const ScheduleLimits& limits) {
  const int64_t prompts = int64_t(prompt_lengths.size());
  const int64_t sequences = std::min(limits.max_slots, prompts * limits.num_generations);
  int64_t own = 0, shared = 0;
  for (const int64_t length : prompt_lengths) {
    own = std::max(own, own_pages(length, limits));
    shared = std::max(shared, pages_for(length));
  }
  return sequences * own + std::min(sequences, prompts) * shared;
}

int64_t Scheduler::admit(std::vector<int64_t>& prefill) {
  int64_t admitted = 0;
  for (; next_ < total_ && int64_t(active_.size()) < limits_.max_slots; ++next_, ++admitted) {
    PromptPages& prompt = prompts_[next_prompt()];
    const int64_t sample = next_ % limits_.num_generations;
    const int64_t own = own_pages(prompt.length, limits_);
    const int64_t shared = sample == 0 ? pages_for(prompt.length) : 0;
    if (cache_.free_pages() - reserved_ < own + shared) break;
    if (sample == 0) {
      for (int64_t i = 0; i < shared; ++i) prompt.pages.push_back(cache_.allocate());
      prefill.push_back(next_prompt());
    }
    reserved_ += own;
    active_.push_back({next_prompt(), sample, prompt.length, {}, own});
  }
  R1_CHECK(done() || !active_.empty(), "no completion fits into the cache");
  return admitted;
}

void Scheduler::make_room(Sequence& sequence) {
  if (sequence.pages.empty()) take_prompt_pages(sequence);
  const int64_t position = sequence.length - 1;
  if (position / kPageTokens < int64_t(sequence.pages.size())) return;
  R1_CHECK(sequence.reserved > 0, "a page beyond the reservation");
  sequence.pages.push_back(cache_.allocate());
  --sequence.reserved;
  --reserved_;
}

void Scheduler::take_prompt_pages(Sequence& sequence) {
  PromptPages& prompt = prompts_[sequence.prompt];
  const bool partial = prompt.length % kPageTokens != 0;
  if (partial) {
    --sequence.reserved;
    --reserved_;
  }
  if (prompt.untouched == 1) {  // nobody else needs the prompt's own hold: no copy
    sequence.pages = std::exchange(prompt.pages, {});
    prompt.untouched = 0;
    return;
  }
  const int64_t full = prompt.length / kPageTokens;
  sequence.pages.reserve(full + 1);
  for (int64_t i = 0; i < full; ++i) {
    cache_.retain(prompt.pages[i]);
    sequence.pages.push_back(prompt.pages[i]);
  }
  if (partial) sequence.pages.push_back(cache_.copy(prompt.pages.back()));
  leave_prompt(prompt);
}

void Scheduler::leave_prompt(PromptPages& prompt) {
  if (--prompt.untouched == 0) release(prompt.pages);
}

void Scheduler::remove(const std::vector<char>& ended) {
  R1_CHECK(ended.size() == active_.size(), "one flag per active sequence");
  size_t kept = 0;
  for (size_t i = 0; i < active_.size(); ++i) {
    Sequence& sequence = active_[i];
    if (!ended[i]) {
      if (kept != i) active_[kept] = std::move(sequence);
      ++kept;
      continue;
    }
    reserved_ -= sequence.reserved;
    if (sequence.pages.empty()) leave_prompt(prompts_[sequence.prompt]);
    release(sequence.pages);
  }
  active_.resize(kept);
}

void Scheduler::release(std::vector<int32_t>& pages) {
  for (const int32_t page : pages) cache_.release(page);
  pages.clear();
}

}  // namespace r1::rollout
