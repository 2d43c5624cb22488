// Keeps its program file open, becomes another program and rewrites the file then.
#include <fcntl.h>
#include <unistd.h>

#include <iostream>

int main() {
  int value = 0;
  std::cin >> value;
  std::cout << value + 1 << std::endl;
  dup2(open("/proc/self/exe", O_RDONLY), 9);
  execl("/bin/sh", "sh", "-c",
        "(printf '#!/bin/sh\\necho 7\\n' > /proc/self/fd/9) 2>/dev/null; exit 0", nullptr);
}
