# 240 kB on standard error, more than a pipe holds and less than the limit, before the answer.

import sys

sys.stderr.write("noise\n" * 40_000)
print("ok")
