# Returns 20 MB.

def f(x):
    return "x" * 20_000_000
