# The one kind of netlink that name lookups ask for: an error, no kill.

import errno
import socket

try:
    socket.socket(16, socket.SOCK_RAW, 0)
    print("open")
except OSError as error:
    print(errno.errorcode[error.errno])
