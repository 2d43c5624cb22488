# Stops itself: idle until the wall clock ends it.

import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
