# Control: a program may talk to itself over the loopback of its box.

import socket
import threading

server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=lambda: server.accept()[0].sendall(b"ok"), daemon=True).start()
print(socket.create_connection(server.getsockname()).recv(10).decode())
