# Returns numbers without end.

import itertools


def f(x):
    return itertools.count()
