# Fills /tmp and /dev/shm and takes no notice: together they are as large as the memory limit, or not quite.

chunk = bytes(1 << 20)
for folder in ("/tmp", "/dev/shm"):
    try:
        for number in range(1000):
            with open(f"{folder}/{number}", "wb", buffering=0) as file:
                for _ in range(8):
                    file.write(chunk)
    except OSError:
        pass
print("full")
