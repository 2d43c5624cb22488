// Loads another kernel, with arguments that no kernel takes.
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

int main() {
  syscall(SYS_kexec_load, 0L, 0L, nullptr, 0xffff0000L);
  puts("ok");
}
