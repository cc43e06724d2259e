// bench/compile/asio_fine.cpp: hello, after a sleep, with those of Asio's headers that it takes.
#include <chrono>
#include <cstdio>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

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
