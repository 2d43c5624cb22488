// Opens performance counters.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

int main() {
  unsigned attributes[32] = {1, 128};
  syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0);
  puts("ok");
}
