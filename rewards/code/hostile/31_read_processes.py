# Opens the environment and the memory of every other process.

import os

own = {f"{name}={value}".encode() for name, value in os.environ.items()} | {b""}
leaks = []
for entry in os.listdir("/proc"):
    if not entry.isdigit() or int(entry) == os.getpid():
        continue
    try:
        with open(f"/proc/{entry}/environ", "rb") as file:
            if set(file.read().split(b"\0")) - own:
                leaks.append(f"environment of {entry}")
    except OSError:
        pass
    for mode in (os.O_RDONLY, os.O_RDWR):
        try:
            os.close(os.open(f"/proc/{entry}/mem", mode))
            leaks.append(f"memory of {entry}")
        except OSError:
            pass
print(leaks or "denied")
