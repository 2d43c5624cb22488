# Output that is not UTF-8.

import sys

sys.stdout.buffer.write(b"ok\xed\xa0\x80\xff\xc0\xaf\n")
