// bench/compile/asio.cpp: hello, after a sleep, with Asio's one header.
#include <chrono>
#include <cstdio>

#include <asio.hpp>

using namespace std::chrono_literals;

asio::awaitable<void> hello() {
    asio::steady_timer timer(co_await asio::this_coro::executor, 10ms);
    co_await timer.async_wait(asio::use_awaitable);
    std::puts("hello");
}

int main() {
    asio::io_context io(1);
    asio::co_spawn(io, hello(), asio::detached);
    io.run();
}
