// The table of losses: one declaration and one entry per variant.
#include <map>
#include <mutex>

#include "grpo/loss.h"

namespace r1::grpo {

std::unique_ptr<Loss> make_clip_loss(const LossConfig& config, const std::string& path);
std::unique_ptr<Loss> make_cispo_loss(const LossConfig& config, const std::string& path);

namespace {

struct Table {
  std::mutex mutex;
  std::map<std::string, LossFactory> factories = {
      {"clip", make_clip_loss},
      {"cispo", make_cispo_loss},
  };
};

Table& table() {
  static Table table;
  return table;
}

std::string join(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace

void add_loss(const std::string& name, LossFactory factory) {
  const std::lock_guard lock(table().mutex);
  if (!table().factories.emplace(name, std::move(factory)).second)
    throw ConfigError("a loss named \"" + name + "\" exists already; choose another name");
}

std::vector<std::string> losses() {
  const std::lock_guard lock(table().mutex);
  std::vector<std::string> names;
  for (const auto& entry : table().factories) names.push_back(entry.first);
  return names;
}

std::unique_ptr<Loss> make_loss(const LossConfig& config, const std::string& path) {
  LossFactory factory;
  {
    const std::lock_guard lock(table().mutex);
    const auto entry = table().factories.find(config.policy_loss);
    if (entry != table().factories.end()) factory = entry->second;
  }
  if (factory) return factory(config, path);
  const std::string near = nearest(config.policy_loss, losses());
  throw ConfigError(path + ".policy_loss: unknown loss \"" + config.policy_loss + "\"" +
                    (near.empty() ? "" : ", did you mean \"" + near + "\"?") + " Known: " + join(losses()));
}

}  // namespace r1::grpo
