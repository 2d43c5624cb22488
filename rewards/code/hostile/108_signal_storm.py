# Eight processes that send signals to everything without end.

import os
import signal
import time

children = []
for _ in range(8):
    child = os.fork()
    if child == 0:
        parent = os.getppid()
        while True:
            for target in (parent, 1, -os.getpgrp()):
                try:
                    os.kill(target, signal.SIGCONT)
                    os.kill(target, signal.SIGWINCH)
                    os.kill(target, signal.SIGURG)
                    os.kill(target, signal.SIGCHLD)
                except OSError:
                    pass
    children.append(child)
while True:
    time.sleep(1)
