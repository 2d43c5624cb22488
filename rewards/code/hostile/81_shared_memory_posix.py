# Maps more of /dev/shm than there is: a bus error.

import mmap
import os

for number in range(8):
    file = os.open(f"/dev/shm/block{number}", os.O_CREAT | os.O_RDWR, 0o600)
    os.ftruncate(file, 15 << 20)
    block = mmap.mmap(file, 15 << 20)
    for at in range(0, 15 << 20, 4096):
        block[at] = 1
print("ok")
