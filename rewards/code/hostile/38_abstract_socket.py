# Looks for Unix sockets of the machine and of other boxes.

import socket

found = []
own = "\0meeting-place"
server = socket.socket(socket.AF_UNIX)
try:
    server.bind(own)
except OSError:
    found.append("a peer")
with open("/proc/net/unix") as file:
    names = [line.split()[7] for line in file.readlines()[1:] if len(line.split()) > 7]
for name in names:
    path = "\0" + name[1:] if name.startswith("@") else name
    if path == own:
        continue
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        found.append(name)
    except OSError:
        pass
print(found or "alone")
