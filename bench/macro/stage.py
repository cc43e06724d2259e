# bench/macro/stage.py: what the macro benchmarks share: their command line, and a server beside a load.
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/bench/cpp/bin/bench")
START_SECONDS = 20  # a server that does not answer by then will not

# A round of a case is this many times what the runner gives a micro benchmark, but never shorter than the least: there
# is a server to be warmed up.
SECONDS_FACTOR, LEAST_SECONDS = 4, 0.2


def cores():
    """(the server's, the load's). The first one has most of the interrupts, which must not be the server's."""
    there = sorted(os.sched_getaffinity(0))
    return there[-1], there[0]


def pin(core):
    return lambda: os.sched_setaffinity(0, {core})


def tool(name):
    return os.path.join(TOOLS, name)


def arguments(argv, cases):
    """PROGRAM… (--list | --seconds S CASE): (the program, seconds, case), or lists the cases and ends."""
    if len(argv) >= 2 and argv[-1] == "--list":
        print("\n".join(cases))
        sys.exit(0)
    if len(argv) < 4 or argv[-3] != "--seconds" or argv[-1] not in cases:
        sys.exit("usage: PROGRAM... (--list | --seconds S CASE)")
    return argv[:-3], float(argv[-2]), argv[-1]


def round_of(seconds):
    return max(LEAST_SECONDS, SECONDS_FACTOR * seconds)


def report(what, value, unit, **extra):
    print(json.dumps({"what": what, "who": "", "value": value, "unit": unit, **extra}), flush=True)


class Server:
    def __init__(self, process, port):
        self.process, self.port, self.pid = process, port, process.pid

    def memory(self):
        """Bytes that belong to this process alone."""
        with open(f"/proc/{self.pid}/smaps_rollup") as file:
            private = [int(line.split()[1]) for line in file if line.startswith("Private_")]
        return sum(private) * 1024


def port_of(process, errors):
    """What a server says first: on which port it listens. One that is silent for too long is ended."""
    patience = threading.Timer(START_SECONDS, process.kill)
    patience.start()
    try:
        for line in process.stdout:
            if line.startswith("port "):
                return int(line.split()[1])
    finally:
        patience.cancel()
    process.wait()
    errors.seek(0)
    raise RuntimeError(f"the server ended with {process.returncode}: {errors.read().strip()[-300:]}")


def await_listener(process, port):
    """Some must say their port before they have it."""
    for _ in range(START_SECONDS * 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise RuntimeError("the server does not listen")


@contextmanager
def serving(command):
    """Starts a server on its core, in a folder of its own; ends it."""
    with tempfile.TemporaryDirectory(prefix="torus-bench-") as folder, open(os.path.join(folder, "errors"), "w+") as errors:
        command = [os.path.abspath(word) if os.path.exists(word) else word for word in command]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=folder,
                                   preexec_fn=pin(cores()[0]), env={**os.environ, "TMPDIR": folder})
        try:
            port = port_of(process, errors)
            await_listener(process, port)
            yield Server(process, port)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def run(command, **options):
    """A command on the load's core; what it prints."""
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=pin(cores()[1]), **options)
    if done.returncode != 0:
        raise RuntimeError(f"{os.path.basename(command[0])} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


def load(server, seconds, connections, mode, size):
    words = [tool("load"), server.port, server.pid, seconds, connections, mode, size]
    return json.loads(run([str(word) for word in words], timeout=START_SECONDS + 4 * seconds))


def main(cases, measure):
    program, seconds, case = arguments(sys.argv[1:], cases)
    try:
        measure(program, round_of(seconds), case)
    except (OSError, RuntimeError, ValueError, subprocess.TimeoutExpired) as error:
        sys.exit(str(error))
