# A million empty files: each takes memory of the kernel.

import os

for number in range(1_000_000):
    os.close(os.open(f"/tmp/{number}", os.O_CREAT | os.O_WRONLY))
print("ok")
