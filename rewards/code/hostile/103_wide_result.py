# Returns a small object that is endless when written out.

def f(x):
    value = [x]
    for _ in range(40):
        value = [value, value]
    return value
