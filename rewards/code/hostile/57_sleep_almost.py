# Idle until shortly before the wall clock ends it: no processor time, so accepted.

import time

time.sleep(2.2)
print("ok")
