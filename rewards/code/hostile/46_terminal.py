# Types into the terminal of whoever started it.

import fcntl
import glob
import os
import termios

typed = []
for path in ["/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2", "/dev/tty", "/dev/console", "/dev/tty0", *glob.glob("/dev/pts/[0-9]*")]:
    try:
        terminal = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        fcntl.ioctl(terminal, termios.TIOCSTI, b"x")
        typed.append(path)
    except OSError:
        pass
print(typed or "no terminal")
