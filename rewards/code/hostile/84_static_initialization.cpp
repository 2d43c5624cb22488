// Two static variables that need each other.
#include <cstdio>

static int first(int depth);

static int second(int depth) {
  static int value = first(depth + 1);
  return value;
}

static int first(int depth) {
  static int value = second(depth + 1);
  return value;
}

static int all = first(0);

int main() { printf("%d\n", all); }
