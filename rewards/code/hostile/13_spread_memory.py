# 600 MB, 30 in each of 20 processes: only a limit for the group sees it.

import os
import sys
import time

children = []
for _ in range(20):
    child = os.fork()
    if child == 0:
        block = b"x" * (30 << 20)
        time.sleep(1)
        os._exit(0)
    children.append(child)
failed = [child for child in children if os.waitpid(child, 0)[1] != 0]
print("ok")
sys.exit(len(failed))
