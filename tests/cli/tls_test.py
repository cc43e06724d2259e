#!/usr/bin/env python3
# tests/cli/tls_test.py: the command speaks TLS, and trusts only whom it should.
import subprocess

from harness import Scratch, run


class Certificates(Scratch):
    def setUp(self):
        super().setUp()
        self.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=test authority",
                     "-keyout", "ca.key", "-out", "ca.pem", "-addext", "basicConstraints=critical,CA:TRUE")
        self.sign("server", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.sign("elsewhere", "subjectAltName=DNS:elsewhere.example")

    def openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def sign(self, name, extension):
        self.openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                     "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self.write(f"{name}.ext", extension + "\n")
        self.openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "1",
                     "-extfile", f"{name}.ext", "-out", f"{name}.pem")

    def serving(self, name):
        return self.server("--tls-cert", f"{name}.pem", "--tls-key", f"{name}.key")

    def test_of_a_private_authority_are_trusted_if_it_is(self):
        with self.serving("server") as s:
            self.write("urls.txt", "".join(f"{s.url}/_/bytes/{n}\n" for n in range(50)))
            self.torus("fetch", "urls.txt", "-o", "out.db", "--ca", "ca.pem")
        rows = self.rows()
        self.assertEqual({row["status"] for row in rows.values()}, {200})
        self.assertTrue(any(row["tls_ms"] for row in rows.values()))

    def test_of_an_unknown_authority_are_not(self):
        with self.serving("server") as s:
            self.torus("fetch", s.url, "-o", "out.db", status=1)
            self.torus("fetch", f"{s.url}/_/bytes/1", "-o", "trusting.db", "--insecure")
        row = self.rows()[1]
        self.assertEqual((row["error"], row["status"], row["attempts"]), ("tls", None, 1))
        self.assertIn("certificate", row["message"])

    def test_of_another_name_are_not(self):
        with self.serving("elsewhere") as s:
            self.torus("fetch", s.url, "-o", "out.db", "--ca", "ca.pem", status=1)
        self.assertEqual(self.rows()[1]["error"], "tls")

    def test_that_cannot_be_read_end_the_run_before_it_begins(self):
        self.torus("fetch", "https://127.0.0.1/", "-o", "out.db", "--ca", "missing.pem", status=2)
        said = self.torus("serve", "--tls-cert", "server.pem", "--tls-key", "elsewhere.key", status=3)
        self.assertIn("key", said.err)


if __name__ == "__main__":
    run()
