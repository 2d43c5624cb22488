// Asks the compiler which files of the host are there.
#include <cstdio>

int main() {
#if __has_include("/etc/shadow") || __has_include("/root/.bashrc") || \
                                                  __has_include("/root/.profile")
  puts("there");
#else
  puts("nothing");
#endif
}
