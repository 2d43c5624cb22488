// Recursion without end overflows the stack.
#include <cstdio>

static int down(volatile int* above) {
  volatile int here[64] = {*above};
  return down(here) + here[0];
}

int main() {
  volatile int top = 1;
  printf("%d\n", down(&top));
}
