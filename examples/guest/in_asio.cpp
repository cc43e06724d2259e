// examples/guest/in_asio.cpp: torus within Asio's loop, and what Asio does awaited by torus.
#include <chrono>
#include <memory>
#include <utility>

#include <torus/core/guest.hpp>
#include <torus/net/net.hpp>
#include <torus/torus.hpp>

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

using namespace std::literals;
using torus::async, torus::print;

namespace {

// [turns]
/// Asio waits for one descriptor, and torus has its turn whenever that is readable.
class torus_in_asio {
public:
    template <class T, class Done>
    torus_in_asio(asio::io_context& host, async<T> main, Done done)
        : guest_(std::move(main), std::move(done)), descriptor_(host, guest_.fd()) {
        await_turn();
    }
    ~torus_in_asio() { descriptor_.release(); }  // the number is the guest's
    torus::guest_loop& guest() { return guest_; }

private:
    void await_turn() {
        descriptor_.async_wait(descriptor_.wait_read, [this](asio::error_code error) {
            if (!error && guest_.run_once()) await_turn();
        });
    }

    torus::guest_loop guest_;
    asio::posix::stream_descriptor descriptor_;
};
// [/turns]

torus_in_asio* here = nullptr;

// [awaiting]
/// Asio's timer, as something to await. Its handler may come after this has been cancelled, and then does nothing.
async<> host_timer(asio::io_context& host, std::chrono::milliseconds span) {
    auto rang = std::make_shared<torus::promise<>>();
    asio::steady_timer timer(host, span);
    timer.async_wait([rang](asio::error_code error) {
        if (error || rang->done()) return;
        here->guest().call([&] { rang->set_value(); });
    });
    co_await rang->future();
}
// [/awaiting]

async<> echo(torus::stream client) {
    while (auto line = co_await client.next()) co_await client.write(*line);
}

async<int> amain(asio::io_context& host) {
    auto server = co_await torus::start_server(echo, "127.0.0.1", 0);
    auto client = co_await torus::open_connection("127.0.0.1", server.port());
    int lines = 0;
    for (const char* line : {"one\n", "two\n", "three\n"}) {
        co_await host_timer(host, 1ms);
        print("Asio's timer rang");
        co_await client.write(line);
        print("echo: ", co_await client.readline());
        ++lines;
    }
    co_return lines;
}

}  // namespace

int main() {
    asio::io_context host;
    torus_in_asio guest(host, amain(host),
                        [](torus::outcome<int> lines) { print("torus is done after ", *lines, " lines"); });
    here = &guest;
    host.run();
}
