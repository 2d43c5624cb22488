# No numbers at all, within any tolerance.

print("nan inf -inf 1e400")
