# Connects to an IPv6 address outside.

import socket

socket.create_connection(("2606:4700:4700::1111", 80))
print("ok")
