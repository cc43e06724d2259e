// tests/http/real_peers_test.cpp: curl against our server, nginx and Python against our client.
#include "child.hpp"
#include "peers.hpp"
#include "scratch_folder.hpp"
#include "tls/certificates.hpp"

#include <torus/tls/context.hpp>

namespace torus::http::testing {
namespace {

using tls::testing::test_authority;
using tls::testing::test_server;
using torus::testing::scratch_folder;

async<reply> mirror(incoming& request) {
    const std::string body = co_await request.text();
    co_return reply(200, std::string(request.method().name()) + " " + std::string(request.target()) + " " +
                             std::to_string(body.size()) + "\n");
}

async<std::string> curl(std::vector<std::string> words) {
    std::vector<std::string> all{"curl", "--silent", "--show-error", "--noproxy", "*"};
    all.insert(all.end(), words.begin(), words.end());
    co_return co_await output_of(std::move(all));
}

TORUS_IO_TEST(real_peers, curl_gets_pages_over_one_connection) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    std::vector<std::string> words{"-w", "%{num_connects}\n", url_of(srv, "/a"), url_of(srv, "/b")};
    EXPECT_EQ(co_await curl(words), "GET /a 0\n1\nGET /b 0\n0\n");
    words = {"--http1.0", url_of(srv, "/old")};
    EXPECT_EQ(co_await curl(words), "GET /old 0\n");
    words = {"--head", url_of(srv, "/head")};
    EXPECT_TRUE((co_await curl(words)).starts_with("HTTP/1.1 200 OK\r\n"));
}

TORUS_IO_TEST(real_peers, curl_sends_bodies_and_waits_for_continue) {
    server srv = co_await serve(mirror, "127.0.0.1", 0);
    const scratch_folder scratch;
    const std::string file = scratch.write("body", std::string(2'000'000, 'x'));
    std::vector<std::string> words{"--data-binary", "@" + file, "-H", "Expect: 100-continue", url_of(srv)};
    EXPECT_EQ(co_await curl(words), "POST / 2000000\n");
    words = {"-T", file, "-H", "Transfer-Encoding: chunked", url_of(srv, "/put")};
    EXPECT_EQ(co_await curl(words), "PUT /put 2000000\n");
    server_options options;
    options.max_body = 1'000'000;
    server strict = co_await serve(mirror, "127.0.0.1", 0, options);
    words = {"--data-binary", "@" + file, "-H", "Expect:", "-o", "/dev/null", "-w", "%{http_code}", url_of(strict)};
    EXPECT_EQ(co_await curl(words), "413");
}

TORUS_IO_TEST(real_peers, curl_trusts_our_server_and_refuses_another_name) {
    server_options options;
    options.tls = tls::context::server(test_server().identity());
    server srv = co_await serve(mirror, "127.0.0.1", 0, options);
    const scratch_folder scratch;
    const std::string authority = scratch.write("ca.pem", test_authority().certificate());
    const std::string port = ":" + std::to_string(srv.port());
    std::vector<std::string> words{"--cacert", authority, "https://127.0.0.1" + port + "/tls"};
    EXPECT_EQ(co_await curl(words), "GET /tls 0\n");
    words = {"--cacert", authority, "--stderr", "/dev/null", "https://localhost" + port + "/tls"};
    EXPECT_EQ(co_await curl(words), "(status 60)");
}

TORUS_IO_TEST(real_peers, python_serves_files_to_us) {
    const scratch_folder scratch;
    const std::string large(3'000'000, 'x');
    scratch.write("large.txt", large);
    const std::vector<std::string> words{"python3", "-u",        "-m",          "http.server", "0",
                                         "--bind",  "127.0.0.1", "--directory", scratch.path()};
    child python(words);
    const auto first_line = [&python] { return python.line(); };
    const std::string said = co_await to_thread(first_line);  // "Serving HTTP on 127.0.0.1 port 8000 (…"
    const std::string url =
        "http://127.0.0.1:" + said.substr(said.find(" port ") + 6, said.find(" (") - said.find(" port ") - 6);
    client c;
    response r = co_await c.get(url + "/large.txt");
    EXPECT_EQ(co_await r.text(), large);
    response missing = co_await c.get(url + "/nothing");
    EXPECT_EQ(missing.status, 404);
    response head = co_await c.head(url + "/large.txt");
    EXPECT_EQ(head.headers.get("content-length", ""), "3000000");
    EXPECT_EQ(co_await head.text(), "");
}

const char* const nginx_configuration = R"(
daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events { worker_connections 256; }
http {
    access_log off; default_type text/plain; gzip on; gzip_types text/plain;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    server {
        listen 127.0.0.1:PLAIN;
        listen 127.0.0.1:SECURE ssl;
        ssl_certificate server.pem; ssl_certificate_key key.pem;
        root .;
        location /old { return 301 /large.txt; }
        location /limited { client_max_body_size 1000; proxy_pass http://127.0.0.1:1; }
    }
})";

std::string replaced(std::string text, std::string_view what, const std::string& with) {
    return text.replace(text.find(what), what.size(), with);
}

TORUS_IO_TEST(real_peers, nginx_serves_us_plainly_compressed_and_securely) {
    const scratch_folder scratch;
    const std::string large(3'000'000, 'x');
    scratch.write("large.txt", large);
    scratch.write("server.pem", test_server().certificate);
    scratch.write("key.pem", test_server().key);
    const std::uint16_t plain = co_await free_port();
    const std::uint16_t secure = co_await free_port();
    std::string text = replaced(nginx_configuration, "PLAIN", std::to_string(plain));
    text = replaced(std::move(text), "SECURE", std::to_string(secure));
    const std::string file = scratch.write("nginx.conf", text);
    const std::vector<std::string> words{"nginx", "-p", scratch.path(), "-c", file, "-e", "stderr"};
    child nginx(words);
    co_await wait_for_port(plain);

    client_options options;
    tls::client_options believing;
    believing.trust = tls::pem(test_authority().certificate());
    options.tls = tls::context::client(believing);
    client c(options);
    for (const std::string& origin :
         {"http://127.0.0.1:" + std::to_string(plain), "https://127.0.0.1:" + std::to_string(secure)}) {
        response r = co_await c.get(origin + "/old");
        EXPECT_EQ(r.headers.get("content-encoding", ""), "gzip");
        EXPECT_EQ(r.headers.get("transfer-encoding", ""), "chunked");
        EXPECT_EQ(r.url.path(), "/large.txt");
        EXPECT_EQ(co_await r.text(), large);
        response missing = co_await c.get(origin + "/nothing");
        EXPECT_EQ(missing.status, 404);
        EXPECT_FALSE((co_await missing.text()).empty());
    }
    EXPECT_EQ(c.connections(), 2u);
    response refused =
        co_await c.post("http://127.0.0.1:" + std::to_string(plain) + "/limited", std::string(5000, 'x'), "text/plain");
    EXPECT_EQ(refused.status, 413);
}

}  // namespace
}  // namespace torus::http::testing
