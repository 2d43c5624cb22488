# Gives its output a size of 10 GB without writing it.

import os

try:
    os.ftruncate(1, 10 << 30)
except OSError:
    pass
os.write(1, b"ok\n")
