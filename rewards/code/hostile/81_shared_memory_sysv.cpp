// 600 MB of System V shared memory that outlives the program: must go with its box.
#include <sys/ipc.h>
#include <sys/shm.h>

#include <cstdio>
#include <cstring>

int main() {
  for (int i = 0; i < 40; ++i) {
    const int segment = shmget(IPC_PRIVATE, 15 << 20, IPC_CREAT | 0600);
    void* block = shmat(segment, nullptr, 0);
    if (block == reinterpret_cast<void*>(-1)) {
      perror("shmat");
      return 1;
    }
    memset(block, 1, 15 << 20);
    shmdt(block);
  }
  puts("ok");
}
