// Divides an integer by 0.
#include <cstdio>

int main() {
  volatile int seven = 7, zero = 0;
  printf("%d\n", seven / zero);
}
