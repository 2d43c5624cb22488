# System V semaphores without end: must go with its box.

import ctypes

libc = ctypes.CDLL(None)
while libc.semget(0, 200, 0o1600) >= 0:
    pass
print("ok")
