# A file of 10 GB that is all hole.

with open("/tmp/sparse", "wb", buffering=0) as file:
    file.seek(10 << 30)
    file.write(b"x")
print("ok")
