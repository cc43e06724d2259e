#!/usr/bin/env python3
# tests/cli/fetch_test.py: `torus fetch` against servers: every line becomes a row, with the right thing in it.
import gzip
import hashlib
import json
import resource
import signal
import unittest

from harness import LONGEST, Peer, Scratch, is_sanitized, nobody, resetting, run, saying


def at_most(files):
    """Has a process open no more files than that, when called in it."""
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


class Rows(Scratch):
    def test_have_what_the_server_sent(self):
        with self.server() as s:
            self.write("urls.txt", "".join(f"{s.url}/_/bytes/{n}\n" for n in range(300)))
            said = self.torus("fetch", "urls.txt", "-o", "out.db", "-c", 50)
        self.assertIn("300 rows: 300 fetched, 0 failed", said.err)
        self.assertEqual(said.out, "")
        rows = self.rows()
        self.assertEqual(len(rows), 300)
        largest = rows[300]["body"]
        for id, row in rows.items():
            self.assertEqual(row["url"], f"{s.url}/_/bytes/{id - 1}")
            self.assertEqual(row["final_url"], row["url"])
            self.assertEqual((row["method"], row["status"], row["error"], row["message"]), ("GET", 200, None, None))
            self.assertEqual(row["body"], largest[:id - 1])
            self.assertEqual(row["size"], id - 1)
            self.assertEqual(row["sha256"], hashlib.sha256(row["body"]).hexdigest())
            self.assertEqual(row["attempts"], 1)
            self.assertRegex(row["started_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            self.assertGreaterEqual(row["total_ms"], row["first_byte_ms"])
            self.assertEqual(json.loads(row["headers"])["content-type"], "application/octet-stream")

    def test_are_the_same_as_lines_of_json(self):
        with self.server() as s:
            self.write("urls.txt", f"{s.url}/_/status/404\n{s.url}/_/bytes/10\nnonsense\n{s.url}/_/gzip\n")
            self.torus("fetch", "urls.txt", "-o", "out.db", status=1)
            self.torus("fetch", "urls.txt", "-o", "out.jsonl", status=1)
        database, lines = self.rows("out.db"), self.rows("out.jsonl")
        for id, row in database.items():
            for column in ("url", "final_url", "method", "status", "error", "message", "sha256", "size", "attempts"):
                self.assertEqual(row[column], lines[id][column])
        self.assertEqual(lines[4]["body"], database[4]["body"].decode())
        self.assertEqual(lines[2]["body_base64"][-1], "=")
        self.assertIsInstance(lines[1]["headers"], dict)

    def test_are_as_many_as_lines_whatever_is_in_them(self):
        lines = ["nonsense", "", "ftp://h/x", "http://", '{"url": 7}', "{", '{"url": "http://h/", "method": "A B"}', "# comment",
                 '{"url": "http://h/", "headers": {"A": "x\\r\\ny"}}', "http://h:99999/", "x" * (1024 * 1024 + 1), " "]
        self.write("urls.txt", b"\xef\xbb\xbf" + "\r\n".join(lines).encode() + b"\r\nhttp://h/\xff\r\nlast without an end")
        self.torus("fetch", "urls.txt", "-o", "out.db", status=1)
        rows = self.rows()
        self.assertEqual(len(rows), len(lines) + 2)
        for id, row in rows.items():
            self.assertEqual((row["error"], row["status"], row["attempts"]), ("input", None, 0), row)
            self.assertTrue(row["message"])

    def test_say_how_it_failed(self):
        endless = "HTTP/1.1 200 OK\r\n\r\n" + "x" * 3000
        with self.server() as s, Peer(resetting) as reset, Peer(saying("hello there\r\n\r\n")) as odd, \
                Peer(saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort")) as short, \
                Peer(lambda c, n: c.sendall(endless.encode()) or c.recv(1)) as long, \
                Peer(lambda c, n: c.recv(1)) as silent, \
                Peer(saying("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope")) as undecodable, \
                Peer(saying("HTTP/1.1 200 OK\r\nContent-Encoding: foo\r\nContent-Length: 4\r\n\r\nnope")) as unknown, \
                Peer(saying("<html>not http at all</html>")) as page, \
                Peer(saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")) as chunks:
            cases = [(f"http://127.0.0.1:{nobody()}/", "refused"), ("http://nowhere.invalid/", "dns"), (reset.url, "reset"),
                     (odd.url, "protocol"), (short.url, "reset"), (long.url, "too_large"), (silent.url, "timeout"),
                     (undecodable.url, "protocol"), (chunks.url, "protocol"), (f"{s.url}/_/redirect/loop", "redirects"),
                     (f"{s.url}/_/redirect/11", "redirects"), (f"{s.url}/_/reset", "reset"), (f"{s.url}/_/truncate", "reset"),
                     (f"{s.url}/_/stream/endless", "too_large"), (f"{s.url}/_/bytes/2001", "too_large"),
                     (f"{s.url}/_/bytes/2000", None), (f"{s.url}/_/redirect/10", None), (f"https://127.0.0.1:{s.port}/", "tls"),
                     (unknown.url, "protocol"), (page.url, "protocol")]
            self.write("urls.txt", "".join(url + "\n" for url, _ in cases))
            said = self.torus("fetch", "urls.txt", "-o", "out.db", "--max-body", 2000, "--retries", 0, "--timeout", "8s", status=1)
        rows = self.rows()
        self.assertEqual([(row["url"], row["error"]) for row in rows.values()], cases, [row["message"] for row in rows.values()])
        for row in rows.values():
            self.assertEqual(row["message"] is None, row["error"] is None)
            if row["error"] == "too_large":
                self.assertEqual((row["status"], row["size"]), (200, 2000))
        self.assertEqual(rows[5]["body"], b"short")
        self.assertEqual((rows[19]["status"], json.loads(rows[19]["headers"])["content-encoding"]), (200, "foo"))
        self.assertEqual(rows[20]["status"], None)
        self.assertIn("18 failed", said.err)

    def test_follow_redirects_to_where_they_lead(self):
        with self.server() as s:
            self.write("urls.txt", f"{s.url}/_/redirect/3\n")
            self.torus("fetch", "urls.txt", "-o", "out.db")
            self.torus("fetch", "urls.txt", "-o", "zero.db", "--max-redirects", 0)
        self.assertEqual(self.rows()[1]["final_url"], f"{s.url}/_/redirect/0")
        self.assertEqual(self.rows("zero.db")[1]["status"], 302)

    def test_are_decoded_unless_they_are_to_be_raw(self):
        with self.server() as s:
            self.write("urls.txt", f"{s.url}/_/gzip\n")
            self.torus("fetch", "urls.txt", "-o", "out.db")
            self.torus("fetch", "urls.txt", "-o", "raw.db", "--raw")
        decoded, raw = self.rows()[1], self.rows("raw.db")[1]
        self.assertEqual(gzip.decompress(raw["body"]), decoded["body"])
        self.assertTrue(decoded["body"].startswith(b"This line was compressed"))

    def test_come_of_methods_headers_and_bodies(self):
        request = {"method": "POST", "headers": {"X-A": "1", "X-B": ["2", "3"]}, "body": "süß"}
        with self.server() as s:
            self.write("in.jsonl", json.dumps({**request, "url": f"{s.url}/_/headers?x=y"}) + "\n" + f"{s.url}/_/headers\n")
            self.torus("fetch", "in.jsonl", "-o", "out.db", "-H", "X-A: all", "-H", "X-C: 4", "--user-agent", "me/1")
        seen = json.loads(self.rows()[1]["body"])
        self.assertEqual((seen["method"], seen["target"], seen["body"]), ("POST", "/_/headers?x=y", "süß"))
        self.assertEqual([seen["headers"][name] for name in ("x-a", "x-b", "x-c", "user-agent")], ["1", ["2", "3"], "4", "me/1"])
        other = json.loads(self.rows()[2]["body"])
        self.assertEqual((other["method"], other["headers"]["x-a"]), ("GET", "all"))

    def test_are_fetched_once_if_equal_and_asked_for(self):
        with self.server("--log", self.path("log")) as s:
            self.write("urls.txt", f"{s.url}/_/bytes/1\n" * 3 + f"{s.url}/_/bytes/2\n")
            self.torus("fetch", "urls.txt", "-o", "out.db", "--dedupe")
            self.torus("fetch", "urls.txt", "-o", "all.db")
        self.assertEqual(len(self.read("log").splitlines()), 2 + 4)
        rows = self.rows()
        self.assertEqual(len(rows), 4)
        self.assertEqual([rows[id]["attempts"] for id in (1, 2, 3, 4)], [1, 0, 0, 1])
        self.assertEqual(rows[2]["message"], "the same as an earlier line")


class Retries(Scratch):
    def test_are_made_after_what_may_pass(self):
        def answer(connection, number):
            if number == 1:
                resetting(connection, number)
            elif number == 2:
                connection.sendall(b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n")
            else:
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        with Peer(answer) as peer:
            self.torus("fetch", peer.url, "-o", "out.db")
        row = self.rows()[1]
        self.assertEqual((row["status"], row["attempts"], row["body"]), (200, 3, b"ok"))

    def test_end(self):
        with self.server("--log", self.path("log")) as s:
            self.torus("fetch", f"{s.url}/_/status/503", "-o", "out.db", "--retries", 1, status=1)
        row = self.rows()[1]
        self.assertEqual((row["status"], row["error"], row["attempts"]), (503, None, 2))
        self.assertEqual(len(self.read("log").splitlines()), 2)

    def test_never_send_a_post_twice(self):
        with Peer(resetting) as peer:
            self.write("in.jsonl", json.dumps({"url": peer.url, "body": "x"}) + "\n")
            self.torus("fetch", "in.jsonl", "-o", "out.db", status=1)
            self.assertEqual(len(peer.heads), 1)
            self.torus("fetch", "in.jsonl", "-o", "bold.db", "--retry-unsafe", "--retries", 1, status=1)
            self.assertEqual(len(peer.heads), 3)
        self.assertEqual((self.rows()[1]["error"], self.rows()[1]["method"]), ("reset", "POST"))

    def test_are_offered_with_the_options_that_they_need(self):
        post = json.dumps({"url": "URL", "method": "POST"})
        also = "POST and PATCH that may have arrived are sent again only with --retry-unsafe as well.\n"
        with Peer(resetting) as peer:
            for lines, words, hint in (([post], [], " --retry-failed --retry-unsafe\n"),
                                       ([post], ["--retry-unsafe"], " --retry-unsafe --retry-failed\n"),
                                       ([post, "URL"], [], " --retry-failed\n" + also),
                                       (["URL"], [], " --retry-failed\n"), (["nonsense"], [], None)):
                self.write("in.txt", "".join(line.replace("URL", peer.url) + "\n" for line in lines))
                command = ["fetch", "in.txt", "-o", "out.db", "--retries", 0, *words]
                said = self.torus(*command, "--restart", status=1)
                if hint:
                    self.assertTrue(said.err.endswith(hint), said.err)
                    self.assertRegex(said.err, r"\nTo try again what failed: \S+ fetch in.txt -o out.db ")
                else:
                    self.assertNotIn("try again", said.err)
            self.write("in.txt", post.replace("URL", peer.url) + "\n")
            self.torus("fetch", "in.txt", "-o", "out.db", "--retries", 0, "--restart", status=1)
            said = self.torus("fetch", "in.txt", "-o", "out.db", "--retries", 0, "--retry-failed", status=1)
            self.assertTrue(said.err.endswith(" --retry-failed --retry-unsafe\n"), said.err)


class Limits(Scratch):
    def test_of_each_host_and_of_the_rate_are_kept(self):
        with self.server("--log", self.path("log")) as s:
            self.write("urls.txt", f"{s.url}/_/bytes/1\n" * 20)
            self.torus("fetch", "urls.txt", "-o", "out.db", "--per-host", 2, "--rate", "50")
        self.assertEqual(len(self.rows()), 20)
        # Not a bet on how fast the machine is: the rate is a lower bound of the time.
        starts = sorted(row["started_at"] for row in self.rows().values())
        seconds = float(starts[-1][17:23]) - float(starts[0][17:23])
        self.assertGreaterEqual(seconds % 60, 0.3)

    def test_of_descriptors_lower_the_concurrency(self):
        with self.server("--lag", "50ms") as s:
            self.write("urls.txt", f"{s.url}/_/bytes/1\n" * 100)
            said = self.torus("fetch", "urls.txt", "-o", "out.db", preexec_fn=at_most(80))
        self.assertIn("Only 40 requests at a time", said.err)
        self.assertEqual({row["error"] for row in self.rows().values()}, {None})

    @unittest.skipIf(is_sanitized(), "sanitizers need descriptors themselves, for threads and for what they suspect")
    def test_of_descriptors_that_leave_none_for_a_connection_end_the_run(self):
        with self.server() as s:
            self.write("urls.txt", f"{s.url}/_/bytes/1\n" * 30)
            # Opening the output fails, or only connecting does, or there is just enough: which of them with how many
            # depends on the backend. Nothing may wait for ever.
            limits = range(7, 17)
            runs = [self.start("fetch", "urls.txt", "-o", f"{most}.db", preexec_fn=at_most(most)) for most in limits]
            said = [process.communicate(timeout=LONGEST)[1].decode() for process in runs]
        for most, process, text in zip(limits, runs, said):
            self.assertIn(f"Only {most - most // 2} requests at a time", text)
            self.assertEqual(process.returncode, 0 if "30 fetched" in text else 3, text)
        short = [text for text in said if "no file can be opened for a connection" in text]
        self.assertTrue(short, said)
        for text in short:
            self.assertRegex(text, r"0 of 30 rows are in \d+.db. To go on:\n")

    def test_of_descriptors_are_raised_where_they_can_be(self):
        def limited():
            hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        with self.server("--lag", "50ms") as s:
            self.write("urls.txt", f"{s.url}/_/bytes/1\n" * 300)
            said = self.torus("fetch", "urls.txt", "-o", "out.db", "-c", 100, preexec_fn=limited)
        self.assertNotIn("Only", said.err)
        self.assertEqual(len(self.rows()), 300)


class Proxies(Scratch):
    def test_are_those_of_the_environment(self):
        with Peer(saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nproxy")) as proxy, self.server() as s:
            self.write("urls.txt", f"http://far.invalid/page\n{s.url}/_/bytes/3\n")
            environment = {"http_proxy": proxy.url, "no_proxy": "127.0.0.1"}
            self.torus("fetch", "urls.txt", "-o", "out.db", environment=environment)
        self.assertEqual([row["size"] for row in self.rows().values()], [5, 3])
        self.assertEqual(len(proxy.heads), 1)
        self.assertTrue(proxy.heads[0].startswith("GET http://far.invalid/page HTTP/1.1\r\n"), proxy.heads)

    def test_that_say_more_than_that_a_tunnel_is_open_cost_their_rows_only(self):
        for said in ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 204 No\r\n\r\nx", "HTTP/1.1 407 No\r\n\r\n"):
            with Peer(saying(said)) as proxy, self.server() as s:
                self.write("urls.txt", f"https://far.invalid/page\n{s.url}/_/bytes/3\n")
                environment = {"https_proxy": proxy.url, "no_proxy": "127.0.0.1"}
                self.torus("fetch", "urls.txt", "-o", "out.db", "--restart", "--retries", 0, environment=environment, status=1)
                rows = self.rows()
                self.assertEqual([row["error"] for row in rows.values()], ["refused", None])
                self.assertIn(f"the proxy 127.0.0.1:{proxy.port} ", rows[1]["message"])


class Output(Scratch):
    def test_goes_to_standard_output(self):
        with self.server() as s:
            said = self.torus("fetch", f"{s.url}/_/status/201", f"{s.url}/_/bytes/3", "-o", "-")
            again = self.torus("fetch", "-", "--format", "jsonl", "--quiet", input=f"{s.url}/_/status/202\n")
        rows = {row["id"]: row for row in map(json.loads, said.out.splitlines())}
        self.assertEqual((rows[1]["status"], rows[2]["size"]), (201, 3))
        self.assertEqual(json.loads(again.out)["status"], 202)
        self.assertEqual(again.err, "")

    def test_that_nobody_reads_ends_the_run(self):
        with self.server() as s:
            self.write("urls.txt", f"{s.url}/_/bytes/100k\n" * 100)
            process = self.start("fetch", "urls.txt", "-o", "-", "-c", 1)
            process.stdout.readline()
            process.stdout.close()
            self.assertIn(b"Broken pipe", process.stderr.read())
            self.assertEqual(process.wait(), 3)

    def test_that_is_full_ends_the_run_and_can_be_gone_on_with(self):
        def full():
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, 3_000_000))
        with self.server() as s:
            for name in ("out.db", "out.jsonl"):
                self.write("urls.txt", f"{s.url}/_/bytes/100k\n" * 100)
                said = self.torus("fetch", "urls.txt", "-o", name, "-c", 5, status=3, preexec_fn=full)
                self.assertRegex(said.err, "full|too large|I/O error")
                self.assertIn("To go on:", said.err)
                self.torus("fetch", "urls.txt", "-o", name, "-c", 5)
                self.assertEqual(len(self.rows(name)), 100)

    def test_cannot_be_anywhere(self):
        self.write("urls.txt", "http://h/\n")
        self.torus("fetch", "urls.txt", "-o", "missing/out.db", status=3)
        self.torus("fetch", "missing.txt", "-o", "out.db", status=3)
        self.torus("fetch", "urls.txt", "-o", "/dev/null", status=2)


if __name__ == "__main__":
    run()
