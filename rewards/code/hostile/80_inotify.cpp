// File watches without end.
#include <sys/inotify.h>

#include <cstdio>

int main() {
  for (;;) {
    const int watcher = inotify_init1(0);
    if (watcher < 0) {
      perror("inotify_init1");
      return 1;
    }
    inotify_add_watch(watcher, "/usr/lib", IN_ALL_EVENTS);
    inotify_add_watch(watcher, "/tmp", IN_ALL_EVENTS);
  }
}
