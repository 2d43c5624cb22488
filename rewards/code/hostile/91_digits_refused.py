# More digits than Python prints by default.

print(len(str(7**10_000)))
