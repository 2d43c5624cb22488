# Event descriptors without end.

import os

hoard = []
while True:
    hoard.append(os.eventfd(0))
