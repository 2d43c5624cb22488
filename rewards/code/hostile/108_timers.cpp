// 500 timers that fire a thousand times a second each.
#include <signal.h>
#include <time.h>

#include <cstdio>

int main() {
  signal(SIGALRM, SIG_IGN);
  for (int i = 0; i < 500; ++i) {
    timer_t timer = {};
    if (timer_create(CLOCK_MONOTONIC, nullptr, &timer) != 0) break;
    const itimerspec soon = {{0, 1000000}, {0, 1000000}};
    timer_settime(timer, 0, &soon, nullptr);
  }
  puts("ok");
}
