# Kills every process that it can: only what belongs to it may die.

import os
import signal

for target in (-1, os.getppid(), 1):
    try:
        os.kill(target, signal.SIGKILL)
    except OSError:
        pass
print("alive")
