// Sleeps for a nanosecond at a time under a hail of timer signals.
#include <signal.h>
#include <sys/time.h>
#include <time.h>

#include <initializer_list>

static volatile long ticks = 0;

static void tick(int) { ticks = ticks + 1; }

int main() {
  const itimerval often = {{0, 50}, {0, 50}};
  for (const int signal_number : {SIGALRM, SIGVTALRM, SIGPROF}) signal(signal_number, tick);
  for (const auto kind : {ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF})
    setitimer(kind, &often, nullptr);
  for (;;) {
    const timespec little = {0, 1};
    nanosleep(&little, nullptr);
  }
}
