# Returns infinity, with a tolerance.

def f(x):
    return float("inf")
