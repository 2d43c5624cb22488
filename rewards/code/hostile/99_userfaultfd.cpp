// Page faults that the program answers itself, a tool of kernel exploits.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

int main() {
  syscall(SYS_userfaultfd, 0);
  puts("ok");
}
