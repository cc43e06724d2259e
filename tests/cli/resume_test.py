#!/usr/bin/env python3
# tests/cli/resume_test.py: `torus fetch` is interrupted in every way there is, and goes on.
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import time

from harness import LONGEST, Peer, Scratch, nobody, run

SEED = int(os.environ.get("TORUS_TEST_SEED", random.randrange(1 << 32)))


def wait_until(condition):
    """Waits for something that will happen, however slow the machine is."""
    end = time.monotonic() + LONGEST
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("it did not happen")
        time.sleep(0.01)


class Killed(Scratch):
    """kill -9 at random moments; each start goes on, and at the end there is one row for each line."""

    def kill_until_done(self, name, *words):
        dice = random.Random(SEED)
        kills = 0
        for start in range(1000):
            process = self.start("fetch", *words, "-o", name, "-c", 20, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            # The first starts are short, so that also the beginning of a run is hit; later ones get somewhere.
            try:
                status = process.wait(dice.random() * min(0.02 * (start + 1), 1.5))
                self.assertEqual(status, 0, f"seed {SEED}")
                return kills
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                kills += 1
        self.fail(f"it never ended, seed {SEED}")

    def check(self, name, count):
        with self.server("--lag", "20ms", "--log", self.path("log")) as s:
            self.write("urls.txt", "".join(f"{s.url}/_/bytes/{n}\n" for n in range(count)))
            kills = self.kill_until_done(name, "urls.txt")
        rows = self.rows(name)
        self.assertEqual(sorted(rows), list(range(1, count + 1)), f"seed {SEED}")
        for id, row in rows.items():
            self.assertEqual((row["status"], row["error"], row["size"]), (200, None, id - 1))
        asked = [json.loads(line)["target"] for line in self.read("log").splitlines()]
        self.assertEqual(set(asked), {f"/_/bytes/{n}" for n in range(count)})
        self.assertGreater(kills, 3, "the test is no test")

    def test_with_a_database(self):
        self.check("out.db", 300)

    def test_with_lines(self):
        self.check("out.jsonl", 300)

    def test_while_standard_input_is_read(self):
        with self.server() as s:
            urls = "".join(f"{s.url}/_/bytes/{n}\n" for n in range(100))
            for name in ("out.db", "out.jsonl"):
                process = self.start("fetch", "-", "-o", name, stdin=subprocess.PIPE)
                process.stdin.write(urls[:len(urls) // 2].encode())
                process.stdin.flush()
                wait_until(lambda: os.path.exists(self.path(name)))
                process.kill()
                process.wait()
                said = self.torus("fetch", "-o", name, status=2)
                self.assertIn("holds no run to go on with", said.err)
                self.torus("fetch", "-", "-o", name, input=urls)
                self.assertEqual(len(self.rows(name)), 100)


class Interrupted(Scratch):
    def under_way(self, *words, lag="300ms", count=100):
        """A server, and a run of which ten requests are under way."""
        server = self.enterContext(self.server("--lag", lag, "--log", self.path("log")))
        self.write("urls.txt", f"{server.url}/_/bytes/1\n" * count)
        process = self.start("fetch", "urls.txt", "-o", "out.db", "-c", 10, *words)
        wait_until(lambda: os.path.exists(self.path("out.db")) and len(self.established(server.port)) >= 10)
        return process

    def established(self, port):
        """Connections to a port, as the kernel lists them."""
        with open("/proc/net/tcp", encoding="ascii") as table:
            fields = [line.split() for line in table.readlines()[1:]]
        return [f for f in fields if f[2].endswith(f":{port:04X}") and f[3] == "01"]

    def enterContext(self, context):  # of Python 3.11, which Debian 12 has; spelled out for older ones
        result = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return result

    def finish(self, process, status):
        said = process.communicate(timeout=LONGEST)[1].decode()
        self.assertEqual(process.returncode, status, said)
        return said

    def check_finishing(self, number, status):
        process = self.under_way("--timeout", "20s")
        process.send_signal(number)
        said = self.finish(process, status)
        self.assertIn("Interrupted; 10 requests under way", said)
        self.assertIn("To go on:\n  ", said)
        self.assertIn("fetch urls.txt -o out.db -c 10 --timeout 20s\n", said)
        before = len(self.rows())
        self.assertGreaterEqual(before, 10)
        self.assertLess(before, 100)
        resumed = self.torus("fetch", "urls.txt", "-o", "out.db", "-c", 100, "--timeout", "20s")
        self.assertIn(f"Going on: {before} of 100 rows", resumed.err)
        self.assertEqual(len(self.rows()), 100)
        # Nothing was asked for twice: all that was under way had been waited for.
        self.assertEqual(len(self.read("log").splitlines()), 100)

    def test_by_ctrl_c_it_finishes_what_is_under_way_and_says_how_to_go_on(self):
        self.check_finishing(signal.SIGINT, 130)

    def test_by_a_service_manager_it_does_the_same(self):
        self.check_finishing(signal.SIGTERM, 143)

    def test_it_does_not_wait_for_ever(self):
        process = self.under_way("--timeout", "1000s", lag="1000s")
        begin = time.monotonic()
        process.send_signal(signal.SIGINT)
        self.finish(process, 130)
        self.assertGreaterEqual(time.monotonic() - begin, 4.9)
        self.assertEqual(self.rows(), {})

    def test_twice_it_ends_at_once(self):
        process = self.under_way("--timeout", "1000s", lag="1000s")
        process.send_signal(signal.SIGINT)
        self.assertIn(b"Interrupted", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(LONGEST), -signal.SIGINT)

    def test_with_nothing_under_way_it_does_not_wait(self):
        process = self.start("fetch", "-", "-o", "-", stdin=subprocess.PIPE)
        process.stdin.write(b"not a URL\n")
        process.stdin.flush()
        process.stdout.readline()  # its row
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
        self.assertIn(b"Interrupted.", said)
        self.assertNotIn(b"under way", said)
        self.assertEqual(process.wait(LONGEST), 130)

    def test_while_it_waits_for_standard_input(self):
        process = self.start("fetch", "-", "-o", "out.db", stdin=subprocess.PIPE)
        process.stdin.write(b"http://h/\n")
        process.stdin.flush()
        wait_until(lambda: os.path.exists(self.path("out.db")))
        process.send_signal(signal.SIGINT)
        self.assertIn(b"Interrupted before the input had ended; nothing was fetched.", process.stderr.read())
        self.assertEqual(process.wait(LONGEST), 130)


class GoneOn(Scratch):
    def test_without_its_input_if_that_came_from_a_pipe(self):
        with self.server() as s:
            urls = f"{s.url}/_/bytes/1\n{s.url}/_/bytes/2\n"
            for name in ("out.db", "out.jsonl"):
                self.torus("fetch", "-", "-o", name, input=urls)
                self.assertIn("2 of 2 rows", self.torus("fetch", "-o", name).err)
                self.assertIn("2 of 2 rows", self.torus("fetch", "-", "-o", name, input=urls).err)
                said = self.torus("fetch", "-", "-o", name, input=urls + "more\n", status=2)
                self.assertIn("holds another run, with another input", said.err)
                self.torus("fetch", s.url + "/_/bytes/1", s.url + "/_/bytes/2", "-o", name)

    def test_without_naming_its_file(self):
        with self.server() as s:
            self.write("urls.txt", f"{s.url}/_/bytes/1\n")
            self.torus("fetch", "urls.txt", "-o", "out.db")
            self.assertIn("1 of 1 row", self.torus("fetch", "-o", "out.db").err)
            self.write("urls.txt", f"{s.url}/_/bytes/2\n")
            self.assertIn("another input", self.torus("fetch", "-o", "out.db", status=2).err)

    def test_only_as_the_run_that_it_was(self):
        with self.server() as s:
            self.write("urls.txt", f"{s.url}/_/bytes/1\n")
            self.write("other.txt", f"{s.url}/_/bytes/2\n")
            for name in ("out.db", "out.jsonl"):
                self.torus("fetch", "urls.txt", "-o", name)
                self.assertIn("another input", self.torus("fetch", "other.txt", "-o", name, status=2).err)
                said = self.torus("fetch", "urls.txt", "-o", name, "--max-body", "1k", status=2)
                self.assertIn("another --max-body: it was 16,777,216 bytes there and is 1,000 bytes here", said.err)
                self.torus("fetch", "urls.txt", "-o", name, "-c", 1, "--per-host", 1, "--rate", 10)
                self.assertEqual(self.rows(name)[1]["size"], 1)
                self.torus("fetch", "other.txt", "-o", name, "--restart")
                self.assertEqual(self.rows(name)[1]["size"], 2)

    def test_with_its_rows_if_the_input_of_a_new_run_can_not_be_read(self):
        with self.server() as s:
            self.write("urls.txt", f"{s.url}/_/bytes/1\n")
            os.mkdir(self.path("folder"))
            for name in ("out.db", "out.jsonl"):
                self.torus("fetch", "urls.txt", "-o", name)
                for words in (("folder",), ("missing",), ("/proc/self/mem",)):
                    self.assertIn("cannot", self.torus("fetch", *words, "-o", name, "--restart", status=3).err)
                self.torus("fetch", "-", "-o", name, "--restart", status=3, stdin=os.open(self.folder, os.O_RDONLY))
                self.assertEqual(len(self.rows(name)), 1)

    def test_with_what_failed_only_if_asked_to(self):
        port = nobody()
        self.write("urls.txt", f"http://127.0.0.1:{port}/_/bytes/1\nnonsense\n")
        for name in ("out.db", "out.jsonl"):
            self.torus("fetch", "urls.txt", "-o", name, "--retries", 0, status=1)
            self.assertEqual(self.rows(name)[1]["error"], "refused")
        self.serve_at(port)
        for name in ("out.db", "out.jsonl"):
            self.torus("fetch", "urls.txt", "-o", name, "--retries", 0, status=1)
            self.assertEqual(self.rows(name)[1]["error"], "refused")
            self.torus("fetch", "urls.txt", "-o", name, "--retry-failed", "--retries", 1, "--timeout", "20s", status=1)
            self.assertEqual((self.rows(name)[1]["error"], self.rows(name)[1]["status"]), (None, 200))
            self.assertEqual(self.rows(name)[2]["error"], "input")

    def serve_at(self, port):
        os.makedirs(self.path("empty"), exist_ok=True)
        process = self.start("serve", "empty", "--port", port, stderr=subprocess.DEVNULL)
        self.assertIn(b"Serving", process.stdout.readline())

    def test_from_an_output_that_is_in_use(self):
        with Peer(lambda connection, number: connection.recv(1)) as peer:
            self.write("urls.txt", peer.url + "\n")
            for name in ("out.db", "out.jsonl"):
                running = self.start("fetch", "urls.txt", "-o", name, "--timeout", "1000s", stderr=subprocess.DEVNULL)
                wait_until(lambda: os.path.exists(self.path(name)) and self.path(name) in self.locked())
                said = self.torus("fetch", "urls.txt", "-o", name, "--timeout", "1000s", status=2)
                self.assertIn(f"{name} is in use by another run of torus fetch", said.err)
                running.kill()
                running.wait()

    def locked(self):
        """Files that flock(2) has locked."""
        numbers = set()
        with open("/proc/locks", encoding="ascii") as locks:
            for line in locks:
                if "FLOCK" in line:
                    numbers.add(int(line.split()[5].split(":")[2]))
        return {self.path(name) for name in os.listdir(self.folder) if os.stat(self.path(name)).st_ino in numbers}

    def test_with_no_post_sent_twice(self):
        held = []

        def hold(connection, number):
            held.append(connection)
            if number == 1:
                connection.recv(1)  # until the client is killed
            else:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        for name in ("out.db", "out.jsonl"):
            with Peer(hold) as peer:
                self.write("in.jsonl", json.dumps({"url": peer.url, "method": "POST", "body": "x"}) + "\n")
                process = self.start("fetch", "in.jsonl", "-o", name, stderr=subprocess.DEVNULL)
                wait_until(lambda: len(peer.heads) == 1)
                process.kill()
                process.wait()
                said = self.torus("fetch", "in.jsonl", "-o", name, status=1)
                self.assertIn(f"Going on: 0 of 1 row is in {name} already.", said.err)
                self.assertEqual((self.rows(name)[1]["error"], self.rows(name)[1]["method"]), ("unknown", "POST"))
                self.torus("fetch", "in.jsonl", "-o", name, "--retry-failed", status=1)
                self.assertEqual(len(peer.heads), 1)
                self.torus("fetch", "in.jsonl", "-o", name, "--retry-failed", "--retry-unsafe")
                self.assertEqual((self.rows(name)[1]["error"], self.rows(name)[1]["status"]), (None, 200))
                self.assertEqual(len(peer.heads), 2)

    def test_from_a_torn_last_line(self):
        with self.server() as s:
            self.write("urls.txt", "".join(f"{s.url}/_/bytes/{n}\n" for n in range(10)))
            self.torus("fetch", "urls.txt", "-o", "out.jsonl")
            whole = self.read("out.jsonl")
            self.write("out.jsonl", whole[:-10])
            self.assertIn("Going on: 9 of 10 rows are in out.jsonl already.", self.torus("fetch", "urls.txt", "-o", "out.jsonl").err)
            self.assertEqual(len(self.rows("out.jsonl")), 10)

    def test_to_no_tables_of_something_else(self):
        self.write("urls.txt", "nonsense\n")
        self.torus("fetch", "urls.txt", "-o", "out.db", status=1)
        with contextlib.closing(sqlite3.connect(self.path("out.db"))) as db:
            db.execute("alter table results drop column size")
        said = self.torus("fetch", "urls.txt", "-o", "out.db", status=2)
        self.assertIn("out.db is damaged: ", said.err)
        with contextlib.closing(sqlite3.connect(self.path("out.db"))) as db:
            db.execute("drop table results")
        self.torus("fetch", "urls.txt", "-o", "out.db", status=2)

    def test_to_no_database_that_another_program_writes(self):
        self.write("urls.txt", "nonsense\n")
        self.torus("fetch", "urls.txt", "-o", "out.db", status=1)
        with contextlib.closing(sqlite3.connect(self.path("out.db"), isolation_level=None)) as db:
            db.execute("begin exclusive")
            said = self.torus("fetch", "urls.txt", "-o", "out.db", "--restart", status=2)
            self.assertIn("out.db is in use by another program", said.err)

    def test_to_no_database_of_something_else(self):
        self.write("urls.txt", "http://h/\n")
        self.write("out.db", "dear diary")
        self.assertIn("exists and is no database", self.torus("fetch", "urls.txt", "-o", "out.db", status=2).err)
        self.assertEqual(self.read("out.db"), b"dear diary")
        self.assertIn("is no database", self.torus("fetch", "urls.txt", "-o", "out.db", "--restart", status=2).err)


if __name__ == "__main__":
    run()
