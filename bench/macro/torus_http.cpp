// bench/macro/torus_http.cpp: the HTTP server for torus.
#include <torus/core/run.hpp>
#include <torus/http/server.hpp>

#include "macro/program.hpp"

namespace {

namespace http = torus::http;

torus::async<http::reply> hello(http::incoming&) { co_return http::reply(200, "Hello, World!", "text/plain"); }

torus::async<> serve() {
    http::server running = co_await http::serve(hello, "127.0.0.1", 0);
    bench::say_port(running.port());
    co_await running.serve_forever();
}

}  // namespace

int main() {
    bench::raise_descriptor_limit();
    torus::run(serve());
}
