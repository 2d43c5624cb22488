// A child in a user namespace of its own that mounts.
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

int main() {
  if (syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD, 0, 0, 0, 0) == 0) {
    mount("none", "/tmp", "tmpfs", 0, nullptr);
    _exit(0);
  }
  puts("ok");
}
