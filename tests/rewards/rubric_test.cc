#include "rewards/rubric.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "tests/base/expect_error.h"
#include "tests/rewards/cases.h"

namespace r1::rewards {
namespace {

const Json kProblem = {{"nums", {3, 4}}, {"target", 7}};
const char* const kRight = "a</think><answer>3+4</answer>";
const char* const kWrongTail = "a</think><answer>3*4</answer>tail";

// Misbehaves as its config says.
class BadReward : public Reward {
 public:
  explicit BadReward(std::string how) : how_(std::move(how)) {}
  std::vector<RewardScore> score(const RewardGroup& group) const override {
    if (how_ == "throw") throw std::runtime_error("disk on fire");
    if (how_ == "throw_int") throw 7;
    const double infinity = std::numeric_limits<double>::infinity();
    const RewardScore score = {how_ == "infinite" ? infinity : 1.0, Reason::kCorrect, {}};
    return std::vector<RewardScore>(group.completions.size() + (how_ == "count"), score);
  }

 private:
  std::string how_;
};

// Holds every score() until the gate is open.
struct Gate {
  std::mutex mutex;
  std::condition_variable changed;
  bool open = false;
  void set() {
    const std::lock_guard lock(mutex);
    open = true;
    changed.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return open; });
  }
};
Gate* gate = nullptr;

class GatedReward : public Reward {
 public:
  std::vector<RewardScore> score(const RewardGroup& group) const override {
    gate->wait();
    return std::vector<RewardScore>(group.completions.size(), {1, Reason::kCorrect, {}});
  }
};

// Waits, for ten seconds at most, until two groups are being scored.
class MeetingReward : public Reward {
 public:
  std::vector<RewardScore> score(const RewardGroup& group) const override {
    std::unique_lock lock(mutex_);
    ++inside_;
    changed_.notify_all();
    const bool met = changed_.wait_for(lock, std::chrono::seconds(10), [this] { return inside_ >= 2; });
    return std::vector<RewardScore>(group.completions.size(), {met ? 1.0 : 0.0, Reason::kCorrect, {}});
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  mutable int inside_ = 0;
};

class SlowReward : public Reward {
 public:
  std::vector<RewardScore> score(const RewardGroup& group) const override {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return std::vector<RewardScore>(group.completions.size(), {1, Reason::kCorrect, {}});
  }
};

const bool added = [] {
  add("test_bad", [](const Json& config, const std::string&) { return std::make_unique<BadReward>(config.value("how", "")); });
  add("test_gated", [](const Json&, const std::string&) { return std::make_unique<GatedReward>(); });
  add("test_meeting", [](const Json&, const std::string&) { return std::make_unique<MeetingReward>(); });
  add("test_slow", [](const Json&, const std::string&) { return std::make_unique<SlowReward>(); });
  return true;
}();

RubricConfig config_of(const char* text) {
  RubricConfig config;
  read_config(parse_json(text, "test"), "test", config);
  return config;
}

RewardGroup group_of(std::vector<RewardInput> completions) {
  RewardGroup group;
  group.completions = std::move(completions);
  group.reference = &kProblem;
  return group;
}

Rubric::OwnedGroup owned(std::vector<std::string> completions) {
  Rubric::OwnedGroup group;
  group.completions = std::move(completions);
  group.reference = kProblem;
  return group;
}

TEST(Rubric, WeighsAndKeepsTheParts) {
  const Rubric rubric(config_of(R"({"reward_funcs": ["countdown", "format"],
    "reward_weights": [2.0, 0.5], "reward_configs": {"countdown": {"format": 0.25}}})"));
  EXPECT_EQ(rubric.reward_names(), (std::vector<std::string>{"countdown", "format"}));
  const auto rows = rubric.score(group_of({{"", kRight, 0, false}, {"", kWrongTail, 0, false}}));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_DOUBLE_EQ(rows[0].value, 2 * 1.0 + 0.5 * 1);
  EXPECT_DOUBLE_EQ(rows[1].value, 2 * 0.25 + 0.5 * 0);
  ASSERT_EQ(rows[1].parts.size(), 2u);
  EXPECT_DOUBLE_EQ(rows[1].parts[0].value, 0.25);
  EXPECT_EQ(rows[1].parts[0].reason, Reason::kWrong);
  EXPECT_EQ(rows[1].parts[1].reason, Reason::kTextOutside);
  EXPECT_TRUE(rows[1].usable);
}

TEST(Rubric, WeighsEachOneByDefault) {
  const Rubric rubric(config_of(R"({"reward_funcs": ["format", "countdown"]})"));
  EXPECT_DOUBLE_EQ(rubric.score(group_of({{"", kRight, 0, false}}))[0].value, 2.0);
  EXPECT_TRUE(rubric.score(group_of({})).empty());
}

TEST(Rubric, TruncatedIsScoredOrZero) {
  const RewardGroup group = group_of({{"", kRight, 9, true}, {"", kRight, 9, false}});
  const auto scored = Rubric(RubricConfig()).score(group);
  EXPECT_DOUBLE_EQ(scored[0].value, 1.0);
  const auto zeroed = Rubric(config_of(R"({"truncated": "zero"})")).score(group);
  EXPECT_DOUBLE_EQ(zeroed[0].value, 0.0);
  EXPECT_EQ(zeroed[0].parts[0].reason, Reason::kTruncated);
  EXPECT_TRUE(zeroed[0].usable);
  EXPECT_DOUBLE_EQ(zeroed[1].value, 1.0);
}

TEST(Rubric, FaultsAreNeverAValue) {
  for (const char* how : {"throw", "throw_int", "count", "infinite"}) {
    SCOPED_TRACE(how);
    RubricConfig config;
    config.reward_funcs = {"countdown", "test_bad"};
    config.reward_configs = {{"test_bad", {{"how", how}}}};
    config.truncated = "zero";
    const Rubric rubric(config);
    const auto rows = rubric.score(group_of({{"", kRight, 0, false}, {"", kRight, 0, true}}));
    ASSERT_EQ(rows.size(), 2u);
    for (const RubricScore& row : rows) {
      EXPECT_FALSE(row.usable);
      EXPECT_TRUE(std::isnan(row.value));
      EXPECT_EQ(row.parts[1].reason, Reason::kRewarderFailed);
      EXPECT_TRUE(row.parts[1].details.contains("error"));
    }
    EXPECT_EQ(rows[0].parts[0].reason, Reason::kCorrect);
    EXPECT_ERROR(Error, rubric.check_faults(), "test_bad rewarder_failed x 2");
  }
}

TEST(Rubric, CountsFaultsAgainstTheirShare) {
  const Rubric rubric(config_of(R"({"max_failed_share": 0.25})"));
  EXPECT_NO_THROW(rubric.check_faults());
  const Json broken = {{"nums", "none"}, {"target", 7}};
  RewardGroup bad = group_of({{"", kRight, 0, false}});
  bad.reference = &broken;
  rubric.score(group_of(std::vector<RewardInput>(3, {"", kRight, 0, false})));
  rubric.score(bad);
  EXPECT_NO_THROW(rubric.check_faults());  // 1 of 4 is not above 0.25
  rubric.score(bad);
  EXPECT_ERROR(Error, rubric.check_faults(), "rewards failed on 2 of 5 completions");
  EXPECT_ERROR(Error, rubric.check_faults(), "countdown reference_broken x 2");
  EXPECT_ERROR(Error, rubric.check_faults(), "'nums' must be a list");
  rubric.score(group_of(std::vector<RewardInput>(3, {"", kRight, 0, false})));
  EXPECT_NO_THROW(rubric.check_faults());  // 2 of 8
}

TEST(Rubric, CollectsInAnyOrderOnce) {
  Rubric rubric{RubricConfig()};
  for (int64_t ticket = 0; ticket < 20; ++ticket) {
    rubric.submit(ticket, owned({ticket % 2 ? kRight : kWrongTail}));
  }
  for (int64_t ticket = 19; ticket >= 0; --ticket) {
    const auto rows = rubric.collect(ticket);
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_DOUBLE_EQ(rows[0].value, ticket % 2 ? 1.0 : 0.1);
  }
  EXPECT_ERROR(InternalError, rubric.collect(3), "ticket 3 was never submitted or was collected");
  rubric.submit(3, owned({kRight, kRight}));  // free again
  EXPECT_EQ(rubric.collect(3).size(), 2u);
}

TEST(Rubric, PassesLengthsAndTruncationOn) {
  Rubric rubric(config_of(R"({"truncated": "zero"})"));
  Rubric::OwnedGroup group = owned({kRight, kRight});
  group.length_tokens = {5, 6};
  group.truncated = {true, false};
  rubric.submit(1, group);
  const auto rows = rubric.collect(1);
  EXPECT_EQ(rows[0].parts[0].reason, Reason::kTruncated);
  EXPECT_EQ(rows[1].parts[0].reason, Reason::kCorrect);
  group.truncated = {true};
  EXPECT_THROW(rubric.submit(2, group), InternalError);
  group.truncated = {};
  group.length_tokens = {1, 2, 3};
  EXPECT_THROW(rubric.submit(2, group), InternalError);
}

TEST(Rubric, WaitsNoLongerThanAsked) {
  Gate own_gate;
  gate = &own_gate;
  RubricConfig config;
  config.reward_funcs = {"test_gated"};
  Rubric rubric(config);
  rubric.submit(41, owned({kRight}));
  rubric.submit(42, owned({kRight}));
  EXPECT_THROW(rubric.submit(42, owned({kRight})), InternalError);
  EXPECT_ERROR(Error, rubric.collect(42, 0.02), "group 42 are not there, and no group was scored for 0.02 s");
  own_gate.set();
  EXPECT_EQ(rubric.collect(42).size(), 1u);  // it may be asked for again
  EXPECT_EQ(rubric.collect(41).size(), 1u);
}

TEST(Rubric, AddsUpTheSecondsOfScoring) {
  RubricConfig config;
  config.reward_funcs = {"test_slow"};
  Rubric rubric(config);
  EXPECT_EQ(rubric.scoring_seconds(), 0);
  const auto begin = std::chrono::steady_clock::now();
  rubric.submit(1, owned({kRight, kRight}));
  rubric.submit(2, owned({kRight}));
  rubric.collect(1);
  rubric.collect(2);
  rubric.score(group_of({{"", kRight, 0, false}}));
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  EXPECT_GE(rubric.scoring_seconds(), 0.04);  // two of them may have been scored at once
  EXPECT_LE(rubric.scoring_seconds(), passed.count());
}

TEST(Rubric, ScoresGroupsAtOnce) {
  RubricConfig config;
  config.reward_funcs = {"test_meeting"};
  Rubric rubric(config);
  rubric.submit(1, owned({kRight}));
  rubric.submit(2, owned({kRight}));
  EXPECT_EQ(rubric.collect(1)[0].value, 1);
  EXPECT_EQ(rubric.collect(2)[0].value, 1);
}

TEST(Rubric, EndsWithWorkLeft) {
  Gate own_gate;
  gate = &own_gate;
  RubricConfig config;
  config.reward_funcs = {"test_gated"};
  {
    Rubric rubric(config);
    for (int64_t ticket = 0; ticket < 100; ++ticket) rubric.submit(ticket, owned({kRight}));
    own_gate.set();
  }
  { Rubric never_used(config); }
}

TEST(Rubric, ManyThreads) {
  Rubric rubric{RubricConfig()};
  std::vector<std::thread> threads;
  for (int64_t t = 0; t < 4; ++t) {
    threads.emplace_back([&rubric, t] {
      for (int64_t i = 0; i < 200; ++i) {
        const int64_t ticket = t * 1000 + i;
        rubric.submit(ticket, owned({kRight, kWrongTail}));
        EXPECT_DOUBLE_EQ(rubric.score(group_of({{"", kRight, 0, false}}))[0].value, 1.0);
        const auto rows = rubric.collect(ticket);
        EXPECT_DOUBLE_EQ(rows[0].value + rows[1].value, 1.1);
        EXPECT_NO_THROW(rubric.check_faults());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Rubric, RefusesBadConfig) {
  const auto build = [](const char* text) { Rubric(config_of(text), "r.json: grpo"); };
  EXPECT_ERROR(ConfigError, build(R"({"reward_funcs": []})"), "r.json: grpo.reward_funcs");
  EXPECT_ERROR(ConfigError, build(R"({"reward_funcs": ["formt"]})"), "r.json: grpo.reward_funcs[0]: unknown reward 'formt'");
  EXPECT_ERROR(ConfigError, build(R"({"reward_funcs": ["format", "format"]})"), "listed twice");
  EXPECT_ERROR(ConfigError, build(R"({"reward_weights": [1, 2]})"), "2 weights for 1 rewards");
  EXPECT_ERROR(ConfigError, build(R"({"reward_configs": {"format": {}}})"),
               "r.json: grpo.reward_configs.format: this reward is not in reward_funcs");
  EXPECT_ERROR(ConfigError, build(R"({"reward_configs": []})"), "must be an object");
  EXPECT_ERROR(ConfigError, build(R"({"reward_configs": {"countdown": {"corect": 1}}})"),
               "r.json: grpo.reward_configs.countdown.corect");
  EXPECT_ERROR(ConfigError, config_of(R"({"truncated": "drop"})"), "test.truncated");
  EXPECT_ERROR(ConfigError, config_of(R"({"max_failed_share": 2})"), "test.max_failed_share");
}

TEST(Rubric, ConfigRoundTrips) {
  const char* text = R"({"reward_funcs":["countdown","format"],"reward_weights":[1.0,0.5],)"
                     R"("reward_configs":{"countdown":{"none":-1.0}},"truncated":"zero",)"
                     R"("max_failed_share":0.5})";
  EXPECT_EQ(dump_json(write_config(config_of(text))), text);
}

}  // namespace
}  // namespace r1::rewards
