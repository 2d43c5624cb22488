# A chain of 100,000 folders: the clean-up must be quick and must not recurse.

import os

for _ in range(100_000):
    os.mkdir("d")
    os.chdir("d")
print("ok")
