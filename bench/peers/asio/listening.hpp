// bench/peers/asio/listening.hpp: what the servers for Asio begin with: a socket on a port of its own.
#pragma once

#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>

#include "macro/program.hpp"

namespace asio_peer {

/// Listens on 127.0.0.1, and says on which port.
inline asio::ip::tcp::acceptor listen_somewhere(asio::io_context& context) {
    constexpr int backlog = 4096;  // as macro/listening.h
    bench::raise_descriptor_limit();
    asio::ip::tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
    acceptor.listen(backlog);
    bench::say_port(acceptor.local_endpoint().port());
    return acceptor;
}

}  // namespace asio_peer
