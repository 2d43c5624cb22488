# The program ends, a child keeps its standard output open: nobody may wait for that end.

import os
import time

if os.fork() == 0:
    time.sleep(1000)
print("ok")
