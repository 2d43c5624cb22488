# A number with two billion digits behind the point.

print(len(f"{1.5:.2000000000f}"))
