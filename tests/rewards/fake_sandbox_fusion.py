# A service that answers as SandboxFusion does (POST /run_code, Python and C++, no isolation), for tests. Prints its port; ends with
# its standard input. A path /FAULT/N/run_code makes the first N tries of every request go wrong (FAULTS below); /echo/run_code answers
# at once with the standard input as the output, /together/run_code does so when 8 requests are there.
import collections
import http.server
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SEEN = collections.Counter()
TOGETHER = threading.Barrier(8)
RUNNING = threading.Semaphore(os.cpu_count())  # so that their clocks are those of a machine that is not overloaded
FAULTS = {
    "404": (404, b'{"detail": "Not Found"}'), "422": (422, b'{"detail": "language"}'), "429": (429, b"slow down"),
    "500": (500, b"Internal Server Error"), "504": (504, b"<html>upstream request timeout</html>"),
    "html": (200, b"<html>welcome</html>"), "list": (200, b"[]"), "cut": (200, b'{"status": "Success", "run_res'),
    "sandbox_error": (200, b'{"status": "SandboxError", "message": "no space left on device"}'),
    "run_error": (200, b'{"status": "SandboxError", "message": "", "run_result": {"status": "Error", "stderr": "exception"}}'),
    "no_run": (200, b'{"status": "Success", "message": "", "compile_result": null, "run_result": null}'),
    "number": (200, b'{"status": "Success", "message": "", "run_result": {"status": "Finished", "return_code": 0, "stdout": 3}}'),
    "no_code": (200, b'{"status": "Success", "message": "", "run_result": {"status": "Finished", "stdout": "3"}}'),
    "huge": (200, b'{"status": "Success", "message": "' + bytes(40 << 20) + b'"}'),
}


def run(command, folder, timeout, memory_mb, stdin=b""):
    """A command's part of the answer, as sandbox/runners/base.py makes it."""
    def limit():
        if memory_mb > 0:
            resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, resource.RLIM_INFINITY))

    start = time.time()
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=limit, start_new_session=True)
    try:
        out, err = process.communicate(stdin, timeout)
        result = {"status": "Finished", "return_code": process.returncode}
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        result = {"status": "TimeLimitExceeded", "return_code": None}
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    if len(out) > 128 * 1024:  # its reader stops there, and the program waits
        result = {"status": "TimeLimitExceeded", "return_code": None}
    return {**result, "execution_time": time.time() - start, "stdout": out[:192 * 1024].decode(errors="replace"),
            "stderr": err[:192 * 1024].decode(errors="replace")}


def run_code(request):
    folder = tempfile.mkdtemp()
    try:
        cpp = request["language"] == "cpp"
        name = os.path.join(folder, "program.cpp" if cpp else "program.py")
        with open(name, "w", encoding="utf-8") as file:
            file.write(request["code"])
        parts = {"compile_result": None, "run_result": None}
        memory_mb = request["memory_limit_MB"]
        if cpp:
            parts["compile_result"] = run(["g++", "-std=c++17", name, "-o", "test"], folder, request["compile_timeout"], memory_mb)
        if not cpp or parts["compile_result"]["return_code"] == 0:
            parts["run_result"] = run(["./test"] if cpp else ["python3", name], folder, request["run_timeout"], memory_mb,
                                      request["stdin"].encode())
        good = all(part is None or part["return_code"] == 0 for part in parts.values())
        return {"status": "Success" if good else "Failed", "message": "", **parts, "executor_pod_name": None, "files": {}}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if status == 429:
            self.send_header("Retry-After", "2")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = json.loads(body)
        *path, last = self.path.strip("/").split("/")
        probe = request["code"] == "print(6 * 7)"  # by which a client sees that there is a service
        if last != "run_code" or path == ["nowhere"]:
            return self.answer(*FAULTS["404"])
        if path in (["echo"], ["together"]) and not probe:
            if path == ["together"]:
                TOGETHER.wait(30)
            result = {"status": "Finished", "return_code": 0, "execution_time": 0.0, "stdout": request["stdin"], "stderr": ""}
            return self.answer(200, json.dumps({"status": "Success", "message": "", "run_result": result}).encode())
        if len(path) == 2 and not probe:
            fault, count = path
            SEEN[self.path, body] += 1
            if SEEN[self.path, body] <= int(count):
                if fault == "hang":
                    return time.sleep(1e6)
                if fault == "reset":
                    self.close_connection = True
                    return self.connection.shutdown(socket.SHUT_RDWR)
                return self.answer(*FAULTS[fault])
        with RUNNING:
            result = run_code(request)
        self.answer(200, json.dumps(result).encode())


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 1024

    def handle_error(self, *_):  # a client that has gone
        pass


server = Server(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
os._exit(0)
