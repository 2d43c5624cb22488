# Runs inside a box, as its only long-lived process: holds one program and runs it once for each test, in a new process each
# time. It never runs the program itself. Control comes as messages over descriptor 3; every answer is one message.
#   S          + [source]                          reads the program          -> "ok", or "error" and why
#   X          + [executable]                      takes a compiled program   -> "ok"
#   R kind cpu + [stdin, stdout, stderr, work]     one test, kind: run, call, assert, checker, exec (compiled)
#              -> "wait status, cpu microseconds, peak kB, 1 if nothing of it was left behind"
# work (not with run and exec): a socket that gives their JSON and takes the results. cpu: seconds.
import _ctypes
import _socket
import atexit
import gc
import os
import resource
import select
import sys

EXECUTABLE = 60  # a descriptor that every test keeps up to its exec
BOXED = os.getpid() == 1  # the first of a process namespace, where kill(-1) reaches only what is in the box
PRCTL = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")


def set_readable(yes):
    """Whether other processes of this user may look into this one (PR_SET_DUMPABLE); forks take it over."""
    _ctypes.call_function(PRCTL, (4, int(yes)))


def die_with_parent(parent):
    """Its end kills this process (PR_SET_PDEATHSIG). Forks do not take that over."""
    _ctypes.call_function(PRCTL, (1, 9))
    if os.getppid() != parent:  # it ended before the call
        os._exit(1)


def receive(channel):
    message, ancillary, _, _ = channel.recvmsg(4096, 256)
    fds = []
    for _, _, data in ancillary:
        fds += [int.from_bytes(data[i:i + 4], sys.byteorder) for i in range(0, len(data) - 3, 4)]
    return message.split(), fds


def read_source(fd):
    with open(fd, "rb", closefd=False) as file:
        source = file.read()
    try:
        program = compile(source, "program.py", "exec", dont_inherit=True)
    except BaseException as error:
        where = f" (line {error.lineno})" if getattr(error, "lineno", None) else ""
        return None, f"{type(error).__name__}: {getattr(error, 'msg', error)}{where}".encode("utf-8", "replace")[:400]
    # What the program will import, so that not every test pays for it.
    for name in ("collections", "functools", "heapq", "itertools", "math", "random", "re", "string", "typing", "json"):
        if name.encode() in source:
            __import__(name)
    gc.collect()
    gc.freeze()  # so that no test copies all these objects by looking at them
    return program, None


def start(fds, cpu, body, readable=True):
    """A new process with these descriptors and no others, which ends as Python ends when body() is done, or with the driver."""
    driver = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    die_with_parent(driver)
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    for target, fd in enumerate(fds):
        os.dup2(fd, target)
    os.closerange(len(fds), EXECUTABLE)
    os.closerange(EXECUTABLE + 1, 256)
    sys.excepthook = show_error
    set_readable(readable)
    os._exit(end(body))


def end(body):
    """Runs it to the exit code, with all that Python does at its end but taking modules apart, which costs more than a small test."""
    code = 0
    try:
        body()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
        if error.code is not None and not isinstance(error.code, int):
            print(error.code, file=sys.stderr)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = 1
    try:
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
        code = code or 120
    return code & 255


def show_error(kind, value, trace):
    """Without the frames of this file."""
    while trace and trace.tb_frame.f_code.co_filename != "program.py":
        trace = trace.tb_next
    sys.__excepthook__(kind, value, trace)


def run_as_main(program, *arguments):
    sys.argv = ["program.py", *arguments]
    return run_as("__main__", program)


def run_as(name, program):
    module = type(sys)(name)
    module.__builtins__ = __builtins__
    sys.modules[name] = sys.modules["__main__"] = module
    exec(program, module.__dict__)
    return module.__dict__


def plain(value, depth=0):
    """JSON for a value, by the base types' own methods, so that a subclass cannot pretend. Other objects are only named."""
    if depth > 100:
        return {"?": "too deep"}
    if value is None or value is True or value is False:
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        number = int.__index__(value)
        if -2**63 <= number < 2**64:
            return number
        return {"int": int.__repr__(number)} if number.bit_length() < 13000 else {"?": "an integer of too many digits"}
    if isinstance(value, float):
        number = float.__float__(value)
        return number if number - number == 0 else {"float": float.__repr__(number)}
    if isinstance(value, (list, tuple)):
        kind = list if isinstance(value, list) else tuple
        items = [plain(item, depth + 1) for item in kind.__iter__(value)]
        return items if kind is list else {"tuple": items}
    if isinstance(value, dict):
        return {"dict": [[plain(k, depth + 1), plain(v, depth + 1)] for k, v in dict.items(value)]}
    if isinstance(value, (set, frozenset)):
        kind = set if isinstance(value, set) else frozenset
        return {"set": [plain(item, depth + 1) for item in kind.__iter__(value)]}
    if isinstance(value, (bytes, bytearray)):
        return {"bytes": bytes(value).hex()}
    if isinstance(value, complex):
        return {"complex": [plain(value.real), plain(value.imag)]}
    if hasattr(value, "__next__"):
        return [plain(item, depth + 1) for item in value]
    if type(value).__module__ == "collections" and hasattr(value, "__iter__"):  # deque
        return [plain(item, depth + 1) for item in value]
    return {"?": type(value).__name__}


def argument(data):
    """JSON of a row as a value: integers of more than 64 bits come as {"int": digits}."""
    if isinstance(data, list):
        return [argument(item) for item in data]
    if not isinstance(data, dict):
        return data
    digits = data.get("int")
    if len(data) == 1 and isinstance(digits, str) and len(digits) > 18 and digits.lstrip("-").isdigit():
        return int(digits)
    return {key: argument(item) for key, item in data.items()}


def value_of(data):
    """What plain() wrote, as a value again."""
    if isinstance(data, list):
        return [value_of(item) for item in data]
    if not isinstance(data, dict):
        return data
    (kind, content), = data.items()
    if kind == "float":
        return float(content)
    if kind == "int":
        return int(content)
    if kind == "tuple":
        return tuple(value_of(item) for item in content)
    if kind == "dict":
        return {value_of(key): value_of(item) for key, item in content}
    if kind == "set":
        return {value_of(item) for item in content}
    if kind == "bytes":
        return bytes.fromhex(content)
    if kind == "complex":
        return complex(*map(value_of, content))
    return Opaque(content)


class Opaque:
    """A value of the program's own type: equal to nothing else."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"<{self.name}>"


class Work:
    """Lines of JSON over a socket."""

    def __init__(self, fd):
        self.json = __import__("json")
        self.reading = open(fd, "r", encoding="utf-8")
        self.writing = open(os.dup(fd), "w", encoding="utf-8")

    def read(self, default=None):
        line = self.reading.readline()
        return self.json.loads(line) if line else default

    def close(self):
        self.reading.close()
        self.writing.close()

    def write(self, message, nonce=""):
        self.writing.write(nonce + self.json.dumps(message) + "\n")
        self.writing.flush()


def run_call(program):
    work = Work(3)
    request = work.read()
    space = run_as("program", program)
    entry = request["entry"]
    function = space[entry] if entry in space else getattr(space["Solution"](), entry)
    work.write(plain(function(*argument(request["args"]))), request["nonce"])


def run_checker(program):
    """The program is a checker, which gets three files."""
    work = Work(3)
    request = work.read()
    work.close()
    names = ["input", "output", "reference"]
    for name in names:
        with open(name, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(request[name])
    run_as_main(program, *names)


def serve_calls(program):
    """The side of the assertions that holds the program."""
    work = Work(3)
    try:
        space = run_as("program", program)
    except BaseException as error:
        work.write({"failed": f"{type(error).__name__}: {error}"[:200]})
        raise
    own = {name: value for name, value in space.items() if not name.startswith("__")}
    work.write({"values": {name: plain(value) for name, value in own.items()
                           if not callable(value) and not hasattr(value, "__next__")},
                "calls": [name for name, value in own.items() if callable(value)]})
    while request := work.read():
        try:
            arguments = [value_of(item) for item in request["args"]]
            named = {key: value_of(item) for key, item in request["named"].items()}
            answer = {"value": plain(own[request["name"]](*arguments, **named))}
        except Exception as error:
            answer = {"error": type(error).__name__, "text": str(error)[:200]}
        work.write(answer)


def judge_assertions(program_side):
    """The side that holds the assertions, out of the program's reach."""
    import builtins
    work, program = Work(3), Work(program_side)
    request = work.read()
    offer = program.read({"failed": "the program ended before its functions were called"})
    if "failed" in offer:
        return work.write([0, offer["failed"]], request["nonce"])

    def remote(name):
        def call(*args, **named):
            program.write({"name": name, "args": [plain(item) for item in args], "named": {k: plain(v) for k, v in named.items()}})
            answer = program.read({"error": "EOFError", "text": "the program ended"})
            if "error" in answer:
                kind = getattr(builtins, answer["error"], None)
                known = isinstance(kind, type) and issubclass(kind, Exception)
                raise (kind if known else RuntimeError)(answer["text"])
            return value_of(answer["value"])
        return call

    offered = {name: value_of(value) for name, value in offer["values"].items()}
    offered.update((name, remote(name)) for name in offer["calls"])
    # A program's own sorted() or len() must not judge it.
    space = {name: value for name, value in offered.items() if not hasattr(builtins, name)}
    space["__name__"] = "__main__"
    for index, statement in enumerate(request["code"]):
        try:
            exec(compile(statement, "assertion", "exec"), space)
        except Exception as error:
            work.write([index, f"{type(error).__name__}: {error}"[:200]], request["nonce"])
        else:
            work.write([index, None], request["nonce"])


def is_closed(channel):
    """Whether the other side has closed it."""
    poll = select.poll()
    poll.register(channel, 0)
    return bool(poll.poll(0))


def run_executable(_):
    os.execve(EXECUTABLE, ["program"], os.environ)


def run_test(program, kind, cpu, fds):
    """Wait status and use of one test."""
    if kind == b"assert":
        ours, theirs = _socket.socketpair()
        test = start(fds[:3] + [theirs.fileno()], cpu, lambda: serve_calls(program))
        judge = start(fds[:4] + [ours.fileno()], cpu, lambda: judge_assertions(4), readable=False)
        theirs.close()
        os.wait4(judge, 0)
        waits = not is_closed(ours)  # for another call; else it is ending, and how decides
        if waits:
            os.kill(test, 9)
        _, status, use = os.wait4(test, 0)
        ours.close()
        if waits:
            status = 0
    else:
        body = {b"run": run_as_main, b"call": run_call, b"checker": run_checker, b"exec": run_executable}[kind]
        test = start(fds, cpu, lambda: body(program))
        _, status, use = os.wait4(test, 0)
    if not BOXED:
        try:
            os.killpg(test, 9)
        except ProcessLookupError:
            pass
    return status, use


def sweep():
    """Ends everything that a test left behind. True if no file is left either."""
    if not BOXED:
        return not os.listdir(".")
    try:
        os.kill(-1, 9)
        while True:
            os.wait()  # orphans become children of the first process
    except (ProcessLookupError, ChildProcessError):
        pass
    return not os.listdir("/tmp") and not os.listdir("/dev/shm")


def main():
    import builtins
    set_readable(False)
    if BOXED:
        resource.setrlimit(resource.RLIMIT_NPROC, (int(sys.argv[1]), int(sys.argv[1])))
    builtins.exit = builtins.quit = sys.exit  # which site would bring
    control = _socket.socket(fileno=3)
    program = None
    while True:
        message, fds = receive(control)
        if not message:
            os._exit(0)
        if message[0] == b"S":
            program, problem = read_source(fds[0])
            control.send(b"error " + problem if problem else b"ok")
        elif message[0] == b"X":
            os.dup2(fds[0], EXECUTABLE, inheritable=False)
            control.send(b"ok")
        else:
            status, use = run_test(program, message[1], int(message[2]), fds)
            clean = sweep()
            control.send(b"%d %d %d %d" % (status, (use.ru_utime + use.ru_stime) * 1e6, use.ru_maxrss, clean))
        for fd in fds:
            os.close(fd)


if __name__ == "__main__":  # else it is part of a remote harness, remote.py
    main()
