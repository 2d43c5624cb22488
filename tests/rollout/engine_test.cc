#include "rollout/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <limits>
#include <map>
#include <numeric>
#include <set>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "tests/rollout/tiny_policy.h"

namespace r1::rollout {
namespace {

using testing::HasSubstr;

const std::vector<int64_t> kPageBorders = {1, 15, 16, 17, 33, 7, 32, 48};

GenerationConfig generation(int64_t num_generations = 4, int64_t length = 40) {
  GenerationConfig config;
  config.num_generations = num_generations;
  config.max_completion_length = length;
  return config;
}
std::vector<Group> generate(const model::CausalLM& policy, const std::vector<Prompt>& prompts, const GenerationConfig& config,
                            const EngineConfig& limits = {}, uint64_t step = 0) {
  Engine engine(policy, nullptr, limits);
  std::vector<Group> groups = engine.generate(prompts, config, test_draws(), step);
  EXPECT_EQ(engine.cache_pages_in_use(), 0);
  return groups;
}
// Everything of the completions, log-probs by their bits.
void expect_same(const std::vector<Group>& a, const std::vector<Group>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t g = 0; g < a.size(); ++g) {
    EXPECT_EQ(a[g].prompt_index, b[g].prompt_index);
    EXPECT_EQ(a[g].prompt_ids, b[g].prompt_ids);
    ASSERT_EQ(a[g].completions.size(), b[g].completions.size());
    for (size_t i = 0; i < a[g].completions.size(); ++i) {
      const Completion &x = a[g].completions[i], &y = b[g].completions[i];
      EXPECT_EQ(x.ids, y.ids) << "group " << g << " completion " << i;
      EXPECT_EQ(x.logp, y.logp) << "group " << g << " completion " << i;
      EXPECT_EQ(x.sampling_logp, y.sampling_logp);
      EXPECT_EQ(x.stop_reason, y.stop_reason);
    }
  }
}
// Log-probs of every completion token from one training forward over all sequences.
std::vector<std::vector<float>> training_logp(const model::CausalLM& policy, const std::vector<Group>& groups,
                                              double temperature) {
  std::vector<std::vector<int64_t>> sequences;
  for (const Group& group : groups) {
    for (const Completion& completion : group.completions) {
      sequences.push_back(group.prompt_ids);
      sequences.back().insert(sequences.back().end(), completion.ids.begin(), completion.ids.end());
    }
  }
  const model::FlatBatch batch = model::make_flat_batch(sequences, at::kCPU);
  const at::Tensor hidden_TD = policy.forward(batch).hidden_TD;
  std::vector<std::vector<float>> result;
  size_t s = 0;
  for (const Group& group : groups) {
    for (const Completion& completion : group.completions) {
      const int64_t first = batch.offsets[s++] + int64_t(group.prompt_ids.size()), count = int64_t(completion.ids.size());
      const at::Tensor logp = model::token_logprobs(hidden_TD.narrow(0, first - 1, count), policy.lm_head_weight(),
                                                    batch.tokens_T.narrow(0, first, count), temperature)
                                  .logp_T;
      const at::Tensor values = logp.detach().to(at::kFloat).contiguous();
      result.emplace_back(values.const_data_ptr<float>(), values.const_data_ptr<float>() + count);
    }
  }
  return result;
}

TEST(Engine, LogProbsAreThoseOfTheTrainingForward) {
  const auto policy = tiny_policy();
  for (const double temperature : {1.0, 0.7}) {
    GenerationConfig config = generation();
    config.sampling.temperature = temperature;
    const std::vector<Group> groups = generate(*policy, random_prompts(kPageBorders), config, {.max_slots = 5});
    const auto expected = training_logp(*policy, groups, temperature);
    size_t s = 0;
    for (const Group& group : groups) {
      for (const Completion& completion : group.completions) {
        EXPECT_EQ(completion.logp, expected[s++]) << "prompt of " << group.prompt_ids.size() << " tokens";
        EXPECT_EQ(completion.sampling_logp, completion.logp);
      }
    }
  }
}

TEST(Engine, SlotsAndPrefillLimitsDoNotChangeCompletions) {
  const auto policy = tiny_policy();
  const std::vector<Prompt> prompts = random_prompts(kPageBorders);
  const std::vector<Group> wide = generate(*policy, prompts, generation());
  for (const int64_t slots : {1, 3, 8, 64}) {
    for (const int64_t prefill : {16, 50, 4096}) {
      expect_same(wide, generate(*policy, prompts, generation(), {.max_slots = slots, .max_prefill_tokens = prefill}));
    }
  }
}

TEST(Engine, OrderAndNumberOfPromptsDoNotChangeCompletions) {
  const auto policy = tiny_policy();
  std::vector<Prompt> prompts = random_prompts(kPageBorders);
  const std::vector<Group> together = generate(*policy, prompts, generation());
  for (size_t i = 0; i < prompts.size(); ++i) {
    expect_same({together[i]}, generate(*policy, {prompts[i]}, generation(), {.max_slots = 3}));
  }
  std::reverse(prompts.begin(), prompts.end());
  std::vector<Group> reversed = generate(*policy, prompts, generation(), {.max_slots = 7});
  std::reverse(reversed.begin(), reversed.end());
  expect_same(together, reversed);
}

TEST(Engine, ThreadsDoNotChangeCompletions) {
  const auto policy = tiny_policy();
  const std::vector<Prompt> prompts = random_prompts(kPageBorders);
  const int before = num_threads();
  set_num_threads(1);
  const std::vector<Group> one = generate(*policy, prompts, generation());
  set_num_threads(2);
  const std::vector<Group> two = generate(*policy, prompts, generation());
  set_num_threads(before);
  expect_same(one, two);
}

TEST(Engine, ASmallCacheOnlyMakesCompletionsWait) {
  const auto policy = tiny_policy(tiny_config(40, 512));
  const std::vector<Prompt> prompts = random_prompts({100, 30, 7, 64, 120, 12});
  GenerationConfig config = generation(6, 300);
  config.ignore_eos = true;
  Engine large(*policy, nullptr, {.max_slots = 64}), small(*policy, nullptr, {.max_slots = 64, .max_cache_mb = 1});
  const std::vector<Group> expected = large.generate(prompts, config, test_draws(), 0);
  expect_same(expected, small.generate(prompts, config, test_draws(), 0));
  const int64_t pages = (int64_t{1} << 20) / policy->cache_bytes_per_page();
  EXPECT_GT(large.stats().max_pages, pages);
  EXPECT_LE(small.stats().max_pages, pages);
  EXPECT_GT(small.stats().decode_steps, large.stats().decode_steps);
}

TEST(Engine, AUsedCacheIsAsGoodAsNew) {
  const auto policy = tiny_policy();
  Engine engine(*policy, nullptr, {.max_slots = 6});
  engine.generate(random_prompts({48, 33, 20, 11}), generation(3, 60), test_draws(), 5);
  const std::vector<Prompt> prompts = random_prompts(kPageBorders);
  expect_same(generate(*policy, prompts, generation()), engine.generate(prompts, generation(), test_draws(), 0));
}

TEST(Engine, DrawsAreKeyedByStepIndexAndSample) {
  const auto policy = tiny_policy();
  const std::vector<Prompt> prompts = random_prompts({9, 9});
  const std::vector<Group> first = generate(*policy, prompts, generation()),
                           later = generate(*policy, prompts, generation(), {}, 1);
  std::set<std::vector<int64_t>> seen;
  for (const auto* groups : {&first, &later}) {
    for (const Group& group : *groups) {
      for (const Completion& completion : group.completions) seen.insert(completion.ids);
    }
  }
  EXPECT_EQ(seen.size(), 16u);
  // One completion of twice the prompts has the same keys: index 2 i + s for sample s of prompt i.
  std::vector<Prompt> single = {{0, prompts[0].ids}, {1, prompts[0].ids}};
  const std::vector<Group> two = generate(*policy, single, generation(1)),
                           pair = generate(*policy, {prompts[0]}, generation(2));
  EXPECT_EQ(two[0].completions[0].ids, pair[0].completions[0].ids);
  EXPECT_EQ(two[1].completions[0].ids, pair[0].completions[1].ids);
}

TEST(Engine, GreedyTakesTheModelsFavourite) {
  const auto policy = tiny_policy();
  GenerationConfig config = generation(2, 20);
  config.sampling.temperature = 0;
  const std::vector<Group> groups = generate(*policy, random_prompts({10, 21}), config);
  for (const Group& group : groups) {
    const Completion& completion = group.completions[0];
    EXPECT_EQ(completion.ids, group.completions[1].ids);
    std::vector<int64_t> sequence = group.prompt_ids;
    sequence.insert(sequence.end(), completion.ids.begin(), completion.ids.end());
    const at::Tensor hidden_TD = policy->forward(model::make_flat_batch({sequence}, at::kCPU)).hidden_TD;
    const at::Tensor best_T = model::logits(hidden_TD, policy->lm_head_weight()).argmax(1);
    for (size_t t = 0; t < completion.ids.size(); ++t) {
      EXPECT_EQ(completion.ids[t], best_T[int64_t(group.prompt_ids.size() + t) - 1].item<int64_t>());
      EXPECT_EQ(completion.sampling_logp[t], 0.0f);
    }
  }
}

TEST(Engine, EndsAtEosStopTokenOrLength) {
  const auto policy = tiny_policy();
  const std::vector<Prompt> prompts = random_prompts({5, 9, 17});
  GenerationConfig config = generation(8, 60);
  config.ignore_eos = true;
  const std::vector<Group> whole = generate(*policy, prompts, config);
  config.ignore_eos = false;
  config.stop_token_ids = {10, 11};
  const std::vector<Group> stopped = generate(*policy, prompts, config);
  std::map<StopReason, int> reasons;
  for (size_t g = 0; g < whole.size(); ++g) {
    for (size_t i = 0; i < whole[g].completions.size(); ++i) {
      const Completion &full = whole[g].completions[i], &part = stopped[g].completions[i];
      EXPECT_EQ(full.ids.size(), 60u);
      EXPECT_EQ(full.stop_reason, StopReason::kLength);
      EXPECT_TRUE(full.truncated());
      const std::vector<int64_t> stops = {2, 10, 11};
      const auto at = std::find_first_of(full.ids.begin(), full.ids.end(), stops.begin(), stops.end());
      const std::vector<int64_t> expected(full.ids.begin(), at == full.ids.end() ? at : at + 1);
      EXPECT_EQ(part.ids, expected);
      const StopReason reason = at == full.ids.end() ? StopReason::kLength
                                : *at == 2           ? StopReason::kEos
                                                     : StopReason::kStopToken;
      EXPECT_EQ(part.stop_reason, reason);
      EXPECT_EQ(part.logp.size(), part.ids.size());
      ++reasons[part.stop_reason];
    }
  }
  EXPECT_GT(reasons[StopReason::kEos], 0);
  EXPECT_GT(reasons[StopReason::kStopToken], 0);
}

TEST(Engine, EosOnTheLastTokenIsEos) {
  const auto policy = tiny_policy();
  const std::vector<Group> groups = generate(*policy, random_prompts({5, 9, 17}), generation(8, 60));
  for (const Group& group : groups) {
    for (size_t i = 0; i < group.completions.size(); ++i) {
      const Completion& completion = group.completions[i];
      if (completion.stop_reason != StopReason::kEos) continue;
      GenerationConfig config = generation(8, int64_t(completion.ids.size()));
      const std::vector<Group> again = generate(*policy, {{group.prompt_index, group.prompt_ids}}, config);
      EXPECT_EQ(again[0].completions[i].stop_reason, StopReason::kEos);
      return;
    }
  }
  FAIL() << "no completion ended";
}

TEST(Engine, TheContextEndsCompletions) {
  const auto policy = tiny_policy(tiny_config(40, 24));
  GenerationConfig config = generation(2, 50);
  config.ignore_eos = true;
  const std::vector<Group> groups = generate(*policy, random_prompts({23, 20, 4}), config);
  EXPECT_EQ(groups[0].completions[0].ids.size(), 1u);
  EXPECT_EQ(groups[1].completions[1].ids.size(), 4u);
  EXPECT_EQ(groups[2].completions[1].ids.size(), 20u);
  for (const Group& group : groups) EXPECT_EQ(group.completions[0].stop_reason, StopReason::kLength);
  const auto expected = training_logp(*policy, groups, 1.0);
  EXPECT_EQ(groups[2].completions[1].logp, expected[5]);
}

TEST(Engine, StopStringsAcrossTokens) {
  const std::string alphabet = "abcdefghijklmnopqrstuvwxyz 0123456789";
  const auto tokenizer = model::make_sentencepiece_tokenizer(model::train_sentencepiece({alphabet}, {}));
  const auto policy = tiny_policy(tiny_config(tokenizer->vocab_size()));
  const std::vector<Prompt> prompts = {{0, tokenizer->encode("abc")}, {1, tokenizer->encode("solve 12 3 ")}};
  GenerationConfig config = generation(8, 50);
  config.ignore_eos = true;
  Engine engine(*policy, tokenizer.get(), {.max_slots = 6});
  const std::vector<Group> whole = engine.generate(prompts, config, test_draws(), 0);
  const Completion& sample = whole[0].completions[3];
  const std::string stop = tokenizer->decode({sample.ids.begin() + 20, sample.ids.begin() + 23}, false);
  config.stop_strings = {"a string that never comes", stop};
  const std::vector<Group> stopped = engine.generate(prompts, config, test_draws(), 0);
  int found = 0;
  for (size_t g = 0; g < whole.size(); ++g) {
    for (size_t i = 0; i < whole[g].completions.size(); ++i) {
      const Completion &full = whole[g].completions[i], &part = stopped[g].completions[i];
      size_t length = 1;  // the shortest beginning whose text has the string
      const auto has_stop = [&](size_t n) {
        return tokenizer->decode({full.ids.begin(), full.ids.begin() + int64_t(n)}, false).find(stop) != std::string::npos;
      };
      while (length < full.ids.size() && !has_stop(length)) ++length;
      EXPECT_EQ(part.ids, std::vector<int64_t>(full.ids.begin(), full.ids.begin() + int64_t(length)));
      EXPECT_EQ(part.stop_reason, has_stop(length) ? StopReason::kStopString : StopReason::kLength);
      found += part.stop_reason == StopReason::kStopString;
    }
  }
  EXPECT_GE(found, 1);
  EXPECT_THROW(Engine(*policy, nullptr, {}).generate(prompts, config, test_draws(), 0), ConfigError);
}

TEST(Engine, CallsBackOncePerGroupAndCountsUp) {
  const auto policy = tiny_policy();
  Engine engine(*policy, nullptr, {.max_slots = 5});
  std::vector<int64_t> done, finished;
  const std::vector<Prompt> prompts = random_prompts(kPageBorders);
  const std::vector<Group> groups = engine.generate(
      prompts, generation(), test_draws(), 0,
      [&](const Group& group) {
        done.push_back(group.prompt_index);
        for (const Completion& completion : group.completions) EXPECT_NE(completion.stop_reason, StopReason::kCancelled);
      },
      [&](int64_t count) { finished.push_back(count); });
  EXPECT_EQ(std::set<int64_t>(done.begin(), done.end()).size(), prompts.size());
  EXPECT_EQ(done.size(), prompts.size());
  EXPECT_TRUE(std::is_sorted(finished.begin(), finished.end()));
  EXPECT_EQ(finished.back(), int64_t(prompts.size()) * 4);
  EXPECT_EQ(int64_t(finished.size()), engine.stats().decode_steps);
}

TEST(Engine, Statistics) {
  const auto policy = tiny_policy();
  const std::vector<Prompt> prompts = random_prompts(kPageBorders);
  Engine one(*policy, nullptr, {.max_slots = 1}), all(*policy, nullptr, {.max_slots = 64});
  const std::vector<Group> groups = one.generate(prompts, generation(), test_draws(), 0);
  all.generate(prompts, generation(), test_draws(), 0);
  int64_t tokens = 0, longest = 0;
  for (const Group& group : groups) {
    for (const Completion& completion : group.completions) {
      tokens += int64_t(completion.ids.size());
      longest = std::max(longest, int64_t(completion.ids.size()));
    }
  }
  for (const RolloutStats& stats : {one.stats(), all.stats()}) {
    EXPECT_EQ(stats.prompt_tokens, std::accumulate(kPageBorders.begin(), kPageBorders.end(), int64_t{0}));
    EXPECT_EQ(stats.completion_tokens, tokens);
    EXPECT_GT(stats.seconds, 0);
  }
  EXPECT_EQ(one.stats().decode_steps, tokens);
  EXPECT_EQ(one.stats().mean_occupancy, 1.0);
  EXPECT_EQ(all.stats().decode_steps, longest);
  EXPECT_DOUBLE_EQ(all.stats().mean_occupancy, double(tokens) / double(longest * 64));
}

TEST(Engine, RecordsThePolicyVersion) {
  const auto policy = tiny_policy();
  Engine engine(*policy, nullptr, {});
  engine.set_policy_version(17);
  for (const Group& group : engine.generate(random_prompts({5}), generation(), test_draws(), 0)) {
    for (const Completion& completion : group.completions) {
      EXPECT_EQ(completion.policy_version, std::vector<int64_t>(completion.ids.size(), 17));
    }
  }
}

TEST(Engine, GeneratesFromAPolicyThatTrains) {
  const auto policy = tiny_policy();
  const std::vector<Prompt> prompts = random_prompts({5, 20});
  const std::vector<Group> frozen = generate(*policy, prompts, generation());
  policy->set_requires_grad(true);
  expect_same(frozen, generate(*policy, prompts, generation()));
}

TEST(Engine, OtherDtypesAgreeWithTheirTrainingForward) {
  // These take ATen's matrix products, whose bits depend on the number of rows: closeness only.
  for (const auto& [dtype, tolerance] :
       std::vector<std::pair<at::ScalarType, double>>{{at::kDouble, 1e-6}, {at::kBFloat16, 0.3}}) {
    const auto policy = tiny_policy(tiny_config(), dtype);
    const std::vector<Group> groups = generate(*policy, random_prompts({5, 17}), generation(2, 20));
    const auto expected = training_logp(*policy, groups, 1.0);
    size_t s = 0;
    for (const Group& group : groups) {
      for (const Completion& completion : group.completions) {
        for (size_t t = 0; t < completion.ids.size(); ++t) EXPECT_NEAR(completion.logp[t], expected[s][t], tolerance);
        ++s;
      }
    }
  }
}

TEST(Engine, NoPromptsNoGroups) {
  const auto policy = tiny_policy();
  EXPECT_TRUE(generate(*policy, {}, generation()).empty());
}

template <class E>
std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

TEST(Engine, RefusesBadPrompts) {
  const auto policy = tiny_policy(tiny_config(40, 24));
  const auto refuse = [&](const Prompt& prompt) {
    return message_of<DataError>([&] { generate(*policy, {{0, {5}}, prompt}, generation()); });
  };
  EXPECT_THAT(refuse({31, {}}), HasSubstr("prompt 31 is empty"));
  EXPECT_THAT(refuse({8, std::vector<int64_t>(24, 5)}), HasSubstr("prompt 8 has 24 tokens"));
  EXPECT_THAT(refuse({8, {5, 40}}), HasSubstr("token id 40"));
  EXPECT_THAT(refuse({8, {-1}}), HasSubstr("token id -1"));
  EXPECT_THAT(refuse({-2, {5}}), HasSubstr("prompt -2"));
  EXPECT_THAT(refuse({int64_t{1} << 31, {5}}), HasSubstr("random draws"));
}

TEST(Engine, RefusesBadSettings) {
  const auto policy = tiny_policy();
  const std::vector<Prompt> prompts = random_prompts({5});
  EXPECT_THROW(generate(*policy, prompts, generation(0)), ConfigError);
  EXPECT_THROW(generate(*policy, prompts, generation(1, 0)), ConfigError);
  EXPECT_THROW(Engine(*policy, nullptr, {.max_slots = 0}), ConfigError);
  EXPECT_THROW(Engine(*policy, nullptr, {.max_prefill_tokens = 0}), ConfigError);
  const auto long_policy = tiny_policy(tiny_config(40, 1 << 14));
  const std::string message =
      message_of<ConfigError>([&] { generate(*long_policy, prompts, generation(1, 1 << 14), {.max_cache_mb = 1}); });
  EXPECT_THAT(message, HasSubstr("max_cache_mb is 1"));
}

TEST(Engine, BrokenWeightsNameTheCompletion) {
  const auto policy = tiny_policy();
  policy->lm_head_weight().fill_(std::numeric_limits<float>::quiet_NaN());
  const std::string message = message_of<NonFiniteLogits>([&] { generate(*policy, {{9, {5, 6}}}, generation()); });
  EXPECT_THAT(message, HasSubstr("prompt 9, completion 0, token 0"));
}

TEST(Engine, AnExceptionLeavesTheEngineUsable) {
  const auto policy = tiny_policy();
  Engine engine(*policy, nullptr, {.max_slots = 5});
  const std::vector<Prompt> prompts = random_prompts(kPageBorders);
  const auto fail = [](const Group&) { throw DataError("enough"); };
  EXPECT_THROW(engine.generate(prompts, generation(), test_draws(), 0, fail), DataError);
  EXPECT_EQ(engine.cache_pages_in_use(), 0);
  expect_same(generate(*policy, prompts, generation()), engine.generate(prompts, generation(), test_draws(), 0));
}

// In a process of its own: a stop request cannot be taken back.
TEST(EngineDeathTest, AStopRequestInterrupts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto stop_while_generating = [] {
    const auto policy = tiny_policy();
    Engine engine(*policy, nullptr, {.max_slots = 2});
    install_signal_handlers();
    int64_t steps = 0;
    try {
      engine.generate(random_prompts(kPageBorders), generation(), test_draws(), 0, {}, [&](int64_t) {
        if (++steps == 3) std::raise(SIGTERM);
      });
    } catch (const Interrupted&) {
      std::_Exit(steps == 3 && engine.cache_pages_in_use() == 0 ? 75 : 1);
    }
    std::_Exit(2);
  };
  EXPECT_EXIT(stop_while_generating(), testing::ExitedWithCode(75), "");
}

}  // namespace
}  // namespace r1::rollout
