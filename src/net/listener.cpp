// src/net/listener.cpp: listening on all addresses of a name, and on paths.
#include "net/listener.hpp"

#include <cerrno>
#include <system_error>

#include <torus/core/socket_calls.hpp>
#include <torus/net/resolve.hpp>

#include "io/socket_name.hpp"

#include <sys/socket.h>

namespace torus::inline v0 {

namespace {

// With port 0 the kernel picks a port for the first address; for the others it may be taken already. Then another one
// is tried, this often: with half of all ports taken, a thousand servers fail to start once.
constexpr int port_attempts = 10;

sharing sharing_of(const serve_options& options) noexcept { return options.reuse_port ? sharing::port : sharing::none; }

listener listen_once(const address& at, const serve_options& options, reach what = reach::own_family) {
    descriptor socket = listen_at(at, options.backlog, sharing_of(options), what);
    const address where = local_address(socket.number());
    return {std::move(socket), where};
}

/// One socket for both families, where there are two.
listener listen_everywhere(std::uint16_t port, const serve_options& options) {
    try {
        return listen_once(address::any(address_family::ipv6, port), options, reach::both_families);
    } catch (const std::system_error& e) {
        if (!is_unavailable(e)) throw;
    }
    return listen_once(address::any(address_family::ipv4, port), options);
}

/// Listens on all of them, on one port. A family that this machine does not have is left out, if another one is there.
std::vector<listener> listen_on_all(const std::vector<address>& addresses, const serve_options& options) {
    std::vector<listener> all;
    for (const address& each : addresses) {
        const std::uint16_t port = each.port() == 0 && !all.empty() ? all.front().where().port() : each.port();
        try {
            all.push_back(listen_once(each.with_port(port), options));
        } catch (const std::system_error& e) {
            if (!is_unavailable(e) || (all.empty() && &each == &addresses.back())) throw;
        }
    }
    return all;
}

}  // namespace

listener::listener(descriptor socket, const address& at) noexcept
    : socket_(std::move(socket)), where_(at), file_(file_of(at)) {}

void listener::close() noexcept {
    if (!socket_) return;
    remove_file(where_, file_);
    // While the kernel accepts from it, the descriptor stays open for a moment. Nobody shall be let in meanwhile, and
    // the port shall be free.
    sockets().shut_down(socket_.number(), SHUT_RDWR);
    socket_.close();
}

async<std::vector<listener>> listen_on(std::string host, std::uint16_t port, serve_options options) {
    std::vector<listener> all;
    if (host.empty()) {
        all.push_back(listen_everywhere(port, options));
        co_return all;
    }
    const std::vector<address> addresses = co_await resolve(std::move(host), port);
    for (int left = port_attempts; all.empty(); --left) {
        try {
            all = listen_on_all(addresses, options);
        } catch (const std::system_error& e) {
            if (port != 0 || addresses.size() < 2 || left == 1 || e.code() != std::errc::address_in_use) throw;
        }
    }
    co_return all;
}

listener listen_on_path(const std::string& path, const serve_options& options) {
    return listen_once(address::local(path), options);
}

}  // namespace torus::inline v0
