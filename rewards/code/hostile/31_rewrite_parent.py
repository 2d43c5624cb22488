# Writes to the memory of the process that started it.

import os

parent = os.getppid()
done = "denied"
try:
    with open(f"/proc/{parent}/maps") as maps:
        begin = next(int(line.split("-")[0], 16) for line in maps if " rw" in line)
    with open(f"/proc/{parent}/mem", "r+b", buffering=0) as memory:
        memory.seek(begin)
        byte = memory.read(1)
        memory.seek(begin)
        memory.write(byte)
        done = "written"
except OSError:
    pass
print(done)
