// Adds swap space.
#include <sys/swap.h>

#include <cstdio>

int main() {
  swapon("/nowhere", 0);
  puts("ok");
}
