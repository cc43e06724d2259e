// src/net/listener.hpp: a socket that accepts clients, and the file it may have.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <torus/core/async.hpp>
#include <torus/io/address.hpp>
#include <torus/io/descriptor.hpp>
#include <torus/net/serve.hpp>

#include "net/make_socket.hpp"

namespace torus::inline v0 {

/// A listening socket. The file of a Unix socket goes with it.
class listener {
public:
    listener(descriptor socket, const address& at) noexcept;
    listener(listener&&) noexcept = default;
    listener& operator=(listener&&) = delete;
    ~listener() { close(); }

    void close() noexcept;

    const descriptor& socket() const noexcept { return socket_; }
    const address& where() const noexcept { return where_; }

private:
    descriptor socket_;
    address where_;
    socket_file file_;  // which goes with it
};

/// Listens on every address of `host`.
/// @throws dns_error, std::system_error
async<std::vector<listener>> listen_on(std::string host, std::uint16_t port, serve_options options);

/// Listens on a Unix socket.
/// @throws std::system_error
listener listen_on_path(const std::string& path, const serve_options& options);

}  // namespace torus::inline v0
