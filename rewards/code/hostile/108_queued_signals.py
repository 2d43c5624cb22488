# Signals that wait in the kernel: a limit of the user, not of the box.

import ctypes
import os
import signal

signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGRTMIN})
libc = ctypes.CDLL(None)
sent = 0
while sent < 200_000 and libc.sigqueue(os.getpid(), int(signal.SIGRTMIN), None) == 0:
    sent += 1
print("ok")
