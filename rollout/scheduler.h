// Which completions are being generated, and which pages of the cache each of them owns. Knows lengths, not tokens.
//
// Completions start in order: by prompt, then by sample. A prompt's pages are written once; its completions share the full
// ones and each copies the partly filled last one before it first writes. Pages are reserved for the longest possible
// completion when it is admitted, so an allocation never fails later; they are taken from the cache only when needed.
#pragma once

#include <cstdint>
#include <vector>

#include "model/kv_cache.h"

namespace r1::rollout {

struct ScheduleLimits {
  int64_t max_slots = 1;
  int64_t num_generations = 1;
  int64_t max_completion_length = 1;
  int64_t max_context = 1;  // of prompt and completion together
};

// A completion that is being generated.
struct Sequence {
  int64_t prompt = 0;          // position in the list of prompts
  int64_t sample = 0;          // 0 .. num_generations - 1
  int64_t length = 0;          // tokens of prompt and completion so far
  std::vector<int32_t> pages;  // empty until the second token is due
  int64_t reserved = 0;        // pages it may still allocate
};

class Scheduler {
 public:
  // `cache` must outlive the scheduler and have min_pages() free.
  Scheduler(model::KvCache& cache, std::vector<int64_t> prompt_lengths, const ScheduleLimits& limits);
  ~Scheduler();  // gives back every page, whatever state the generation is in
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // The largest number of pages that these prompts can use at once, and the least that lets them all be done.
  static int64_t max_pages(const std::vector<int64_t>& prompt_lengths, const ScheduleLimits& limits);
  static int64_t min_pages(const std::vector<int64_t>& prompt_lengths, const ScheduleLimits& limits);

  bool done() const { return active_.empty() && next_ == total_; }
  std::vector<Sequence>& active() { return active_; }

  // Starts waiting completions, in order, while slots and pages last: appends them to active() and returns how many. Prompts
  // met for the first time get their pages and are listed in `prefill`: they must be run through the model before decoding.
  int64_t admit(std::vector<int64_t>& prefill);
  const std::vector<int32_t>& prompt_pages(int64_t prompt) const { return prompts_[prompt].pages; }
  // Makes room in the sequence's own pages for its last token (position length - 1).
  void make_room(Sequence& sequence);
  // Ends active()[i] where ended[i]: its pages are free from now on. The others keep their order.
  void remove(const std::vector<char>& ended);
  int64_t pages_in_use() const { return cache_.num_pages() - cache_.free_pages(); }

 private:
  struct PromptPages {
    int64_t length = 0;
    int64_t untouched = 0;       // completions that have not yet taken their share of the pages
    std::vector<int32_t> pages;  // held until the last completion has
  };
  int64_t next_prompt() const { return next_ / limits_.num_generations; }
  void take_prompt_pages(Sequence& sequence);
  void leave_prompt(PromptPages& prompt);
  void release(std::vector<int32_t>& pages);

  model::KvCache& cache_;
  ScheduleLimits limits_;
  std::vector<PromptPages> prompts_;
  std::vector<Sequence> active_;
  int64_t next_ = 0, total_ = 0;  // completions in order of admission
  int64_t reserved_ = 0;          // sum over active_
};

}  // namespace r1::rollout
