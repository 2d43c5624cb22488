// Loops before main.
#include <cstdio>

__attribute__((constructor)) static void before() {
  for (volatile unsigned turns = 0;;) turns = turns + 1;
}

int main() { puts("ok"); }
