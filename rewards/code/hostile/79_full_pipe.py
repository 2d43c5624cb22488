# Waits for room in a pipe that nobody reads.

import os

read_end, write_end = os.pipe()
while True:
    os.write(write_end, bytes(65536))
