# A thread goes on when the main program is done.

import threading


def spin():
    while True:
        pass


threading.Thread(target=spin).start()
print("ok")
