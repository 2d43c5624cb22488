// Loads code into the kernel.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

int main() {
  char attributes[128] = {};
  syscall(SYS_bpf, 0, attributes, sizeof(attributes));
  puts("ok");
}
