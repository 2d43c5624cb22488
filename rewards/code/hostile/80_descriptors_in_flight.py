# Hides descriptors inside sockets, where the limit does not count them.

import array
import os
import socket

sent = 0
pairs = []
try:
    while True:
        pair = socket.socketpair()
        pairs.append(pair)
        pair[0].setblocking(False)
        try:
            while sent < 100_000:
                pair[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [pair[1].fileno()] * 20))])
                sent += 20
        except BlockingIOError:
            pass
except OSError as error:
    print("ok" if sent < 100_000 else sent)
