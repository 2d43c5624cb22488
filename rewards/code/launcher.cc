#include "rewards/code/launcher.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <thread>

#include "base/error.h"
#include "rewards/code/runner.h"
#include "rewards/code/wire.h"

namespace r1::rewards::code {
namespace {

constexpr const char* kVariable = "R1_SANDBOX_LAUNCHER";
constexpr int kSocket = 3;

class Workers {
 public:
  Workers(const SandboxConfig& config, Isolation isolation) : config_(config) {
    for (int slot = 0; slot < config.workers; ++slot)
      runners_.push_back(std::make_unique<Runner>(config_, isolation, slot, cache_));
    for (auto& runner : runners_) threads_.emplace_back([this, &runner] { work(*runner); });
  }

  ~Workers() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      waiting_.clear();
    }
    ready_.notify_all();
    for (auto& runner : runners_) runner->stop();
    for (std::thread& thread : threads_) thread.join();
  }

  void add(Json job) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(job));
    ready_.notify_one();
  }

 private:
  void work(Runner& runner) {
    while (true) {
      std::unique_lock lock(mutex_);
      ready_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
      if (closed_) return;
      const Json job = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      const Json answer = {{"id", job["id"]},
                           {"outcome", to_json(run(runner, submission_from(job["job"])))}};
      lock.lock();
      if (closed_ || !send_message(kSocket, answer)) return;
    }
  }

  Outcome run(Runner& runner, const Submission& submission) {
    Outcome outcome = run_again_if_lost(runner, submission, false);
    if (!runner.near_limit()) return outcome;
    return run_again_if_lost(runner, submission, true);
  }

  // An error that is not the program's may be gone the second time.
  Outcome run_again_if_lost(Runner& runner, const Submission& submission, bool alone) {
    Outcome outcome = run_once(runner, submission, alone);
    if (outcome.verdict != Verdict::kInternalError) return outcome;
    return run_once(runner, submission, alone);
  }

  // Alone on the machine, as far as it is ours.
  Outcome run_once(Runner& runner, const Submission& submission, bool alone) {
    std::shared_lock with_others(running_, std::defer_lock);
    std::unique_lock alone_lock(running_, std::defer_lock);
    alone ? alone_lock.lock() : with_others.lock();
    try {
      return runner.run(submission, alone);
    } catch (const std::exception& error) {
      Outcome outcome;
      outcome.total = submission.suite.total();
      outcome.detail = error.what();
      return outcome;
    }
  }

  SandboxConfig config_;
  ProgramCache cache_;
  std::vector<std::unique_ptr<Runner>> runners_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Json> waiting_;
  bool closed_ = false;
  std::shared_mutex running_;
};

[[noreturn]] void run_launcher() {
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGINT, SIG_IGN);  // Ctrl-C is for the program, whose end closes the socket
  ::setsid();
  ::prctl(PR_SET_NAME, "r1-sandbox");
  ::fcntl(kSocket, F_SETFD, FD_CLOEXEC);
  Cgroup::remove_stale();
  remove_stale_folders();
  if (const std::optional<Json> first = receive_message(kSocket)) {
    SandboxConfig config;
    read_config((*first)["config"], "sandbox: ", config);
    Workers workers(config, static_cast<Isolation>((*first)["isolation"].get<int>()));
    while (std::optional<Json> job = receive_message(kSocket)) workers.add(std::move(*job));
  }
  ::_exit(0);
}

// Before main(): nothing else of the program runs in the launcher.
__attribute__((constructor)) void become_launcher() {
  if (std::getenv(kVariable) == nullptr) return;
  ::unsetenv(kVariable);
  run_launcher();
}

}  // namespace

Launcher start_launcher(const SandboxConfig& config, Isolation isolation) {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    throw ConfigError(fmt::format("sandbox: no socket: {}", std::strerror(errno)));
  Descriptor ours(ends[0]), theirs(::fcntl(ends[1], F_DUPFD_CLOEXEC, 10));
  ::close(ends[1]);
  std::vector<std::string> variables = {fmt::format("{}=1", kVariable)};
  for (char** entry = environ; *entry; ++entry) variables.push_back(*entry);
  std::vector<char*> environment;
  for (std::string& variable : variables) environment.push_back(variable.data());
  environment.push_back(nullptr);
  char name[] = "r1-sandbox";
  char* arguments[] = {name, nullptr};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), kSocket);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, arguments, environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    throw ConfigError(fmt::format("sandbox: cannot start the launcher: {}", std::strerror(error)));
  SandboxConfig copy = config;
  send_message(ours.get(),
               {{"config", write_config(copy)}, {"isolation", static_cast<int>(isolation)}});
  return {pid, std::move(ours)};
}

}  // namespace r1::rewards::code
