# 100 MB of NUL bytes.

import sys

for _ in range(100):
    sys.stdout.buffer.write(bytes(1 << 20))
