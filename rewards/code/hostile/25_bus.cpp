// Reads a mapped file behind its end: a bus error.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>

int main() {
  const int file = open("/tmp/short", O_CREAT | O_RDWR, 0600);
  if (file < 0 || ftruncate(file, 4096) != 0) return 3;
  volatile char* map = static_cast<char*>(mmap(nullptr, 8192, PROT_READ, MAP_SHARED, file, 0));
  printf("%d\n", map[4096]);
}
