#include "rewards/code/sandbox.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "base/error.h"
#include "rewards/code/languages.h"
#include "rewards/code/launcher.h"
#include "rewards/code/probe.h"
#include "rewards/code/remote.h"
#include "rewards/code/traces.h"
#include "rewards/code/wire.h"

namespace r1::rewards::code {
namespace {

constexpr std::array<const char*, 12> kVerdicts = {
    "accepted",   "wrong_answer",       "compile_error", "runtime_error",
    "time_limit", "memory_limit",       "output_limit",  "process_limit",
    "file_limit", "security_violation", "no_code",       "internal_error"};
constexpr std::array<const char*, 4> kIsolations = {"none", "no_user_namespaces", "no_pids_cgroup",
                                                    "full"};
constexpr int kMostRestarts = 5;  // without a result between them

class LocalSandbox : public Sandbox {
 public:
  LocalSandbox(SandboxConfig config, Isolation isolation)
      : config_(std::move(config)),
        isolation_(isolation),
        launcher_(start_launcher(config_, isolation_)),
        reader_([this] { read(); }) {}

  ~LocalSandbox() override {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      ::shutdown(launcher_.socket.get(), SHUT_RDWR);
    }
    reader_.join();
    ::waitpid(launcher_.pid, nullptr, 0);
  }

  std::future<Outcome> run(Submission submission) override {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return pending_.size() < static_cast<size_t>(config_.max_queued); });
    const uint64_t id = next_++;
    Pending& job = pending_[id];
    job.message = {{"id", id}, {"job", to_json(submission)}};
    std::future<Outcome> result = job.promise.get_future();
    send_message(launcher_.socket.get(),
                 job.message);  // a launcher that is gone gets it again from read()
    return result;
  }

  Isolation isolation() const override { return isolation_; }
  int workers() const override { return config_.workers; }

 private:
  struct Pending {
    Json message;
    std::promise<Outcome> promise;
  };

  void read() {
    int restarts = 0;
    while (true) {
      const std::optional<Json> answer = receive_message(launcher_.socket.get());
      std::unique_lock lock(mutex_);
      if (answer) {
        restarts = 0;
        finish((*answer)["id"], outcome_from((*answer)["outcome"]));
      } else if (closing_ || ++restarts > kMostRestarts) {
        fail_all();
        return;
      } else {
        restart();
      }
    }
  }

  void finish(uint64_t id, Outcome outcome) {
    const auto job = pending_.find(id);
    if (job == pending_.end()) return;
    job->second.promise.set_value(std::move(outcome));
    pending_.erase(job);
    room_.notify_all();
  }

  // A box that the launcher was about to start when it was killed does not end with it.
  static void end_boxes(pid_t launcher) {
    for (int round = 0; round < 100; ++round) {
      const auto processes = box_processes(launcher);
      if (processes.empty()) return;
      for (const auto& [pid, name] : processes) ::kill(pid, SIGKILL);
      ::usleep(10'000);
    }
  }

  // What was running is run again: nothing of it has been told.
  void restart() {
    ::kill(launcher_.pid, SIGKILL);
    ::waitpid(launcher_.pid, nullptr, 0);
    end_boxes(launcher_.pid);
    launcher_ = start_launcher(config_, isolation_);
    for (const auto& [id, job] : pending_) send_message(launcher_.socket.get(), job.message);
  }

  void fail_all() {
    Outcome lost;
    lost.detail = "the sandbox's launcher ended again and again";
    while (!pending_.empty()) finish(pending_.begin()->first, lost);
  }

  const SandboxConfig config_;
  const Isolation isolation_;
  Launcher launcher_;
  std::mutex mutex_;
  std::condition_variable room_;
  std::map<uint64_t, Pending> pending_;
  uint64_t next_ = 0;
  bool closing_ = false;
  std::thread reader_;
};

}  // namespace

const char* verdict_name(Verdict verdict) { return kVerdicts[static_cast<size_t>(verdict)]; }
const char* isolation_name(Isolation isolation) {
  return kIsolations[static_cast<size_t>(isolation)];
}

std::optional<Isolation> isolation_from_name(std::string_view name) {
  for (size_t i = 0; i < kIsolations.size(); ++i)
    if (name == kIsolations[i]) return static_cast<Isolation>(i);
  return std::nullopt;
}

std::unique_ptr<Sandbox> make_sandbox(const SandboxConfig& config) {
  const Isolation wanted = isolation_from_name(config.isolation).value_or(Isolation::kFull);
  if (config.backend == "remote") {
    if (wanted != Isolation::kNone)
      throw ConfigError(
          "sandbox: backend remote: how programs are kept apart there cannot be seen from here; "
          "see to it that the service does, then set \"isolation\": \"none\"");
    return std::make_unique<RemoteSandbox>(config);
  }
  SandboxConfig resolved = config;
  if (resolved.workers == 0)
    resolved.workers = static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  if (config.backend == "process") {
    if (!config.trusted_input)
      throw ConfigError(
          "sandbox: backend process runs programs without isolation; set trusted_input if they are "
          "harmless");
    if (wanted != Isolation::kNone)
      throw ConfigError("sandbox: backend process needs \"isolation\": \"none\"");
    return std::make_unique<LocalSandbox>(resolved, Isolation::kNone);
  }
  const ProbeResult probed = probe();
  if (probed.isolation < wanted || probed.isolation == Isolation::kNone) {
    std::string missing;
    for (const auto& check : probed.checks)
      if (!check.works)
        missing += fmt::format("{}{}: {}", missing.empty() ? "" : "; ", check.what, check.note);
    throw ConfigError(
        fmt::format("sandbox: isolation \"{}\" is asked for, this machine gives \"{}\" ({}); `r1 "
                    "sandbox --probe` says more",
                    config.isolation, isolation_name(probed.isolation), missing));
  }
  return std::make_unique<LocalSandbox>(resolved, probed.isolation);
}

}  // namespace r1::rewards::code
