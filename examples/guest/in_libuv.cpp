// examples/guest/in_libuv.cpp: torus within libuv's loop, and what libuv does awaited by torus.
#include <cstdint>
#include <optional>

#include <torus/core/guest.hpp>
#include <torus/net/net.hpp>
#include <torus/torus.hpp>

#include <uv.h>

using torus::async, torus::print;

namespace {

uv_loop_t host;
uv_poll_t turns;
uv_timer_t timer;
std::optional<torus::guest_loop> guest;

// [awaiting]
/// libuv's timer, as something to await.
async<> host_timer(std::uint64_t milliseconds) {
    torus::promise<> rang;
    torus::defer stop([] { uv_timer_stop(&timer); });  // also if this is cancelled
    timer.data = &rang;
    auto ring = [](uv_timer_t* t) { guest->call([t] { static_cast<torus::promise<>*>(t->data)->set_value(); }); };
    uv_timer_start(&timer, ring, milliseconds, 0);
    co_await rang.future();
}
// [/awaiting]

async<> echo(torus::stream client) {
    while (auto line = co_await client.next()) co_await client.write(*line);
}

async<int> amain() {
    auto server = co_await torus::start_server(echo, "127.0.0.1", 0);
    auto client = co_await torus::open_connection("127.0.0.1", server.port());
    int lines = 0;
    for (const char* line : {"one\n", "two\n", "three\n"}) {
        co_await host_timer(1);
        print("libuv's timer rang");
        co_await client.write(line);
        print("echo: ", co_await client.readline());
        ++lines;
    }
    co_return lines;
}

}  // namespace

// [host]
int main() {
    uv_loop_init(&host);
    uv_timer_init(&host, &timer);
    guest.emplace(amain(), [](torus::outcome<int> lines) {
        print("torus is done after ", *lines, " lines");
        uv_close(reinterpret_cast<uv_handle_t*>(&turns), nullptr);
        uv_close(reinterpret_cast<uv_handle_t*>(&timer), nullptr);
    });
    uv_poll_init(&host, &turns, guest->fd());
    uv_poll_start(&turns, UV_READABLE, [](uv_poll_t*, int, int) { guest->run_once(); });
    uv_run(&host, UV_RUN_DEFAULT);
    guest.reset();
    return uv_loop_close(&host);
}
// [/host]
