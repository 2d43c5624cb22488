# Fills /dev/shm.

chunk = bytes(1 << 20)
for number in range(1000):
    with open(f"/dev/shm/{number}", "wb", buffering=0) as file:
        for _ in range(8):
            file.write(chunk)
print("ok")
