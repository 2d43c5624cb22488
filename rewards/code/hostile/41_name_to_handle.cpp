// Learns the handles of files.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

int main() {
  unsigned handle[32] = {120};
  int mount = 0;
  syscall(SYS_name_to_handle_at, AT_FDCWD, "/", handle, &mount, 0);
  puts("ok");
}
