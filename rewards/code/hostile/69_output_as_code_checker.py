# Prints code that would end a careless checker well.

print("__import__('os')._exit(0)")
