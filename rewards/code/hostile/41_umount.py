# Unmounts what covers the host's files.

import ctypes

MNT_DETACH = 2
ctypes.CDLL(None).umount2(b"/tmp", MNT_DETACH)
print("ok")
