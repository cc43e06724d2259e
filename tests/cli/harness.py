# tests/cli/harness.py: the command torus, servers of all kinds of manners, and what is in an output.
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import threading
import unittest

TORUS = os.environ.get("TORUS_PROGRAM_TORUS", "torus")

# A run that takes longer hangs: none of these tests needs more than a few seconds, under a sanitizer ten times that.
LONGEST = 100


class Scratch(unittest.TestCase):
    """A test in a folder of its own."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="torus-cli-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def start(self, *words, **options):
        """Starts the command in the test's folder."""
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and not k.startswith("TORUS_FETCH")}
        environment.update(options.pop("environment", {}))
        options.setdefault("stdin", subprocess.DEVNULL)
        process = subprocess.Popen([TORUS, *map(str, words)], cwd=self.folder, env=environment,
                                   stdout=options.pop("stdout", subprocess.PIPE), stderr=options.pop("stderr", subprocess.PIPE),
                                   **options)
        self.addCleanup(end, process)
        return process

    def torus(self, *words, status=0, input=None, **options):
        """Runs the command to its end, which must have that exit status; gives what it said."""
        if input is not None:
            options["stdin"] = subprocess.PIPE
        process = self.start(*words, **options)
        said = process.communicate(input.encode() if isinstance(input, str) else input, timeout=LONGEST)
        result = Said(*(text.decode(errors="replace") if text is not None else "" for text in said))
        self.assertEqual(process.returncode, status, f"torus {' '.join(map(str, words))}\n{result.out}\n{result.err}")
        return result

    @contextlib.contextmanager
    def server(self, *words):
        """A `torus serve` of an empty folder, or of what the words say."""
        os.makedirs(self.path("empty"), exist_ok=True)
        words = words if words and not str(words[0]).startswith("-") else ("empty", *words)
        with open(self.path("server.err"), "ab") as errors:
            process = self.start("serve", *words, "--port", 0, stderr=errors)
        first = process.stdout.readline().decode()
        found = re.search(r"at (https?)://(.*):(\d+)/", first)
        self.assertTrue(found, f"the server said: {first!r} {self.read('server.err')!r}")
        port = int(found[3])
        yield Server(f"{found[1]}://127.0.0.1:{port}", port, process)
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        self.assertEqual(process.wait(LONGEST), 0, self.read("server.err"))
        self.assertEqual(self.read("server.err").decode(), "")

    def rows(self, name="out.db"):
        """The rows of an output, by id; each id once."""
        if name.endswith(".db"):
            with contextlib.closing(sqlite3.connect(f"file:{self.path(name)}?mode=ro", uri=True)) as database:
                database.row_factory = sqlite3.Row
                found = [dict(row) for row in database.execute("select * from results order by id")]
        else:
            lines = self.read(name).decode().split("\n")
            self.assertEqual(lines.pop(), "")
            found = sorted((json.loads(line) for line in lines), key=lambda row: row["id"])
        ids = [row["id"] for row in found]
        self.assertEqual(ids, sorted(set(ids)))
        return {row["id"]: row for row in found}


class Said:
    def __init__(self, out, err):
        self.out, self.err = out, err


class Server:
    def __init__(self, url, port, process):
        self.url, self.port, self.process = url, port, process


def end(process):
    if process.poll() is None:
        process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream and not stream.closed:
            stream.close()


class Peer:
    """A server that answers each connection as a function says, which gets the socket with the request's head read."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.heads = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError), connection:
            head = b""
            while b"\r\n\r\n" not in head:
                more = connection.recv(65536)
                if not more:
                    return
                head += more
            self.heads.append(head.decode())
            self.answer(connection, len(self.heads))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def saying(text):
    """Says this and closes."""
    return lambda connection, number: connection.sendall(text if isinstance(text, bytes) else text.encode())


def resetting(connection, number):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def nobody():
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def is_sanitized():
    """Whether the command is built with the address or thread sanitizer."""
    with open(shutil.which(TORUS), "rb") as program:
        content = program.read()
    return b"__asan_init" in content or b"__tsan_init" in content


def run():
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=1)
