# Closes its output and loops: the end of the output is not the end of the program.

import os

os.close(1)
while True:
    pass
