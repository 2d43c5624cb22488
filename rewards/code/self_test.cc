#include "rewards/code/self_test.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <thread>

#include "base/error.h"
#include "rewards/code/hostile.h"
#include "rewards/code/probe.h"
#include "rewards/code/traces.h"

namespace r1::rewards::code {
namespace {

using namespace std::chrono_literals;

constexpr int kAheadPerWorker = 4;  // runs waiting for a worker; all at once would take gigabytes

HostCheck nothing_left(const char* what, const std::vector<std::string>& left, const char* where) {
  if (left.empty()) return {what, true, fmt::format("none left{}", where)};
  return {what, false, fmt::format("{} left: {}", left.size(), fmt::join(left, ", "))};
}

// Keys whose values differ, or that only one of them has.
template <class Key>
std::vector<std::string> differences(const std::map<Key, std::string>& before,
                                     const std::map<Key, std::string>& after) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : before)
    if (!after.contains(key) || after.at(key) != value) keys.push_back(fmt::format("{}", key));
  for (const auto& [key, value] : after)
    if (!before.contains(key)) keys.push_back(fmt::format("{} ({})", key, value));
  return keys;
}

// The machine as it was before the first box.
class HostWatch {
 public:
  // To be called when the sandbox has run one program.
  void launcher_started() {
    launcher_ = find_launcher();
    launcher_descriptors_ = descriptors(launcher_);
  }

  // Before the sandbox ends.
  void check_launcher(std::vector<HostCheck>& checks) const {
    if (find_launcher() != launcher_) {
      checks.push_back({"launcher", false, "it ended and was replaced"});
      return;
    }
    const auto after = descriptors(launcher_);
    checks.push_back(
        {"launcher", after.size() == launcher_descriptors_.size(),
         fmt::format("{} descriptors, {} before{}", after.size(), launcher_descriptors_.size(),
                     after.size() == launcher_descriptors_.size()
                         ? ""
                         : fmt::format(": {}", fmt::join(differences(launcher_descriptors_, after),
                                                         ", ")))});
  }

  // When it has ended.
  void check_host(std::vector<HostCheck>& checks) const {
    // What has ended is taken away a moment later, by the system's first process.
    for (int waited = 0; waited < 30 && !box_processes(launcher_).empty(); ++waited)
      std::this_thread::sleep_for(100ms);
    std::vector<std::string> processes;
    for (const auto& [pid, name] : box_processes(launcher_))
      processes.push_back(fmt::format("{} {}", pid, name));
    if (const pid_t launcher = find_launcher())
      processes.push_back(fmt::format("{} the launcher", launcher));
    checks.push_back(nothing_left("processes", processes, " of a box, nor the launcher"));
    checks.push_back(nothing_left("control groups", box_groups(launcher_), ""));
    const bool told_apart = ::geteuid() == 0;
    checks.push_back(nothing_left(
        "files", box_files(launcher_),
        told_apart ? " in /tmp, /var/tmp, /dev/shm, /dev/mqueue"
                   : " that is known: boxes of an ordinary user have no user of their own"));
    std::vector<std::string> new_mounts;
    for (const std::string& mount : mounts())
      if (std::ranges::count(mounts_, mount) == 0) new_mounts.push_back(mount);
    checks.push_back(nothing_left("mounts", new_mounts, ""));
    const auto own = descriptors(::getpid());
    checks.push_back({"this program", own.size() == descriptors_.size(),
                      fmt::format("{} descriptors, {} before", own.size(), descriptors_.size())});
    const auto changed = differences(digests_, host_digests());
    checks.push_back(
        {"host files", changed.empty(),
         changed.empty()
             ? fmt::format("{} files of the system and this program are unchanged", digests_.size())
             : fmt::format("changed: {}", fmt::join(changed, ", "))});
  }

 private:
  const std::vector<std::string> mounts_ = mounts();
  const std::map<int, std::string> descriptors_ = descriptors(::getpid());
  const std::map<std::string, std::string> digests_ = host_digests();
  pid_t launcher_ = 0;
  std::map<int, std::string> launcher_descriptors_;
};

void add_outcome(HostileResult& result, const Outcome& outcome) {
  const std::string verdict = verdict_name(outcome.verdict);
  ++result.seen[verdict];
  if (std::ranges::count(result.allowed, verdict) == 0)
    result.detail = fmt::format("{} ({:.0f} ms of processor time in {:.0f} ms)", outcome.detail,
                                outcome.cpu_ms, outcome.wall_ms);
}

}  // namespace

bool HostileResult::ok() const {
  return std::ranges::all_of(
      seen, [&](const auto& verdict) { return std::ranges::count(allowed, verdict.first) > 0; });
}

SelfTestResult run_self_test(const SelfTestConfig& config,
                             const std::function<void(const HostileResult&)>& done) {
  probe();  // opens what all boxes share and this program keeps
  HostWatch watch;
  auto sandbox = make_sandbox(config.sandbox);
  SelfTestResult result;
  result.isolation = sandbox->isolation();
  if (result.isolation < Isolation::kNoPidsCgroup)
    throw ConfigError(fmt::format("sandbox: isolation is \"{}\", and hostile programs need \"{}\"",
                                  isolation_name(result.isolation),
                                  isolation_name(Isolation::kNoPidsCgroup)));
  std::vector<HostileProgram> programs = hostile_programs();
  std::erase_if(programs, [&](const HostileProgram& program) {
    return program.name().find(config.only) == std::string::npos;
  });
  const Submission honest{
      "python", "print(1)",
      parse_suite({{"type", "stdin"}, {"cases", {{{"input", ""}, {"output", "1"}}}}})};
  sandbox->run(honest).get();
  watch.launcher_started();

  struct Running {
    std::future<Outcome> outcome;
    size_t program;
    bool last;
  };
  std::deque<Running> running;
  const size_t most = static_cast<size_t>(std::max(config.sandbox.workers, 1)) * kAheadPerWorker;
  const auto finish_one = [&] {
    Running& run = running.front();
    HostileResult& program = result.programs[run.program];
    add_outcome(program, run.outcome.get());
    if (run.last) done(program);
    running.pop_front();
  };
  for (const HostileProgram& program : programs) {
    result.programs.push_back(
        {program.name(), program.why(), program.allowed(result.isolation), {}, ""});
    for (int i = 0; i < config.repeat; ++i) {
      if (running.size() >= most) finish_one();
      running.push_back(
          {sandbox->run(program.submission()), result.programs.size() - 1, i + 1 == config.repeat});
    }
  }
  while (!running.empty()) finish_one();
  watch.check_launcher(result.checks);
  sandbox.reset();
  watch.check_host(result.checks);
  return result;
}

}  // namespace r1::rewards::code
