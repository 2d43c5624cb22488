// The same by clone3, whose flags a filter cannot read: the call must not exist.
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>

int main() {
  uint64_t arguments[8] = {0x10000000 /* CLONE_NEWUSER */, 0, 0, 0, 17 /* SIGCHLD */};
  const long result = syscall(435 /* clone3 */, arguments, sizeof(arguments));
  if (result == 0) _exit(0);
  puts(result < 0 && errno == ENOSYS ? "not there" : "made");
}
