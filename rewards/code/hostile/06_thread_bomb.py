# 10,000 threads; without a cgroup their stacks meet the limit on address space first.

import threading
import time

for _ in range(10_000):
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
print("ok")
