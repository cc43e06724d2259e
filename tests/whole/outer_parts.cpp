// tests/whole/outer_parts.cpp: files, processes, sockets, TLS, HTTP and SQLite.
#include "whole/parts.hpp"

#include <string>

#include <torus/core/gather.hpp>
#include <torus/core/outcome.hpp>
#include <torus/core/time.hpp>
#include <torus/fs/fs.hpp>
#include <torus/http/http.hpp>
#include <torus/io/io.hpp>
#include <torus/net/net.hpp>
#include <torus/process/process.hpp>
#include <torus/sqlite/sqlite.hpp>
#include <torus/tls/tls.hpp>

#include "tls/certificates.hpp"

using namespace std::literals;
using namespace torus;
using torus::tls::testing::test_authority;
using torus::tls::testing::test_server;

namespace {

async<> echo(stream conn) {
    while (auto line = co_await conn.next()) co_await conn.write(*line);
}

async<> say_hello_over(stream conn) {
    co_await conn.write("hello\n");
    require(co_await conn.readline() == "hello\n");
    co_await conn.close();
}

async<> use_datagrams() {
    udp_socket here = co_await udp_socket::bind("127.0.0.1", 0);
    udp_socket there = co_await udp_socket::connect("127.0.0.1", here.local().port());
    co_await there.send("ping");
    const datagram got = co_await here.recv_from();
    require(got.data == "ping");
}

}  // namespace

async<> use_files() {
    auto folder = co_await fs::make_temporary_directory();
    const std::string path = folder.path() + "/text";
    fs::watcher changes(folder.path());
    co_await fs::write_text(path, "one\ntwo\n");
    require((co_await changes.next()).has_value());
    auto lines = fs::lines(co_await fs::open(path));
    int count = 0;
    while (co_await lines.next()) ++count;
    require(count == 2);
    require((co_await fs::list(folder.path())).size() == 1);
    co_await fs::rename(path, path + "2");
    const auto missing = co_await try_(fs::read_text(path));
    require(!missing);
    co_await fs::remove(path + "2");
}

async<> use_processes() {
    auto cat = co_await create_subprocess_exec("cat", process_options{.in = torus::pipe, .out = torus::pipe});
    const auto [out, err] = co_await cat.communicate("through a program");
    require(out == "through a program");
    auto sleeper = co_await create_subprocess_exec("sleep", "1000");
    sleeper.kill();
    co_await sleeper.wait();
    const auto none = co_await try_(create_subprocess_exec("/nowhere/to/be/found"));
    require(!none);
}

async<> use_sockets() {
    auto srv = co_await start_server(echo, "127.0.0.1", 0);
    stream idle = co_await open_connection("localhost", srv.port());
    co_await gather(say_hello_over(co_await open_connection("127.0.0.1", srv.port())),
                    say_hello_over(co_await open_connection("127.0.0.1", srv.port())));
    require(!co_await move_on_after(1ms, idle.read(1)));
    co_await srv.shutdown(0s);
    const auto refused = co_await try_(open_connection("127.0.0.1", srv.port()));
    require(!refused);
    auto [near, far] = memory_stream_pair();
    co_await near.write("x");
    require(co_await far.read(1) == "x");
    co_await use_datagrams();
}

async<> use_tls() {
    const auto serving = tls::context::server(test_server().identity());
    const auto trusting = tls::context::client({.trust = tls::pem(test_authority().certificate())});
    auto [a, b] = memory_stream_pair();
    auto [client, server] =
        co_await gather(tls::connect(std::move(a), trusting, "a.example"), tls::accept(std::move(b), serving));
    co_await client.write("secret\n");
    require(co_await server.readline() == "secret\n");
    co_await gather(client.close(), server.close());
    auto [c, d] = memory_stream_pair();
    const auto wrong_name =
        co_await try_(gather(tls::connect(std::move(c), trusting, "c.example"), tls::accept(std::move(d), serving)));
    require(!wrong_name);
}

async<> use_http() {
    const auto greet = [](http::incoming& request) -> async<http::reply> {
        co_return http::reply(200, "hello " + std::string(request.target()));
    };
    auto srv = co_await http::serve(greet, "127.0.0.1", 0);
    const std::string origin = "http://127.0.0.1:" + std::to_string(srv.port());
    http::client client;
    const auto get = [&](std::string path) -> async<std::string> {
        auto page = co_await client.get(origin + path);
        co_return co_await page.text();
    };
    const auto [one, two] = co_await gather(get("/one"), get("/two"));
    require(one == "hello /one" && two == "hello /two");
    client.close();
    co_await srv.shutdown(0s);
}

async<> use_sqlite() {
    auto db = co_await sqlite::open(":memory:");
    co_await db.execute("create table numbers (n)");
    co_await db.transaction([](sqlite::connection& tx) -> async<> {
        for (int i = 0; i < 10; ++i) co_await tx.execute("insert into numbers values (?)", i);
    });
    auto rows = db.select("select n from numbers");
    int sum = 0;
    while (const auto row = co_await rows.next()) sum += row->get<int>("n");
    require(sum == 45);
    co_await db.close();
}
