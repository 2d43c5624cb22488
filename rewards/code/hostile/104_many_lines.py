# Nearly a megabyte of empty lines.

print("\n" * 900_000 + "2")
