# A daemon in a session of its own outlives the program: the verdict is by output, the daemon must be gone.

import os

if os.fork() == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    while True:
        pass
os.wait()
print("ok")
