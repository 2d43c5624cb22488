// Asks for a dump of its memory and crashes.
#include <sys/resource.h>

#include <cstdlib>

int main() {
  const rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_CORE, &all);
  abort();
}
