// Children that fork and end again and again, faster than a loop that kills them one by one.
#include <unistd.h>

#include <cstdio>

int main() {
  for (int i = 0; i < 1000; ++i) {
    const pid_t child = fork();
    if (child < 0) {
      perror("fork");
      return 1;
    }
    if (child == 0)
      for (;;)
        if (fork() > 0) _exit(0);
  }
}
