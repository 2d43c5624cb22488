# Pipes under names that somebody may read to the end, and device files.

import os
import stat

for name in ("out", "output", "stdout", "result", "result.json", "answer"):
    os.mkfifo(f"/tmp/{name}")
made = []
for kind, major, minor in ((stat.S_IFBLK, 8, 0), (stat.S_IFBLK, 254, 0), (stat.S_IFCHR, 1, 1)):
    try:
        os.mknod("/tmp/device", kind | 0o666, os.makedev(major, minor))
        made.append(kind)
    except OSError:
        pass
print(made or "ok")
