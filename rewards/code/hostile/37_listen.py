# Waits for a peer from another box.

import socket

server = socket.create_server(("0.0.0.0", 5000))
server.accept()
print("ok")
