# The right answer, then kills itself: no limit was met.

import os
import signal

print("ok", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
