// 600 MB in nameless files: memory that no limit on address space sees.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <vector>

int main() {
  const std::vector<char> block(1 << 20, 'x');
  long written = 0;
  for (int i = 0; i < 40; ++i) {
    const int file = memfd_create("hoard", 0);
    for (int j = 0; j < 15; ++j) written += write(file, block.data(), block.size());
  }
  printf("%s\n", written >= 600L << 20 ? "ok" : "less");
}
