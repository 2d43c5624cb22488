# Removes its death signal, renames itself and adopts orphans, one of which goes on.

import ctypes
import os

libc = ctypes.CDLL(None)
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NAME, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 15, 36, 38
libc.prctl(PR_SET_PDEATHSIG, 0)
libc.prctl(PR_SET_DUMPABLE, 1)
libc.prctl(PR_SET_NAME, b"x) R 1 1 (x")
libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0:
    print("new privileges")
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True:
            pass
    os._exit(0)
print("ok")
