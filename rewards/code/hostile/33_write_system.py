# Writes to system folders, kernel settings, devices and control groups.

import os

done = []
for path in ("/usr/x", "/usr/bin/python3", "/usr/lib/x", "/etc/x", "/etc/passwd", "/etc/ld.so.preload", "/bin/x", "/lib/x", "/x",
             "/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern", "/proc/sys/vm/drop_caches", "/proc/sysrq-trigger",
             "/sys/kernel/x", "/sys/power/state", "/dev/mem", "/dev/kmsg", "/dev/sda", "/dev/vda"):
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o644))
        done.append(path)
    except OSError:
        pass
for folder, _, names in os.walk("/sys/fs/cgroup"):
    done += [os.path.join(folder, name) for name in names if os.access(os.path.join(folder, name), os.W_OK)]
try:
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("-1000")
    done.append("oom_score_adj")
except OSError:
    pass
print(done or "refused")
