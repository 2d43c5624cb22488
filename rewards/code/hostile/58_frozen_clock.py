# Waits for a clock that it has stopped itself.

import time

start = time.time()
time.time = time.monotonic = time.perf_counter = lambda: start
while time.time() < start + 1:
    pass
