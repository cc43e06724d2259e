#!/usr/bin/env python3
# tests/cli/command_test.py: the command itself: help, version, mistakes, and what it shows on a terminal.
import os
import pty
import re
import select
import signal
import struct
import fcntl
import termios
import time

from harness import LONGEST, Scratch, run


def is_caught(number, pid):
    """Whether a process has a handler for a signal."""
    with open(f"/proc/{pid}/status") as status:
        caught = next(line for line in status if line.startswith("SigCgt:"))
    return int(caught.split()[1], 16) >> (number - 1) & 1


class Command(Scratch):
    def test_says_what_it_is_made_of(self):
        said = self.torus("--version").out
        self.assertRegex(said, r"^torus \d+\.\d+\.\d+\n")
        self.assertRegex(said, r"compiler   (clang|g\+\+) \d+")
        self.assertIn(f"backend    {os.environ.get('TORUS_BACKEND', '')}", said)
        for library in ("OpenSSL 3", "SQLite 3", "c-ares 1", "zlib 1", "brotli 1", "zstd 1"):
            self.assertIn(library, said)

    def test_helps(self):
        for words in (["--help"], ["-h"], ["fetch", "--help"], ["serve", "-h"], ["breakfast", "--help"]):
            said = self.torus(*words)
            self.assertIn("Usage:", said.out)
            self.assertIn("Examples:", said.out)
            self.assertEqual(said.err, "")
        self.assertNotIn("\x1b", self.torus("--help").out)
        self.assertIn("\x1b[1mUsage:\x1b[0m", self.torus("--help", environment={"CLICOLOR_FORCE": "1"}).out)

    def test_says_what_may_have_been_meant(self):
        self.assertIn("there is no command 'fecth'; did you mean 'fetch'?", self.torus("fecth", status=2).err)
        self.assertIn("did you mean '--concurrency'?", self.torus("fetch", "x", "--concurency", 5, status=2).err)
        self.assertIn("there is no option '--verison'; did you mean '--version'?", self.torus("--verison", status=2).err)
        self.assertIn("did you mean '--lag'?", self.torus("serve", "--lagg", "1s", status=2).err)
        self.assertIn("Usage:", self.torus(status=2).err)

    def test_refuses_what_is_no_value(self):
        said = self.torus("fetch", "x", "--timeout", "5x", status=2)
        self.assertEqual(said.out, "")
        self.assertIn("torus fetch: --timeout: '5x' is not a duration; 100ms, 1.5s, 2m and 1h30m are\n", said.err)
        self.assertIn("nothing to fetch", self.torus("fetch", status=2).err)
        self.assertFalse(os.path.exists(self.path("pages.db")))

    def test_refuses_a_backend_that_has_no_network(self):
        for words in (("fetch", "http://h/"), ("serve", "--port", 0)):
            for backend in ("kqueue", "sim"):
                said = self.torus(*words, environment={"TORUS_BACKEND": backend}, status=2)
                self.assertIn(f"TORUS_BACKEND is '{backend}'; it may be io_uring or epoll\n", said.err)
                self.assertEqual(said.out, "")

    def test_ends_by_the_signal_that_interrupts_breakfast(self):
        process = self.start("breakfast")
        end = time.monotonic() + LONGEST
        while not is_caught(signal.SIGINT, process.pid):  # the blocking functions come first
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=LONGEST)
        self.assertEqual((process.returncode, said[1]), (128 + signal.SIGINT, b""))
        self.assertIn(b"coffee and bagel after", said[0])

    def test_mistakes_no_file_of_its_own_for_a_stream_that_is_closed(self):
        self.write("urls.txt", "nonsense\n")
        said = self.torus("fetch", "urls.txt", "-o", "-", status=3, preexec_fn=lambda: os.close(1))
        self.assertIn("cannot write the output: Bad file descriptor", said.err)
        said = self.torus("fetch", "-", "-o", "out.db", status=3, preexec_fn=lambda: os.close(0))
        self.assertIn("cannot read standard input: Bad file descriptor", said.err)
        self.torus("fetch", "urls.txt", "-o", "out.jsonl", status=1, preexec_fn=lambda: os.closerange(0, 3))
        self.assertEqual(len(self.rows("out.jsonl")), 1)

    def test_says_its_name_once(self):
        said = self.torus("serve", "--host", "nowhere.invalid", "--port", 0, environment={"TORUS_BACKEND": "none"}, status=2)
        self.assertRegex(said.err, r"^torus: (?!torus:)")

    def test_tells_if_what_it_prints_is_lost(self):
        with open("/dev/full", "w") as full:
            self.assertIn("can't be written", self.torus("--help", stdout=full, status=3).err)
            self.assertIn("can't be written", self.torus("breakfast", stdout=full, status=3).err)
            self.assertIn("cannot write to standard output", self.torus("serve", "--port", 0, stdout=full, status=3).err)

    def test_makes_breakfast(self):
        said = self.torus("breakfast").out
        seconds = [float(number) for number in re.findall(r"coffee and bagel after (\d+\.\d+) s", said)]
        self.assertEqual(len(seconds), 3)
        self.assertGreaterEqual(seconds[0], 5)
        for together in seconds[1:]:
            self.assertGreaterEqual(together, 3)
            self.assertLess(together, seconds[0])


class Terminal(Scratch):
    def on_a_terminal(self, *words, columns=80, **environment):
        """What the command writes to a terminal of that width, as its standard error."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = self.start(*words, stderr=theirs, environment={"TERM": "xterm", "NO_COLOR": "", **environment})
        os.close(theirs)
        said = b""
        while select.select([ours], [], [], LONGEST)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            said += piece
        os.close(ours)
        self.assertEqual(process.wait(LONGEST), 0, said)
        return said.decode()

    def fetch(self, *options, **how):
        with self.server("--lag", "400ms") as s:
            self.write("urls.txt", f"{s.url}/_/bytes/1\n" * 20)
            return self.on_a_terminal("fetch", "urls.txt", "-o", "out.db", "-c", 10, *options, **how)

    def test_shows_a_bar_that_goes(self):
        said = self.fetch()
        self.assertRegex(said, "\r.*█.* 50 %.*10 done, 0 failed")
        self.assertIn("\x1b[32m", said)
        last = said[said.rindex("\x1b[K"):]
        self.assertIn("20 rows: 20 fetched, 0 failed", last)
        self.assertNotIn("█", last)

    def test_shows_no_line_that_does_not_fit(self):
        for bar in re.findall("\r([^\r\n]*)\x1b\\[K", self.fetch(columns=30)):
            self.assertLess(len(re.sub("\x1b\\[[0-9;]*m", "", bar)), 30)

    def test_shows_no_colour_to_who_wants_none(self):
        for options, environment in (((), {"NO_COLOR": "1"}), (("--color", "never"), {})):
            said = self.fetch(*options, **environment)
            self.assertIn("█", said)
            self.assertNotIn("\x1b[3", said)
            os.remove(self.path("out.db"))

    def test_shows_no_bar_where_it_can_not(self):
        said = self.fetch(TERM="dumb")
        self.assertNotIn("\r\x1b", said.replace("\r\n", "\n"))
        self.assertNotIn("█", said)
        self.assertIn("20 rows", said)

    def test_shows_nothing_if_it_is_to_be_quiet(self):
        self.assertEqual(self.fetch("--quiet"), "")


if __name__ == "__main__":
    run()
