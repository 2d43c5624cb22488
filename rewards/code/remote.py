# Runs on a remote service in place of a program that is called, asserted about, or a checker, and does there what a box does here,
# with driver.py's own functions. In front of it stand DRIVER, PROGRAM (sources), KIND (call, assert, checker) and CPU (seconds).
# Standard input is the driver's work line. It goes through a process of its own, so that it is in no file and not in the memory of
# the process that holds the program; standard output is what the driver answers (of a checker: what it prints).
import os
import socket
import sys

driver = type(sys)("driver")
exec(compile(DRIVER, "driver.py", "exec"), driver.__dict__)


def relay(work):
    driver.set_readable(False)
    try:
        work.sendall(sys.stdin.buffer.read())
        work.shutdown(socket.SHUT_WR)
    except OSError:  # the program ended first
        pass
    with open(1, "wb", buffering=0) as output:
        while results := work.recv(65536):
            while results:
                results = results[output.write(results):]


def main():
    source = os.memfd_create("program")
    with open(source, "wb", closefd=False) as file:
        file.write(PROGRAM.encode())
    os.lseek(source, 0, os.SEEK_SET)
    program, problem = driver.read_source(source)
    if problem:
        sys.exit(problem.decode())
    ours, theirs = socket.socketpair()
    helper = os.fork()
    if not helper:
        theirs.close()
        relay(ours)
        os._exit(0)
    ours.close()
    nothing = os.open("/dev/null", os.O_RDWR)
    output = 1 if KIND == "checker" else nothing
    status, _ = driver.run_test(program, KIND.encode(), CPU, [nothing, output, 2, theirs.fileno()])
    theirs.close()
    os.waitpid(helper, 0)
    os._exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))


main()
