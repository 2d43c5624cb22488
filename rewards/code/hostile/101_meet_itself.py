# Leaves a process and files for its next test case.

import os
import socket
import sys

NAME = "\0left-behind"
try:
    with socket.socket(socket.AF_UNIX) as peer:
        peer.connect(NAME)
    print("still there")
    sys.exit()
except OSError:
    pass
print("files" if os.path.exists("/tmp/left") or os.path.exists("/dev/shm/left") else "alone", flush=True)
for folder in ("/tmp", "/dev/shm"):
    open(folder + "/left", "w").close()
server = socket.socket(socket.AF_UNIX)
server.bind(NAME)
server.listen()
if os.fork() == 0:
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    while True:
        server.accept()
