// Touches memory without end.
#include <cstring>

int main() {
  for (;;) memset(new char[1 << 24], 1, 1 << 24);
}
