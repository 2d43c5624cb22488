# A socket to the kernel's ciphers (AF_ALG).

import socket

socket.socket(38, socket.SOCK_SEQPACKET)
print("ok")
