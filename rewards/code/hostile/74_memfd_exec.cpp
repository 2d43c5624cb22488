// Runs a program that is in no folder: stays in its box, and the output is what counts.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>

int main() {
  const int program = open("/bin/echo", O_RDONLY), copy = memfd_create("nothing", MFD_CLOEXEC);
  while (sendfile(copy, program, nullptr, 1 << 20) > 0) {
  }
  const char* const arguments[] = {"echo", "ok", nullptr};
  const char* const environment[] = {nullptr};
  syscall(SYS_execveat, copy, "", arguments, environment, AT_EMPTY_PATH);
  perror("execveat");
  return 1;
}
