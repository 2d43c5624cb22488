// A queue of system calls that filters do not see.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

int main() {
  char parameters[120] = {};
  syscall(425 /* io_uring_setup */, 8, parameters);
  puts("ok");
}
