# Returns a list nested 100,000 deep.

def f(x):
    value = 1
    for _ in range(100_000):
        value = [value]
    return value
