# Memory of the kernel in pipes.

import fcntl
import os

F_SETPIPE_SZ = 1031
for _ in range(30):
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    try:
        fcntl.fcntl(write_end, F_SETPIPE_SZ, 1 << 20)
    except OSError:
        pass
    try:
        while True:
            os.write(write_end, bytes(1 << 16))
    except BlockingIOError:
        pass
print("ok")
