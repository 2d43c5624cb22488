# Returns a list nested as deep as JSON of Python can write.

def f(x):
    value = 1
    for _ in range(900):
        value = [value]
    return value
