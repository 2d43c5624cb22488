#include "rollout/generation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "base/progress.h"
#include "model/token_logprobs.h"

namespace r1::rollout {
namespace {

constexpr int64_t kDecodeGrain = 16;              // tokens to text: worth a thread from about here
constexpr int64_t kMaxLogits = int64_t{1} << 26;  // elements of one [rows, V] tensor

bool contains(const std::vector<int64_t>& list, int64_t value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// Sequences are added token list by token list, each with the pages it lies in.
class BatchBuilder {
 public:
  void add(std::span<const int64_t> tokens, int64_t first_position, const std::vector<int32_t>& pages) {
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
    batch_.offsets.push_back(int64_t(tokens_.size()));
    batch_.first_position.push_back(first_position);
    view_.pages.push_back(&pages);
  }
  at::Tensor forward(const model::CausalLM& policy, model::KvCache& cache) {
    batch_.tokens_T = at::tensor(at::ArrayRef<int64_t>(tokens_), at::kLong).to(policy.device());
    view_.cache = &cache;
    return policy.forward(batch_, &view_).hidden_TD;
  }
  const std::vector<int64_t>& offsets() const { return batch_.offsets; }

 private:
  std::vector<int64_t> tokens_;
  model::FlatBatch batch_{{}, {0}, {}};
  model::CacheView view_;
};

void check_config(const GenerationConfig& config) {
  check(config.sampling);
  const auto at_least_one = [](const char* name, int64_t value) {
    if (value >= 1) return;
    throw ConfigError(std::string(name) + " is " + std::to_string(value) + ", must be at least 1");
  };
  at_least_one("num_generations", config.num_generations);
  at_least_one("max_completion_length", config.max_completion_length);
}

void check_prompt(const Prompt& prompt, const model::ModelConfig& model, int64_t num_generations) {
  const std::string name = "prompt " + std::to_string(prompt.index);
  const int64_t length = int64_t(prompt.ids.size()), context = model.max_position_embeddings;
  if (length == 0) throw DataError(name + " is empty: a completion needs at least one token to follow");
  if (length >= context) {
    throw DataError(name + " has " + std::to_string(length) + " tokens and leaves no room in the context of " +
                    std::to_string(context) + " (max_position_embeddings); shorten or drop it");
  }
  for (const int64_t id : prompt.ids) {
    if (id >= 0 && id < model.vocab_size) continue;
    throw DataError(name + " has token id " + std::to_string(id) + ", the model's vocabulary has " +
                    std::to_string(model.vocab_size) + " tokens; is this the model's tokenizer?");
  }
  // Draws are keyed by index * num_generations + sample, 32 bits of the key.
  constexpr int64_t kMaxKey = std::numeric_limits<uint32_t>::max();
  if (prompt.index < 0 || prompt.index > kMaxKey / num_generations - 1) {
    throw DataError(name + ": the index must be in [0, 2^32 / num_generations), it keys the random draws");
  }
}

}  // namespace

void check(const GenerationRequest& request) {
  check_config(request.config);
  for (const Prompt& prompt : request.prompts) {
    check_prompt(prompt, request.policy.config(), request.config.num_generations);
  }
}

ScheduleLimits schedule_limits(const GenerationRequest& request) {
  return {request.limits.max_slots, request.config.num_generations, request.config.max_completion_length,
          request.policy.config().max_position_embeddings};
}

std::vector<int64_t> prompt_lengths(const std::vector<Prompt>& prompts) {
  std::vector<int64_t> lengths;
  for (const Prompt& prompt : prompts) lengths.push_back(int64_t(prompt.ids.size()));
  return lengths;
}

Generation::Generation(const GenerationRequest& request, model::KvCache& cache, RolloutStats& stats)
    : request_(request),
      cache_(cache),
      stats_(stats),
      schedule_(schedule_limits(request)),
      scheduler_(cache, prompt_lengths(request.prompts), schedule_) {
  const int64_t generations = request.config.num_generations;
  for (const Prompt& prompt : request.prompts) {
    groups_.push_back({prompt.index, prompt.ids, std::vector<Completion>(generations)});
    PromptState state{{}, {}, generations, generations};
    if (!request.stop_strings.empty()) {
      state.stop_states.assign(generations, request.stop_strings.begin(prompt.ids));
    }
    prompts_.push_back(std::move(state));
  }
}

std::vector<Group> Generation::run() {
  int64_t occupied = 0;
  while (!scheduler_.done()) {
    if (stop_requested()) throw Interrupted("stopped while generating completions");
    occupied += step();
  }
  if (stats_.decode_steps > 0) {
    stats_.mean_occupancy = double(occupied) / double(stats_.decode_steps * schedule_.max_slots);
  }
  return std::move(groups_);
}

int64_t Generation::step() {
  std::vector<int64_t> prompts;
  const int64_t started = scheduler_.admit(prompts);
  const int64_t rows = int64_t(scheduler_.active().size());
  prefill(prompts);
  std::vector<at::Tensor> hidden = first_hidden(started);
  if (rows > started) hidden.insert(hidden.begin(), decode(rows - started));
  const std::vector<Draw> draws = draw(hidden.size() == 1 ? hidden[0] : at::cat(hidden));
  stats_.max_pages = std::max(stats_.max_pages, scheduler_.pages_in_use());
  ++stats_.decode_steps;
  stats_.completion_tokens += rows;

  std::vector<char> ended(rows);
  const int64_t grain = request_.stop_strings.empty() ? rows : kDecodeGrain;
  parallel_for(rows, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) ended[i] = append(draws[i], scheduler_.active()[i]);
  });
  if (request_.token) {
    for (const Sequence& sequence : scheduler_.active())
      request_.token(sequence.prompt, sequence.sample, completion_of(sequence).ids.back());
  }
  const std::vector<int64_t> done = count_ended(ended);
  scheduler_.remove(ended);
  for (const int64_t group : done) {
    if (request_.group_done) request_.group_done(groups_[group]);
  }
  if (request_.progress) request_.progress(finished_);
  return rows;
}

void Generation::prefill(const std::vector<int64_t>& prompts) {
  std::vector<int64_t> lengths;
  for (const int64_t prompt : prompts) {
    lengths.push_back(int64_t(groups_[prompt].prompt_ids.size()));
    stats_.prompt_tokens += lengths.back();
  }
  if (prompts.empty()) return;
  const std::span<const int64_t> list(prompts);
  for (const auto& [begin, end] : model::split_by_tokens(lengths, request_.limits.max_prefill_tokens)) {
    prefill_batch(list.subspan(begin, end - begin));
  }
}

void Generation::prefill_batch(std::span<const int64_t> prompts) {
  BatchBuilder batch;
  for (const int64_t prompt : prompts) {
    batch.add(groups_[prompt].prompt_ids, 0, scheduler_.prompt_pages(prompt));
  }
  const at::Tensor hidden_TD = batch.forward(request_.policy, cache_);
  for (size_t i = 0; i < prompts.size(); ++i) {
    const int64_t last = batch.offsets()[i + 1] - 1;
    prompts_[prompts[i]].hidden_1D = hidden_TD.slice(0, last, last + 1).clone();
  }
}

std::vector<at::Tensor> Generation::first_hidden(int64_t count) {
  const std::vector<Sequence>& active = scheduler_.active();
  std::vector<at::Tensor> hidden;
  for (size_t i = active.size() - count; i < active.size(); ++i) {
    PromptState& prompt = prompts_[active[i].prompt];
    hidden.push_back(prompt.hidden_1D);
    if (--prompt.unstarted == 0) prompt.hidden_1D.reset();
  }
  return hidden;
}

at::Tensor Generation::decode(int64_t count) {
  BatchBuilder batch;
  for (int64_t i = 0; i < count; ++i) {
    Sequence& sequence = scheduler_.active()[i];
    scheduler_.make_room(sequence);
    const std::vector<int64_t>& ids = completion_of(sequence).ids;
    batch.add(std::span(ids).last(1), sequence.length - 1, sequence.pages);
  }
  return batch.forward(request_.policy, cache_);
}

std::vector<Draw> Generation::draw(const at::Tensor& hidden_BD) {
  const std::vector<Sequence>& active = scheduler_.active();
  const at::Tensor weight_VD = request_.policy.lm_head_weight();
  const int64_t rows = hidden_BD.size(0);
  const int64_t chunk = std::max<int64_t>(1, kMaxLogits / request_.policy.config().vocab_size);
  std::vector<Draw> draws;
  for (int64_t begin = 0; begin < rows; begin += chunk) {
    const int64_t end = std::min(rows, begin + chunk);
    std::vector<float> uniforms;
    for (int64_t i = begin; i < end; ++i) {
      const int64_t index = groups_[active[i].prompt].prompt_index;
      const int64_t row = index * request_.config.num_generations + active[i].sample;
      const size_t token = completion_of(active[i]).ids.size();
      uniforms.push_back(request_.draws.uniform(request_.step, uint32_t(row), uint32_t(token)));
    }
    const at::Tensor logits_BV = model::logits(hidden_BD.slice(0, begin, end), weight_VD);
    try {
      const std::vector<Draw> some = sample(logits_BV, request_.config.sampling, uniforms);
      draws.insert(draws.end(), some.begin(), some.end());
    } catch (const NonFiniteLogits& error) {
      throw NonFiniteLogits(begin + error.row, describe(active[begin + error.row]));
    }
  }
  return draws;
}

std::string Generation::describe(const Sequence& sequence) {
  return "prompt " + std::to_string(groups_[sequence.prompt].prompt_index) + ", completion " + std::to_string(sequence.sample) +
         ", token " + std::to_string(completion_of(sequence).ids.size());
}

bool Generation::append(const Draw& draw, Sequence& sequence) {
  Completion& completion = completion_of(sequence);
  completion.ids.push_back(draw.token);
  completion.logp.push_back(draw.logp);
  completion.sampling_logp.push_back(draw.sampling_logp);
  completion.policy_version.push_back(request_.policy_version);
  ++sequence.length;
  return find_stop(sequence, completion);
}

bool Generation::find_stop(const Sequence& sequence, Completion& completion) {
  const GenerationConfig& config = request_.config;
  const int64_t token = completion.ids.back(), length = int64_t(completion.ids.size());
  const auto stop = [&completion](StopReason reason) {
    completion.stop_reason = reason;
    return true;
  };
  if (!config.ignore_eos && contains(request_.policy.config().stop_token_ids(), token)) {
    return stop(StopReason::kEos);
  }
  if (contains(config.stop_token_ids, token)) return stop(StopReason::kStopToken);
  if (!request_.stop_strings.empty()) {
    auto& state = prompts_[sequence.prompt].stop_states[sequence.sample];
    if (request_.stop_strings.add(state, token)) return stop(StopReason::kStopString);
  }
  if (length == config.max_completion_length || sequence.length == schedule_.max_context) {
    return stop(StopReason::kLength);
  }
  return false;
}

std::vector<int64_t> Generation::count_ended(const std::vector<char>& ended) {
  std::vector<int64_t> groups;
  for (size_t i = 0; i < ended.size(); ++i) {
    if (!ended[i]) continue;
    ++finished_;
    const int64_t group = scheduler_.active()[i].prompt;
    if (--prompts_[group].unfinished == 0) groups.push_back(group);
  }
  return groups;
}

Completion& Generation::completion_of(const Sequence& sequence) {
  return groups_[sequence.prompt].completions[sequence.sample];
}

}  // namespace r1::rollout
