// A system call of the 32-bit table, where other numbers hold; a kernel without it ends the
// program.
#include <cstdio>

int main() {
  long result = 0;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L /* getpid */) : "memory");
  printf("%ld\n", result);
}
