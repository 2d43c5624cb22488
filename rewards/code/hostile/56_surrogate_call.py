# Returns halves of characters, which JSON can name and UTF-8 cannot.

def f(x):
    return ["\ud800", "\udfff" * 3, "ok\x00"]
