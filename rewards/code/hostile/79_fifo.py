# Waits for the other end of a pipe that nobody opens.

import os

os.mkfifo("/tmp/fifo")
open("/tmp/fifo").read()
print("ok")
