#include "rewards/code/probe.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rewards/code/box.h"

namespace r1::rewards::code {
namespace {

constexpr uint32_t kProbeUser = 1'999'999;

// What `true` in a box says; empty when it ran.
std::string try_box(bool user_namespace, const Cgroup* group) {
  BoxConfig config;
  config.user_namespace = user_namespace;
  config.group = group;
  config.uid = ::geteuid() == 0 && user_namespace ? kProbeUser : 0;
  config.command = {"/bin/true"};
  Pipe output = make_pipe();
  Box box(config, -1, output.write.get());
  output.write.reset();
  std::string said;
  char buffer[512];
  for (ssize_t count; (count = ::read(output.read.get(), buffer, sizeof buffer)) > 0;)
    said.append(buffer, static_cast<size_t>(count));
  const std::optional<int> status = box.wait(5000);
  if (status && *status == 0) return "";
  while (!said.empty() && said.back() == '\n') said.pop_back();
  return said.empty() ? fmt::format("ended with status {}", status.value_or(-1)) : said;
}

}  // namespace

ProbeResult probe() {
  ProbeResult result;
  const auto add = [&](const char* what, bool works, std::string note) {
    result.checks.push_back({what, works, works ? "" : std::move(note)});
    return works;
  };
  const bool installed = ::access("/usr/bin/bwrap", X_OK) == 0;
  add("bubblewrap", installed, "install the package bubblewrap");
  add("python3", ::access("/usr/bin/python3", X_OK) == 0, "install the package python3");
  if (!installed) return result;
  const std::string users = try_box(true, nullptr);
  if (!add("user namespaces", users.empty(), users)) {
    const std::string plain = ::geteuid() == 0 ? try_box(false, nullptr) : "needs root";
    if (add("namespaces without users", plain.empty(), plain))
      result.isolation = Isolation::kNoUserNamespaces;
    return result;
  }
  result.isolation = Isolation::kNoPidsCgroup;
  std::vector<std::string> parents;
  for (const auto& parent : group_parents()) parents.push_back(parent);
  const auto group = Cgroup::make(fmt::format("r1-{}-probe", ::getpid()));
  if (!add("control groups", group != nullptr,
           fmt::format("none with limits can be made in {}; limits hold for each process, not for "
                       "a box (docs/code.md: isolation)",
                       fmt::join(parents, ", "))))
    return result;
  const std::string grouped = try_box(true, group.get());
  if (add("a box in a control group", grouped.empty(), grouped))
    result.isolation = Isolation::kFull;
  return result;
}

}  // namespace r1::rewards::code
