# One operation that takes hours.

print(9**9**9 % 10)
