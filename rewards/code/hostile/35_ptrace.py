# Traces the process that started it.

import ctypes
import os

PTRACE_ATTACH = 16
ctypes.CDLL(None).ptrace(PTRACE_ATTACH, os.getppid(), None, None)
print("ok")
