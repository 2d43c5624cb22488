# Looks for descriptors that were left open.

import os


def is_open(number):
    try:
        os.fstat(number)
        return True
    except OSError:
        return False


print([number for number in range(3, 1024) if is_open(number)] or "closed")
