// Turns off protections of its own address space.
#include <errno.h>
#include <sys/personality.h>

#include <cstdio>

int main() {
  puts(personality(ADDR_NO_RANDOMIZE | READ_IMPLIES_EXEC) < 0 && errno == EPERM ? "refused"
                                                                                : "changed");
}
