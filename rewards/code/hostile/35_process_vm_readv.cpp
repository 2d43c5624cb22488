// Reads the memory of the process that started it.
#include <sys/uio.h>
#include <unistd.h>

#include <cstdio>

int main() {
  char block[64];
  iovec here = {block, sizeof(block)}, there = {block, sizeof(block)};
  process_vm_readv(getppid(), &here, 1, &there, 1, 0);
  puts("ok");
}
