#include "rollout/scheduler.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "base/philox.h"

namespace r1::rollout {
namespace {

using model::kPageTokens;

// A cache that holds one number per token: what was written there.
model::KvCache make_cache(int64_t pages) { return model::KvCache({at::full({pages, kPageTokens}, -1, at::kLong)}, pages); }

int64_t& cell(model::KvCache& cache, const std::vector<int32_t>& pages, int64_t position) {
  int64_t* data = cache.storage()[0].mutable_data_ptr<int64_t>();
  return data[pages.at(position / kPageTokens) * kPageTokens + position % kPageTokens];
}
// The number that belongs to a position of a sequence: the prompt's for its first tokens.
int64_t expected(const Sequence& sequence, int64_t position, int64_t prompt_length) {
  const int64_t owner = position < prompt_length ? 0 : sequence.sample + 1;
  return (sequence.prompt * 1000 + owner) * 1000 + position;
}

// Runs a whole generation in which completions end at random, and checks at every step that each sequence reads what it wrote.
struct Simulation {
  std::vector<int64_t> lengths;
  ScheduleLimits limits;
  int64_t pages;
  uint64_t seed;
  int64_t steps = 0, tokens = 0, most_pages = 0, prefilled = 0;
  std::vector<std::pair<int64_t, int64_t>> admitted = {};

  void run() {
    const RandomStream stream(seed, "lengths", Purpose::kData);
    model::KvCache cache = make_cache(pages);
    {
      Scheduler scheduler(cache, lengths, limits);
      while (!scheduler.done()) step(scheduler, cache, stream);
      EXPECT_EQ(cache.free_pages(), pages);
    }
    EXPECT_EQ(cache.free_pages(), pages);
  }

 private:
  void step(Scheduler& scheduler, model::KvCache& cache, const RandomStream& stream) {
    std::vector<int64_t> prefill;
    const int64_t started = scheduler.admit(prefill);
    std::vector<Sequence>& active = scheduler.active();
    const int64_t decoding = int64_t(active.size()) - started;
    for (const int64_t prompt : prefill) {
      ++prefilled;
      for (int64_t t = 0; t < lengths[prompt]; ++t) cell(cache, scheduler.prompt_pages(prompt), t) = prompt * 1'000'000 + t;
    }
    for (size_t i = decoding; i < active.size(); ++i) admitted.emplace_back(active[i].prompt, active[i].sample);
    for (int64_t i = 0; i < decoding; ++i) {
      scheduler.make_room(active[i]);
      const int64_t position = active[i].length - 1;
      cell(cache, active[i].pages, position) = expected(active[i], position, lengths[active[i].prompt]);
    }
    for (int64_t i = 0; i < decoding; ++i) {
      for (int64_t t = 0; t < active[i].length; ++t) {
        ASSERT_EQ(cell(cache, active[i].pages, t), expected(active[i], t, lengths[active[i].prompt]));
      }
    }
    most_pages = std::max(most_pages, scheduler.pages_in_use());
    ASSERT_LE(int64_t(active.size()), limits.max_slots);
    std::vector<char> ended;
    for (Sequence& sequence : active) {
      ++sequence.length;
      ++tokens;
      const int64_t prompt = lengths[sequence.prompt], generated = sequence.length - prompt;
      const bool full = generated == limits.max_completion_length || sequence.length == limits.max_context;
      ended.push_back(full || stream.below(20, uint64_t(tokens)) == 0);
    }
    scheduler.remove(ended);
    ++steps;
  }
};

TEST(Scheduler, SequencesReadWhatTheyWroteWhateverTheSlots) {
  const std::vector<int64_t> lengths = {1, 15, 16, 17, 32, 33, 40, 5, 16, 31};
  for (const int64_t slots : {1, 3, 8, 64}) {
    const ScheduleLimits limits{slots, 5, 40, 60};
    const int64_t most = Scheduler::max_pages(lengths, limits), least = Scheduler::min_pages(lengths, limits);
    for (const int64_t pages : {least, (least + most) / 2, most}) {
      Simulation simulation{lengths, limits, pages, uint64_t(slots)};
      simulation.run();
      EXPECT_EQ(simulation.prefilled, 10);
      ASSERT_EQ(simulation.admitted.size(), 50u);
      EXPECT_TRUE(std::is_sorted(simulation.admitted.begin(), simulation.admitted.end()));
      EXPECT_LE(simulation.most_pages, pages);
    }
  }
}

TEST(Scheduler, CountsPagesByHand) {
  // Prompt of 17 tokens, up to 20 more: 36 tokens are cached (the last is never fed back), 3 pages. One full page is shared.
  const ScheduleLimits limits{.max_slots = 8, .num_generations = 4, .max_completion_length = 20, .max_context = 100};
  EXPECT_EQ(Scheduler::min_pages({17}, limits), 2 + 2);
  EXPECT_EQ(Scheduler::max_pages({17}, limits), 2 + 4 * 2);
  // 16 + 16 tokens: 31 cached, one full page shared and one own.
  EXPECT_EQ(Scheduler::min_pages({16}, {1, 1, 16, 100}), 1 + 1);
  // The context ends the completion after 3 tokens: 2 of them are cached in the last prompt page's copy.
  EXPECT_EQ(Scheduler::min_pages({17}, {1, 1, 16, 20}), 2 + 1);
  // One token needs no cache beyond the prompt.
  EXPECT_EQ(Scheduler::min_pages({17}, {1, 1, 1, 100}), 2);
}

TEST(Scheduler, SharesFullPagesAndCopiesThePartOfOne) {
  model::KvCache cache = make_cache(20);
  Scheduler scheduler(cache, {20}, {8, 3, 8, 100});
  std::vector<int64_t> prefill;
  EXPECT_EQ(scheduler.admit(prefill), 3);
  EXPECT_EQ(prefill, std::vector<int64_t>{0});
  EXPECT_EQ(scheduler.pages_in_use(), 2);
  const std::vector<int32_t> prompt = scheduler.prompt_pages(0);
  std::vector<Sequence>& active = scheduler.active();
  for (Sequence& sequence : active) ++sequence.length;
  for (Sequence& sequence : active) scheduler.make_room(sequence);
  for (const Sequence& sequence : active) EXPECT_EQ(sequence.pages[0], prompt[0]);
  EXPECT_NE(active[0].pages[1], active[1].pages[1]);
  EXPECT_EQ(active[2].pages[1], prompt[1]);  // the last one takes the original
  EXPECT_EQ(scheduler.pages_in_use(), 1 + 3);
  scheduler.remove({1, 0, 0});
  EXPECT_EQ(scheduler.pages_in_use(), 1 + 2);
  EXPECT_EQ(scheduler.active()[0].sample, 1);
}

TEST(Scheduler, WaitsForPagesAndTakesFreedSlots) {
  model::KvCache cache = make_cache(4);  // two completions of one page each beside two prompts of one page
  Scheduler scheduler(cache, {16, 16, 16}, {8, 1, 16, 100});
  std::vector<int64_t> prefill;
  EXPECT_EQ(scheduler.admit(prefill), 2);
  EXPECT_EQ(scheduler.admit(prefill), 0);
  scheduler.remove({1, 0});
  EXPECT_EQ(scheduler.admit(prefill), 1);
  EXPECT_EQ(prefill, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(scheduler.active()[1].prompt, 2);
}

TEST(Scheduler, GivesEverythingBackWhenAbandoned) {
  model::KvCache cache = make_cache(40);
  {
    Scheduler scheduler(cache, {20, 20}, {3, 2, 8, 100});
    std::vector<int64_t> prefill;
    scheduler.admit(prefill);
    for (Sequence& sequence : scheduler.active()) ++sequence.length;
    scheduler.make_room(scheduler.active()[0]);
    EXPECT_LT(cache.free_pages(), 40);
  }
  EXPECT_EQ(cache.free_pages(), 40);
}

TEST(Scheduler, RefusesACacheThatIsTooSmall) {
  model::KvCache cache = make_cache(3);
  EXPECT_THROW(Scheduler(cache, {17}, {1, 1, 20, 100}), InternalError);
}

}  // namespace
}  // namespace r1::rollout
