// Jumps out of the handler of its own crash, without end.
#include <setjmp.h>
#include <signal.h>

#include <initializer_list>

static sigjmp_buf again;

static void back(int) { siglongjmp(again, 1); }

int main() {
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGXCPU, SIGTERM}) signal(number, back);
  sigsetjmp(again, 1);
  volatile int* volatile nowhere = nullptr;
  for (;;) *nowhere = 1;
}
