// The table of rewards. A new reward is one file, its line here, one test.
#include <map>
#include <mutex>
#include <utility>

#include "base/config.h"
#include "base/error.h"
#include "rewards/code_execution.h"
#include "rewards/countdown.h"
#include "rewards/format.h"
#include "rewards/math_answer.h"
#include "rewards/reward.h"

namespace r1::rewards {
namespace {

struct Entry {
  Factory make;
  Describe describe;
};

struct Table {
  std::mutex mutex;
  std::map<std::string, Entry> entries = {
      {"code", {make_code, describe_config<CodeConfig>}},
      {"countdown", {make_countdown, describe_config<CountdownConfig>}},
      {"format", {make_format, describe_config<FormatConfig>}},
      {"math", {make_math, describe_config<MathConfig>}},
  };
};

Table& table() {
  static Table instance;
  return instance;
}

[[noreturn]] void throw_unknown(const std::string& name, const std::string& path) {
  const std::vector<std::string> known = names();
  std::string message = path.empty() || path.ends_with(": ") ? path : path + ": ";
  message += "unknown reward '" + name + "', known:";
  for (size_t i = 0; i < known.size(); ++i) message += (i == 0 ? " " : ", ") + known[i];
  const std::string near = nearest(name, known);
  if (!near.empty()) message += "; did you mean '" + near + "'?";
  throw ConfigError(message);
}

// A copy, so that a factory runs without the lock: it may make other rewards.
Entry find(const std::string& name, const std::string& path) {
  Table& rewards = table();
  {
    const std::lock_guard lock(rewards.mutex);
    const auto entry = rewards.entries.find(name);
    if (entry != rewards.entries.end()) return entry->second;
  }
  throw_unknown(name, path);
}

}  // namespace

void add(const std::string& name, Factory factory, Describe describe) {
  R1_CHECK(!name.empty() && factory, "a reward needs a name and a factory");
  Table& rewards = table();
  const std::lock_guard lock(rewards.mutex);
  if (!rewards.entries.emplace(name, Entry{std::move(factory), std::move(describe)}).second) {
    throw ConfigError("reward '" + name + "' is there already, add yours under another name");
  }
}

std::vector<std::string> names() {
  Table& rewards = table();
  const std::lock_guard lock(rewards.mutex);
  std::vector<std::string> list;
  for (const auto& [name, entry] : rewards.entries) list.push_back(name);
  return list;
}

std::unique_ptr<Reward> make(const std::string& name, const Json& config, const std::string& path) {
  std::unique_ptr<Reward> reward = find(name, path).make(config, path);
  R1_CHECK(reward != nullptr, "the factory of reward '" + name + "' made nothing");
  return reward;
}

std::vector<FieldHelp> describe(const std::string& name) {
  const Entry entry = find(name, "");
  return entry.describe ? entry.describe() : std::vector<FieldHelp>{};
}

}  // namespace r1::rewards
