# Recursion without end.

def down():
    return down() + 1


down()
