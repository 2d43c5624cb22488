#include "grpo/batch.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace r1::grpo {
namespace {

// What belongs to the completion tokens, on the host.
struct HostBatch {
  std::vector<std::vector<int64_t>> sequences;
  std::vector<int64_t> rows, targets, offsets = {0};
  std::vector<double> old_logp, sampling_logp, ref_logp, advantages, weights;
};

void check_sample(const Sample& sample) {
  const rollout::Completion& completion = *sample.completion;
  const size_t length = completion.ids.size();
  R1_CHECK(!sample.group->prompt_ids.empty(), "a sample without prompt tokens");
  R1_CHECK(length > 0, "a sample without completion tokens");
  R1_CHECK(completion.logp.size() == length, "logp is not one per completion token");
  R1_CHECK(completion.sampling_logp.empty() || completion.sampling_logp.size() == length,
           "sampling_logp is not one per completion token");
  R1_CHECK(sample.ref_logp.empty() || sample.ref_logp.size() == length, "ref_logp is not one per completion token");
}

void append(HostBatch& host, const Sample& sample, double weight, int64_t first_row) {
  const std::vector<int64_t>& prompt = sample.group->prompt_ids;
  const rollout::Completion& completion = *sample.completion;
  const auto length = static_cast<int64_t>(completion.ids.size());
  const int64_t row = first_row + static_cast<int64_t>(prompt.size()) - 1;
  for (int64_t t = 0; t < length; ++t) host.rows.push_back(row + t);

  std::vector<int64_t> sequence = prompt;
  sequence.insert(sequence.end(), completion.ids.begin(), completion.ids.end() - 1);
  host.sequences.push_back(std::move(sequence));

  const auto extend = [](std::vector<double>& to, const std::vector<float>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  host.targets.insert(host.targets.end(), completion.ids.begin(), completion.ids.end());
  extend(host.old_logp, completion.logp);
  extend(host.sampling_logp, completion.sampling_logp.empty() ? completion.logp : completion.sampling_logp);
  extend(host.ref_logp, sample.ref_logp);
  host.advantages.insert(host.advantages.end(), completion.ids.size(), sample.advantage);
  host.weights.insert(host.weights.end(), completion.ids.size(), weight);
  host.offsets.push_back(host.offsets.back() + length);
}

}  // namespace

std::vector<double> token_weights(const std::string& loss_type, const std::vector<int64_t>& lengths,
                                  int64_t max_completion_length, double dapo_tokens_per_step) {
  const auto completions = static_cast<double>(lengths.size());
  const auto tokens = static_cast<double>(std::accumulate(lengths.begin(), lengths.end(), int64_t{0}));
  double divisor = 0;
  if (loss_type == "grpo") {
    divisor = completions;  // and each completion's own length, below
  } else if (loss_type == "bnpo") {
    divisor = tokens;
  } else if (loss_type == "dapo") {
    divisor = dapo_tokens_per_step > 0 ? dapo_tokens_per_step : tokens;
  } else if (loss_type == "dr_grpo") {
    R1_CHECK(max_completion_length > 0, "dr_grpo needs max_completion_length");
    divisor = completions * static_cast<double>(max_completion_length);
  } else {
    throw ConfigError("loss_type is \"" + loss_type + "\"; it must be one of: grpo, bnpo, dapo, dr_grpo");
  }
  std::vector<double> weights;
  for (int64_t length : lengths) {
    const double own = loss_type == "grpo" ? static_cast<double>(length) : 1.0;
    weights.push_back(length > 0 ? 1.0 / (divisor * own) : 0.0);
  }
  return weights;
}

int64_t flat_tokens(const Sample& sample) {
  return static_cast<int64_t>(sample.group->prompt_ids.size() + sample.completion->ids.size()) - 1;
}

MicroBatch make_micro_batch(const std::vector<const Sample*>& samples, const std::vector<double>& weights, at::Device device,
                            at::ScalarType dtype) {
  R1_CHECK(samples.size() == weights.size(), "one weight per sample");
  HostBatch host;
  int64_t rows = 0;
  for (size_t s = 0; s < samples.size(); ++s) {
    check_sample(*samples[s]);
    append(host, *samples[s], weights[s], rows);
    rows += flat_tokens(*samples[s]);
  }
  R1_CHECK(host.ref_logp.empty() || host.ref_logp.size() == host.targets.size(), "only some samples have reference log-probs");

  const auto ids = [&](const std::vector<int64_t>& v) { return at::tensor(v, at::kLong).to(device); };
  const auto reals = [&](const std::vector<double>& v) { return at::tensor(v, at::kDouble).to(dtype).to(device); };
  MicroBatch batch;
  batch.flat = model::make_flat_batch(host.sequences, device);
  batch.rows_C = ids(host.rows);
  batch.targets_C = ids(host.targets);
  batch.old_logp_C = reals(host.old_logp);
  batch.sampling_logp_C = reals(host.sampling_logp);
  batch.advantages_C = reals(host.advantages);
  batch.weights_C = reals(host.weights);
  if (!host.ref_logp.empty()) batch.ref_logp_C = reals(host.ref_logp);
  batch.offsets = std::move(host.offsets);
  return batch;
}

}  // namespace r1::grpo
