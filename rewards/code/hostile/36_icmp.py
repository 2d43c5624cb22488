# A raw socket.

import socket

socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).sendto(b"\x08" + bytes(7), ("1.1.1.1", 0))
print("ok")
