// Looks for descriptors that were left open.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

int main() {
  int left = 0;
  for (int number = 3; number < 1024; ++number) left += fcntl(number, F_GETFD) >= 0;
  if (left == 0)
    puts("closed");
  else
    printf("%d open\n", left);
}
