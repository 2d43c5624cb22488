# Reads memory, messages and addresses of the kernel.

import os

read = []
for path in ("/proc/kcore", "/proc/kmsg", "/proc/kallsyms", "/dev/mem", "/dev/kmsg", "/dev/port", "/sys/kernel/debug/x", "/proc/1/root/etc/shadow",
             "/proc/1/cwd/etc/shadow", "/proc/sysrq-trigger", "/proc/slabinfo", "/proc/vmallocinfo", "/sys/firmware/dmi/tables/DMI"):
    try:
        with open(path, "rb") as file:
            text = file.read(4096)
        if path != "/proc/kallsyms" or any(line.split()[0].strip(b"0") for line in text.splitlines()[:-1]):
            read.append(path)
    except OSError:
        pass
print(read or "denied")
