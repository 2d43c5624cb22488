# Returns no number, with a tolerance.

def f(x):
    return float("nan")
