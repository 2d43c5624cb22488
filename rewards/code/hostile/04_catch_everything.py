# Catches every exception inside an endless loop.

import signal


def shout(number, frame):
    raise KeyboardInterrupt


for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM, signal.SIGXCPU):
    signal.signal(number, shout)
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
