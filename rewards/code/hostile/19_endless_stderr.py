# The right answer, and noise on standard error without end.

import sys

print("ok", flush=True)
while True:
    sys.stderr.write("noise " * 1000)
