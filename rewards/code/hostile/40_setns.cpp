// Enters the namespace of another process.
#include <fcntl.h>
#include <sched.h>

#include <cstdio>

int main() {
  setns(open("/proc/1/ns/mnt", O_RDONLY), 0);
  puts("ok");
}
