# Returns a number of more digits than Python writes.

def f(x):
    return 10**5000
