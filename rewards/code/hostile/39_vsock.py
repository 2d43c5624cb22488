# A socket to the host of a virtual machine (AF_VSOCK).

import socket

socket.socket(40, socket.SOCK_STREAM)
print("ok")
