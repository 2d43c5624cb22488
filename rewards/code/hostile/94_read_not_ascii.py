# Control: reads text outside ASCII.

text = input()
print(len(text), text[::-1])
