# Prints without end.

while True:
    print("y" * 1000)
