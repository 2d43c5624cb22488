# Numbers that fill the memory of whoever writes them out.

print("1e999999999 -1E-999999999 9e99999999999999999999")
