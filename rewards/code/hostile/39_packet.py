# A socket for raw packets (AF_PACKET).

import socket

socket.socket(17, socket.SOCK_RAW, 0)
print("ok")
