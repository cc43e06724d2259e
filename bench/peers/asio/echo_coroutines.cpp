// bench/peers/asio/echo_coroutines.cpp: the echo server for Asio's coroutines, as its own example has it.
// Built twice: with epoll, and with io_uring.

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>

#include "peers/asio/listening.hpp"

namespace {

using asio::ip::tcp;
constexpr auto use_result = asio::experimental::as_tuple(asio::use_awaitable);
constexpr std::size_t buffer_bytes = 16 * 1024;

asio::awaitable<void> echo(tcp::socket client) {
    char buffer[buffer_bytes];
    client.set_option(tcp::no_delay(true));
    for (;;) {
        const auto [error, received] = co_await client.async_read_some(asio::buffer(buffer), use_result);
        if (error) co_return;
        const auto [failed, sent] = co_await asio::async_write(client, asio::buffer(buffer, received), use_result);
        if (failed) co_return;
    }
}

asio::awaitable<void> serve(tcp::acceptor& acceptor) {
    for (;;) {
        tcp::socket client = co_await acceptor.async_accept(asio::use_awaitable);
        const auto executor = client.get_executor();
        asio::co_spawn(executor, echo(std::move(client)), asio::detached);
    }
}

}  // namespace

int main() {
    asio::io_context context(1);
    tcp::acceptor acceptor = asio_peer::listen_somewhere(context);
    asio::co_spawn(context, serve(acceptor), asio::detached);
    context.run();
}
