// The first thread ends, the second goes on: the process looks dead and is not.
#include <pthread.h>

#include <cstdio>

static void* spin(void*) {
  for (volatile unsigned long turns = 0;;) turns = turns + 1;
}

int main() {
  pthread_t thread;
  pthread_create(&thread, nullptr, spin, nullptr);
  puts("ok");
  fflush(stdout);
  pthread_exit(nullptr);
}
