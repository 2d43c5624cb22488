# Leaves a note in the kernel's key ring.

import ctypes

ADD_KEY, KEY_SPEC_USER_KEYRING = 248, -4
ctypes.CDLL(None).syscall(ADD_KEY, b"user", b"note", b"for the next run", 16, KEY_SPEC_USER_KEYRING)
print("ok")
