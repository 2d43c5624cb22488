# Connects to an address outside.

import socket

socket.create_connection(("1.1.1.1", 80))
print("ok")
