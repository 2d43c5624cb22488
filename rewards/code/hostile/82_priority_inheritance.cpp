// Two threads that wait for each other by locks that inherit priority.
#include <pthread.h>
#include <unistd.h>

#include <cstdio>

static pthread_mutex_t first, second;

static void* other(void*) {
  pthread_mutex_lock(&second);
  usleep(100000);
  pthread_mutex_lock(&first);
  return nullptr;
}

int main() {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&first, &attributes);
  pthread_mutex_init(&second, &attributes);
  pthread_t thread;
  pthread_create(&thread, nullptr, other, nullptr);
  pthread_mutex_lock(&first);
  usleep(100000);
  pthread_mutex_lock(&second);
  pthread_join(thread, nullptr);
  puts("ok");
}
