# The right answer with a NUL byte behind it.

import sys

sys.stdout.buffer.write(b"ok\0\n")
