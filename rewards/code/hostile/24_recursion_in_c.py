# Recursion without end through C, with Python's own guard removed: overflows the stack.

import sys

sys.setrecursionlimit(1 << 30)


class Deep:
    def __repr__(self):
        return repr(self)


repr(Deep())
