# Looks for devices and settings of the machine, which results must not depend on.

import os
import socket
import time

told = []
try:
    socket.sethostname("mine")
    told.append("hostname")
except OSError:
    pass
if any(name.startswith(("AWS_", "HF_", "WANDB_", "SSH_", "KUBERNETES_", "CUDA_", "NVIDIA_", "GIT_")) or "TOKEN" in name or "KEY" in name for name in os.environ):
    told.append("environment")
for device in ("/dev/nvidia0", "/dev/nvidiactl", "/dev/kvm", "/dev/fuse", "/dev/net/tun", "/dev/disk", "/dev/input"):
    if os.path.exists(device):
        told.append(device)
if time.tzname != ("UTC", "UTC"):
    told.append(time.tzname)
print(told or "nothing")
