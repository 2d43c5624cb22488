# Replaces itself by a shell: stays in its box, and the output is what counts.

import os

os.execv("/bin/sh", ["sh", "-c", "echo ok"])
