# Nearly a megabyte of tokens.

print("1 " * 450_000)
