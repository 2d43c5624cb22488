# A socket to the kernel (AF_NETLINK, device events).

import socket

socket.socket(16, socket.SOCK_RAW, 15)
print("ok")
