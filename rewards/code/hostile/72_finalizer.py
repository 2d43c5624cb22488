# An object whose end makes the next one.

class Phoenix:
    def __del__(self):
        Phoenix()


bird = Phoenix()
print("ok", flush=True)
