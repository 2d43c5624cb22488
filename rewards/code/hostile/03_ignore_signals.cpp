// Handles and blocks every signal and loops.
#include <signal.h>

static void go_on(int) {}

int main() {
  for (int number = 1; number < 65; ++number) signal(number, go_on);
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, nullptr);
  for (volatile unsigned long turns = 0;;) turns = turns + 1;
}
