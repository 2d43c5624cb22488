#include "rewards/rubric.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <exception>
#include <limits>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "base/error.h"
#include "base/progress.h"
#include "rewards/excerpt.h"

namespace r1::rewards {
namespace {

std::string join_path(const std::string& path, const std::string& key) {
  return path.empty() || path.ends_with(": ") ? path + key : path + "." + key;
}

std::vector<double> checked_weights(const RubricConfig& config, const std::string& path) {
  const size_t count = config.reward_funcs.size();
  if (config.reward_weights.empty()) return std::vector<double>(count, 1.0);
  if (config.reward_weights.size() != count) {
    throw ConfigError(join_path(path, "reward_weights") + ": " + std::to_string(config.reward_weights.size()) +
                      " weights for " + std::to_string(count) + " rewards; give one for each, or none for 1 each");
  }
  return config.reward_weights;
}

void check_names(const RubricConfig& config, const std::string& path) {
  const std::vector<std::string>& names = config.reward_funcs;
  const std::string place = join_path(path, "reward_funcs");
  if (names.empty()) throw ConfigError(place + ": name at least one reward");
  for (size_t i = 0; i < names.size(); ++i) {
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i)) {
      throw ConfigError(place + ": '" + names[i] + "' is listed twice; use its weight instead");
    }
  }
  const std::string configs = join_path(path, "reward_configs");
  if (!config.reward_configs.is_object()) throw ConfigError(configs + ": must be an object");
  for (const auto& item : config.reward_configs.items()) {
    if (std::find(names.begin(), names.end(), item.key()) != names.end()) continue;
    const std::string near = nearest(item.key(), names);
    throw ConfigError(join_path(configs, item.key()) + ": this reward is not in reward_funcs" +
                      (near.empty() ? "" : "; did you mean '" + near + "'?"));
  }
}

std::vector<std::unique_ptr<Reward>> make_rewards(const RubricConfig& config, const std::string& path) {
  std::vector<std::unique_ptr<Reward>> rewards;
  for (size_t i = 0; i < config.reward_funcs.size(); ++i) {
    const std::string& name = config.reward_funcs[i];
    const auto options = config.reward_configs.find(name);
    if (options != config.reward_configs.end()) {
      rewards.push_back(make(name, *options, join_path(join_path(path, "reward_configs"), name)));
    } else {
      const std::string place = join_path(path, "reward_funcs") + "[" + std::to_string(i) + "]";
      rewards.push_back(make(name, Json::object(), place));
    }
  }
  return rewards;
}

RewardScore failure(const std::string& what) { return {0, Reason::kRewarderFailed, Json{{"error", excerpt(what, 400)}}}; }

// One score per completion, whatever the reward does.
std::vector<RewardScore> guarded_score(const Reward& reward, const RewardGroup& group) {
  const size_t count = group.completions.size();
  std::vector<RewardScore> scores;
  try {
    scores = reward.score(group);
  } catch (const std::exception& error) {
    return std::vector<RewardScore>(count, failure(error.what()));
  } catch (...) {
    return std::vector<RewardScore>(count, failure("an exception of unknown type"));
  }
  if (scores.size() != count) {
    return std::vector<RewardScore>(
        count, failure(std::to_string(scores.size()) + " scores for " + std::to_string(count) + " completions"));
  }
  for (RewardScore& score : scores) {
    if (!is_rewarder_fault(score.reason) && !std::isfinite(score.value)) {
      score = failure("value " + std::to_string(score.value) + " is not finite");
    }
  }
  return scores;
}

constexpr double kStopCheck_s = 0.1;  // between looks at stop_requested()

struct Job {
  int64_t ticket;
  Rubric::OwnedGroup group;
};

struct Result {
  std::vector<RubricScore> scores;
  std::exception_ptr error;
};

}  // namespace

struct Rubric::Impl {
  Impl(const RubricConfig& options, const std::string& path) : config(options) {
    check_names(config, path);
    weights = checked_weights(config, path);
    rewards = make_rewards(config, path);
    concurrency = std::max(2u, std::thread::hardware_concurrency());
    for (const std::unique_ptr<Reward>& reward : rewards) {
      concurrency = std::max(concurrency, static_cast<size_t>(reward->concurrency()));
    }
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    work.notify_all();
    for (const std::unique_ptr<Reward>& reward : rewards) reward->stop();
    for (std::thread& worker : workers) worker.join();
  }

  std::vector<RubricScore> score(const RewardGroup& group) {
    R1_CHECK(group.reference != nullptr, "a group needs the reference fields of its row");
    begin_scoring();
    std::vector<RubricScore> rows(group.completions.size());
    for (const std::unique_ptr<Reward>& reward : rewards) {
      std::vector<RewardScore> part = guarded_score(*reward, group);
      for (size_t row = 0; row < rows.size(); ++row) rows[row].parts.push_back(std::move(part[row]));
    }
    for (size_t row = 0; row < rows.size(); ++row) {
      finish(rows[row], group.completions[row].truncated);
    }
    end_scoring(rows);
    return rows;
  }

  void finish(RubricScore& row, bool was_truncated) const {
    for (size_t i = 0; i < row.parts.size(); ++i) {
      RewardScore& part = row.parts[i];
      if (is_rewarder_fault(part.reason)) {
        row.usable = false;
        continue;
      }
      if (was_truncated && config.truncated == "zero") {
        part.value = 0;
        part.reason = Reason::kTruncated;
      }
      row.value += weights[i] * part.value;
    }
    if (!row.usable) row.value = std::numeric_limits<double>::quiet_NaN();
  }

  void begin_scoring() {
    const std::lock_guard lock(mutex);
    if (scoring++ == 0) scoring_since = seconds_now();
  }

  void end_scoring(const std::vector<RubricScore>& rows) {
    const std::lock_guard lock(mutex);
    if (--scoring == 0) scoring_seconds += seconds_now() - scoring_since;
    rows_scored += static_cast<int64_t>(rows.size());
    for (const RubricScore& row : rows) {
      if (row.usable) continue;
      ++rows_failed;
      for (size_t i = 0; i < row.parts.size(); ++i) {
        const RewardScore& part = row.parts[i];
        if (!is_rewarder_fault(part.reason)) continue;
        ++faults[config.reward_funcs[i] + " " + reason_name(part.reason)];
        last_fault = dump_json(part.details);
      }
    }
  }

  Result score_owned(const OwnedGroup& owned) {
    RewardGroup group;
    group.reference = &owned.reference;
    for (size_t i = 0; i < owned.completions.size(); ++i) {
      group.completions.push_back({owned.prompt, owned.completions[i],
                                   owned.length_tokens.empty() ? int64_t{0} : owned.length_tokens[i],
                                   !owned.truncated.empty() && owned.truncated[i]});
    }
    try {
      return {score(group), nullptr};
    } catch (...) {  // out of memory, say: it belongs to the thread that collects
      return {{}, std::current_exception()};
    }
  }

  void work_loop() {
    std::unique_lock lock(mutex);
    for (;;) {
      work.wait(lock, [this] { return stopping || !jobs.empty(); });
      if (stopping) return;
      const Job job = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      Result result = score_owned(job.group);
      lock.lock();
      results.emplace(job.ticket, std::move(result));
      last_result = seconds_now();
      done.notify_all();
    }
  }

  RubricConfig config;
  std::vector<double> weights;
  std::vector<std::unique_ptr<Reward>> rewards;
  size_t concurrency = 0;  // groups scored at once

  mutable std::mutex mutex;  // guards all below
  std::condition_variable work, done;
  std::deque<Job> jobs;
  std::set<int64_t> out;  // tickets submitted and not yet collected
  std::map<int64_t, Result> results;
  double last_result = 0;
  bool stopping = false;
  int scoring = 0;  // groups in work
  double scoring_since = 0, scoring_seconds = 0;
  int64_t rows_scored = 0, rows_failed = 0;
  std::map<std::string, int64_t> faults;  // "countdown reference_broken" -> count
  std::string last_fault;
  std::vector<std::thread> workers;  // one more with each submit() while there are fewer than `concurrency`
};

Rubric::Rubric(const RubricConfig& config, const std::string& path) : impl_(std::make_unique<Impl>(config, path)) {}
Rubric::~Rubric() = default;

const std::vector<std::string>& Rubric::reward_names() const { return impl_->config.reward_funcs; }

std::vector<RubricScore> Rubric::score(const RewardGroup& group) const { return impl_->score(group); }

void Rubric::submit(int64_t ticket, OwnedGroup group) {
  const size_t count = group.completions.size();
  R1_CHECK(group.length_tokens.empty() || group.length_tokens.size() == count, "length_tokens needs one entry per completion");
  R1_CHECK(group.truncated.empty() || group.truncated.size() == count, "truncated needs one entry per completion");
  {
    const std::lock_guard lock(impl_->mutex);
    R1_CHECK(impl_->out.insert(ticket).second, "ticket " + std::to_string(ticket) + " is still out");
    impl_->jobs.push_back({ticket, std::move(group)});
    if (impl_->workers.size() < impl_->concurrency)
      impl_->workers.emplace_back([impl = impl_.get()] { impl->work_loop(); });
  }
  impl_->work.notify_one();
}

std::vector<RubricScore> Rubric::collect(int64_t ticket, double timeout_s) {
  std::unique_lock lock(impl_->mutex);
  R1_CHECK(impl_->out.contains(ticket), "ticket " + std::to_string(ticket) + " was never submitted or was collected before");
  const double begin = seconds_now();
  while (true) {
    if (stop_requested()) throw Interrupted("stopped while scoring completions");
    if (impl_->results.contains(ticket)) break;
    const double left = std::max(begin, impl_->last_result) + timeout_s - seconds_now();
    if (left <= 0) {
      throw Error("scores of group " + std::to_string(ticket) + " are not there, and no group was scored for " +
                  dump_json(timeout_s) + " s: a reward hangs or is too slow (" + std::to_string(impl_->jobs.size()) +
                  " more groups wait); wait longer or fix it");
    }
    impl_->done.wait_for(lock, std::chrono::duration<double>(std::min(left, kStopCheck_s)));
  }
  impl_->out.erase(ticket);
  Result result = std::move(impl_->results.extract(ticket).mapped());
  lock.unlock();
  if (result.error) std::rethrow_exception(result.error);
  return std::move(result.scores);
}

void Rubric::check_faults() const {
  const std::lock_guard lock(impl_->mutex);
  const double allowed = impl_->config.max_failed_share * static_cast<double>(impl_->rows_scored);
  if (static_cast<double>(impl_->rows_failed) <= allowed) return;
  std::string seen;
  for (const auto& [what, count] : impl_->faults) {
    seen += (seen.empty() ? "" : ", ") + what + " x " + std::to_string(count);
  }
  throw Error("rewards failed on " + std::to_string(impl_->rows_failed) + " of " + std::to_string(impl_->rows_scored) +
              " completions, more than max_failed_share " + dump_json(impl_->config.max_failed_share) + " allows: " + seen +
              "; the last one: " + impl_->last_fault + "; fix the data's reference fields or the reward");
}

double Rubric::scoring_seconds() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->scoring_seconds;
}

}  // namespace r1::rewards
