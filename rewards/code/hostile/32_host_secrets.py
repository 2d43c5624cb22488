# Looks for keys, tokens and folders of the host.

import glob
import os

PLACES = ["~/.ssh/*", "/root/.ssh/*", "/home/*/.ssh/*", "~/.aws/*", "/root/.aws/*", "/root/.netrc", "/root/.git-credentials",
          "/root/.cache/huggingface/token", "/root/.config/gcloud/*", "/root/.kube/config", "/root/.docker/config.json",
          "/var/run/docker.sock", "/run/containerd/*", "/run/secrets/*", "/var/run/secrets/*/*", "/etc/shadow", "/etc/ssh/*_key",
          "/root/*", "/home/*/*", "/mnt/*", "/data/*", "/srv/*", "/media/*"]


def readable(path):
    try:
        if os.path.isdir(path):
            return bool(os.listdir(path))
        with open(path, "rb") as file:
            file.read(1)
        return True
    except OSError:
        return os.path.exists(path) and os.access(path, os.R_OK)


print([path for place in PLACES for path in glob.glob(os.path.expanduser(place)) if readable(path)] or "nothing")
