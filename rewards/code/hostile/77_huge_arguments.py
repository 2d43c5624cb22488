# Megabytes of arguments.

import os
import subprocess

try:
    subprocess.run(["/bin/true"] + ["x" * 100_000] * 60, env={"LONG": "y" * 100_000})
except OSError:
    pass
try:
    subprocess.run(["/bin/true", "x" * 10_000_000])
except OSError:
    pass
print("ok")
