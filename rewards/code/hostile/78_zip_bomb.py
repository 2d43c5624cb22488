# A few kilobytes that unpack to four gigabytes.

import bz2

print(len(bz2.decompress(bz2.compress(bytes(1 << 22)) * 1000)))
