# Sets the clock of the machine.

import time

try:
    time.clock_settime(time.CLOCK_REALTIME, time.time())
    print("set")
except PermissionError:
    print("refused")
