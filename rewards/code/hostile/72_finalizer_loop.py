# Goes on in the end of an object.

class Stubborn:
    def __del__(self):
        while True:
            pass


keep = Stubborn()
print("ok", flush=True)
