# A sort key that sorts: recursion through C.

import sys

sys.setrecursionlimit(1 << 30)


def key(value):
    return sorted([value], key=key)


print(sorted([1], key=key))
