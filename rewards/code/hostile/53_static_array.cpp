// A static array of a gigabyte: with a limit on address space the program cannot even start.
#include <cstdio>
#include <cstring>

static char block[1 << 30];

int main() {
  memset(block, 1, sizeof(block));
  printf("%d\n", block[12345]);
}
