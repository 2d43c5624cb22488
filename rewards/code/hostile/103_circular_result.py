# Returns a list that holds itself.

def f(x):
    value = [x]
    value.append(value)
    return value
