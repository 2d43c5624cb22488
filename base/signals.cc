#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string_view>

#include "base/progress.h"

namespace r1 {
namespace {

constexpr int kExitInterrupted = 75;

std::atomic<bool> stop_flag{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // a signal handler may touch nothing else

void on_signal(int) {
  if (stop_flag.exchange(true)) ::_exit(kExitInterrupted);
  constexpr std::string_view text = "\nstopping when the current step is saved; again to stop at once\n";
  const int before = errno;
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) errno = before;
  errno = before;
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() { return stop_flag.load(std::memory_order_relaxed); }

}  // namespace r1
