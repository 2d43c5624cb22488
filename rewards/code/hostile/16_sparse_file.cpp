// The same without Python, which ignores the signal for it.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

int main() {
  const int file = open("/tmp/sparse", O_CREAT | O_WRONLY, 0600);
  if (pwrite(file, "x", 1, 10LL << 30) != 1) {
    perror("pwrite");
    return 1;
  }
  puts("ok");
}
