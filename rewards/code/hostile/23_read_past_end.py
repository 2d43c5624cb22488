# Goes on reading after the end of its input.

import sys

while True:
    sys.stdin.read(1)
