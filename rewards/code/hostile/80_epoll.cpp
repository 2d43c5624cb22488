// Epoll descriptors without end.
#include <sys/epoll.h>

#include <cstdio>

int main() {
  for (;;) {
    if (epoll_create1(0) < 0) {
      perror("epoll_create1");
      return 1;
    }
  }
}
