# Sleeps for eleven days: ends by the wall clock.

import time

time.sleep(1e6)
