# Goes on in a handler of the interpreter's end.

import atexit


@atexit.register
def last():
    while True:
        pass


print("ok")
