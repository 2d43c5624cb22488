// Children that stop their parents until they end, and never end.
#include <unistd.h>

static void deeper() {
  while (vfork() == 0) {
  }
  for (;;) pause();
}

int main() { deeper(); }
