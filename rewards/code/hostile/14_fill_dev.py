# Looks for a folder without a limit besides /tmp and /dev/shm.

import os

chunk = bytes(1 << 20)
written = 0
for folder in ("/dev", "/dev/pts", "/run", "/var/tmp", "/run/lock", "/", "/proc", "/sys", "/home", "/etc", "/usr"):
    try:
        for number in range(32):
            with open(os.path.join(folder, f"block{number}"), "wb", buffering=0) as file:
                for _ in range(8):
                    written += file.write(chunk)
    except OSError:
        pass
print("refused" if written <= 128 << 20 else written)
