#!/usr/bin/env python3
# tests/cli/serve_test.py: `torus serve` as clients see it: files, and the endpoints.
import http.client
import json
import os
import socket
import time

from harness import Scratch, run


class Served(Scratch):
    def setUp(self):
        super().setUp()
        os.makedirs(self.path("site/sub"))
        os.makedirs(self.path("site/with"))
        self.write("secret", "secret")
        self.write("site/a.txt", "0123456789")
        self.write("site/page.html", "<p>")
        self.write("site/empty", "")
        self.write("site/.hidden", "hidden")
        self.write("site/with/index.html", "index")
        self.write("site/large", os.urandom(300_000))
        os.symlink("../secret", self.path("site/out"))
        os.symlink("a.txt", self.path("site/in"))
        os.mkfifo(self.path("site/pipe"))
        context = self.server("site", *self.options)
        self.served = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=60)
        self.addCleanup(self.connection.close)

    options = ()

    def ask(self, target, method="GET", body=None, **headers):
        """The answer, with its body as `content`."""
        self.connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers.items():
            self.connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            self.connection.putheader("Content-Length", str(len(body)))
        self.connection.endheaders(body)
        answer = self.connection.getresponse()
        answer.content = answer.read()
        return answer


class Files(Served):
    def test_have_a_type_a_length_and_validators(self):
        answer = self.ask("/a.txt")
        self.assertEqual((answer.status, answer.content), (200, b"0123456789"))
        self.assertEqual(answer.getheader("content-type"), "text/plain; charset=utf-8")
        self.assertEqual(answer.getheader("content-length"), "10")
        self.assertEqual(answer.getheader("accept-ranges"), "bytes")
        self.assertRegex(answer.getheader("etag"), '^"[0-9a-f-]+"$')
        self.assertRegex(answer.getheader("last-modified"), "^[A-Z][a-z]{2}, .* GMT$")
        self.assertEqual(self.ask("/page.html").getheader("content-type"), "text/html; charset=utf-8")
        self.assertEqual(self.ask("/large").content, self.read("site/large"))
        self.assertEqual((self.ask("/empty").status, self.ask("/empty").content), (200, b""))
        self.assertEqual(self.ask("/in").content, b"0123456789")

    def test_are_described_by_head(self):
        answer = self.ask("/a.txt", "HEAD")
        self.assertEqual((answer.status, answer.content, answer.getheader("content-length")), (200, b"", "10"))
        self.assertEqual(self.ask("/a.txt").content, b"0123456789")

    def test_are_only_read(self):
        for method in ("POST", "PUT", "DELETE"):
            answer = self.ask("/a.txt", method, b"x")
            self.assertEqual((answer.status, answer.getheader("allow")), (405, "GET, HEAD"))

    def test_are_not_sent_again_to_who_has_them(self):
        first = self.ask("/a.txt")
        tag, date = first.getheader("etag"), first.getheader("last-modified")
        answer = self.ask("/a.txt", If_None_Match=tag)
        self.assertEqual((answer.status, answer.content, answer.getheader("etag")), (304, b"", tag))
        self.assertEqual(self.ask("/a.txt", If_None_Match='"other"').status, 200)
        self.assertEqual(self.ask("/a.txt", If_Modified_Since=date).status, 304)
        self.assertEqual(self.ask("/a.txt", If_Match='"other"').status, 412)
        self.write("site/a.txt", "changed")
        self.assertEqual(self.ask("/a.txt", If_None_Match=tag).status, 200)

    def test_come_in_parts(self):
        answer = self.ask("/a.txt", Range="bytes=2-4")
        self.assertEqual((answer.status, answer.content, answer.getheader("content-range")), (206, b"234", "bytes 2-4/10"))
        self.assertEqual(self.ask("/a.txt", Range="bytes=-3").content, b"789")
        self.assertEqual(self.ask("/a.txt", Range="bytes=7-").content, b"789")
        answer = self.ask("/a.txt", Range="bytes=10-")
        self.assertEqual((answer.status, answer.getheader("content-range")), (416, "bytes */10"))
        self.assertEqual(self.ask("/a.txt", Range="lines=1-2").status, 200)
        tag = self.ask("/a.txt").getheader("etag")
        self.assertEqual(self.ask("/a.txt", Range="bytes=2-4", If_Range=tag).status, 206)
        self.assertEqual(self.ask("/a.txt", Range="bytes=2-4", If_Range='"other"').status, 200)

    def test_come_in_several_parts(self):
        answer = self.ask("/a.txt", Range="bytes=0-1,4-5")
        self.assertEqual(answer.status, 206)
        kind, boundary = answer.getheader("content-type").split("; boundary=")
        self.assertEqual(kind, "multipart/byteranges")
        self.assertEqual(int(answer.getheader("content-length")), len(answer.content))
        parts = answer.content.decode().split(f"\r\n--{boundary}")
        self.assertEqual(parts[0], "")
        self.assertEqual(parts[-1], "--\r\n")
        for part, (where, content) in zip(parts[1:-1], (("0-1", "01"), ("4-5", "45")), strict=True):
            self.assertIn(f"content-range: bytes {where}/10", part)
            self.assertTrue(part.endswith("\r\n\r\n" + content))

    def test_are_none_outside_of_the_folder(self):
        for target in ("/../secret", "/%2e%2e/secret", "/sub/../../secret", "/out", "/..%2fsecret", "//../secret", "/.hidden", "/%00",
                       "/sub/%2e%2e/%2e%2e/secret", "/missing", "/a.txt/", "/pipe", "/a.txt/x"):
            answer = self.ask(target)
            self.assertIn(answer.status, (400, 404), target)
            self.assertNotIn(b"secret", answer.content)

    def test_of_a_folder_are_listed(self):
        answer = self.ask("/")
        self.assertEqual((answer.status, answer.getheader("content-type")), (200, "text/html; charset=utf-8"))
        for name in (b"a.txt", b"sub/", b"large"):
            self.assertIn(b'href="' + name + b'"', answer.content)
        for name in (b"hidden", b"pipe", b'"out"'):
            self.assertNotIn(name, answer.content)

    def test_of_a_folder_may_have_an_index(self):
        self.assertEqual(self.ask("/with/").content, b"index")
        answer = self.ask("/with?x=y")
        self.assertEqual((answer.status, answer.getheader("location")), (301, "/with/?x=y"))
        self.assertEqual(self.ask("//sub").getheader("location"), "/sub/")


class Endpoints(Served):
    options = ("--log", "log")

    def test_answer_with_any_status(self):
        for status in (200, 204, 304, 404, 418, 503):
            self.assertEqual(self.ask(f"/_/status/{status}").status, status)
        answer = self.ask("/_/status/429?retry-after=7")
        self.assertEqual((answer.status, answer.getheader("retry-after")), (429, "7"))
        for number in ("99", "199", "600", "x", "-1", "2e2"):
            self.assertEqual(self.ask(f"/_/status/{number}").status, 400, number)

    def test_wait(self):
        begin = time.monotonic()
        self.assertEqual(self.ask("/_/delay/0.2").status, 200)
        self.assertEqual(self.ask("/_/delay/100ms").status, 200)
        self.assertGreaterEqual(time.monotonic() - begin, 0.3)
        self.assertEqual(self.ask("/_/delay/0?n=1").status, 200)
        self.assertEqual(self.ask("/_/delay/2h").status, 400)
        self.assertEqual(self.ask("/_/delay/soon").status, 400)

    def test_send_bytes(self):
        content = self.ask("/_/bytes/100k").content
        self.assertEqual(len(content), 100_000)
        self.assertEqual(self.ask("/_/bytes/10").content, content[:10])
        self.assertEqual(self.ask("/_/bytes/0").content, b"")
        self.assertEqual(self.ask("/_/bytes/many").status, 400)

    def test_send_lines_in_chunks(self):
        answer = self.ask("/_/stream/3?delay=10ms")
        self.assertEqual(answer.getheader("transfer-encoding"), "chunked")
        self.assertEqual([json.loads(line) for line in answer.content.splitlines()], [{"n": 0}, {"n": 1}, {"n": 2}])
        self.assertEqual(self.ask("/_/stream/0").content, b"")

    def test_send_lines_for_ever(self):
        with socket.create_connection(("127.0.0.1", self.served.port)) as client:
            client.sendall(b"GET /_/stream/endless HTTP/1.1\r\nHost: h\r\n\r\n")
            received = 0
            while received < 3_000_000:
                received += len(client.recv(65536))
        self.assertEqual(self.ask("/_/status/200").status, 200)

    def test_redirect(self):
        answer = self.ask("/_/redirect/2")
        self.assertEqual((answer.status, answer.getheader("location")), (302, "/_/redirect/1"))
        self.assertEqual(self.ask("/_/redirect/0").status, 200)
        self.assertEqual(self.ask("/_/redirect/loop").getheader("location"), "/_/redirect/loop")

    def test_say_what_they_were_asked(self):
        said = json.loads(self.ask("/_/headers?q", "PUT", b"body", X_Test="1").content)
        self.assertEqual((said["method"], said["target"], said["body"]), ("PUT", "/_/headers?q", "body"))
        self.assertEqual(said["headers"]["x-test"], "1")

    def test_break_connections(self):
        with self.assertRaises((ConnectionResetError, http.client.RemoteDisconnected)):
            self.ask("/_/reset")
        self.connection.close()
        with self.assertRaises((ConnectionResetError, http.client.IncompleteRead)):
            self.ask("/_/truncate")
        self.connection.close()
        self.assertEqual(self.ask("/_/status/200").status, 200)

    def test_are_those_that_there_are(self):
        for target in ("/_/", "/_", "/_/nonsense", "/_/bytes", "/_/headers/1"):
            answer = self.ask(target)
            self.assertEqual(answer.status, 404, target)
            self.assertIn(b"/_/delay/N", answer.content)

    def test_write_a_log(self):
        self.ask("/_/status/404", X="y")
        self.ask("/a.txt?q", "HEAD")
        lines = [json.loads(line) for line in self.read("log").splitlines()]
        self.assertEqual([(line["method"], line["target"], line["status"]) for line in lines],
                         [("GET", "/_/status/404", 404), ("HEAD", "/a.txt?q", 200)])
        self.assertRegex(lines[0]["peer"], r"^127\.0\.0\.1:\d+$")


class Slow(Served):
    options = ("--lag", "100ms")

    def test_servers_wait_before_each_answer(self):
        begin = time.monotonic()
        for _ in range(3):
            self.ask("/a.txt")
        self.assertGreaterEqual(time.monotonic() - begin, 0.3)


class Starting(Scratch):
    def test_needs_a_folder_a_port_and_both_halves_of_a_certificate(self):
        self.assertIn("cannot serve missing", self.torus("serve", "missing", status=3).err)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            said = self.torus("serve", ".", "--port", listener.getsockname()[1], status=3)
            self.assertIn("in use", said.err)
        self.assertIn("--tls-cert and --tls-key go together", self.torus("serve", "--tls-cert", "x", status=2).err)
        self.assertIn("not within 0 to 65,535", self.torus("serve", "--port", "65536", status=2).err)


if __name__ == "__main__":
    run()
