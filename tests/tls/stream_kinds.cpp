// tests/tls/stream_kinds.cpp: the kinds of TLS streams that keep the contract of all streams.
#include "io/stream_kinds.hpp"
#include "secured.hpp"

#include <array>
#include <system_error>

#include <sys/socket.h>

namespace torus::testing {

namespace {

async<connection> connect_over_memory(stream_options options) {
    tls::testing::ends both = co_await tls::testing::secured(default_memory_capacity, options);
    co_return connection(std::move(both.client), std::move(both.server));
}

async<connection> connect_over_tls(stream_options options) {
    tls::testing::ends outer = co_await tls::testing::secured(default_memory_capacity, options);
    tls::testing::ends both = co_await tls::testing::secure(std::move(outer.client), std::move(outer.server),
                                                            tls::testing::trusting(), tls::testing::serving());
    co_return connection(std::move(both.client), std::move(both.server));
}

async<connection> connect_over_sockets(stream_options options) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair.data()) < 0)
        throw std::system_error(errno, std::system_category(), "socketpair");
    stream here(socket_transport(descriptor(pair[0])), options);
    stream there(socket_transport(descriptor(pair[1])), options);
    tls::testing::ends both = co_await tls::testing::secure(std::move(here), std::move(there), tls::testing::trusting(),
                                                            tls::testing::serving());
    co_return connection(std::move(both.client), std::move(both.server));
}

}  // namespace

std::vector<stream_kind> stream_kinds() {
    return {{"tls_memory", connect_over_memory, clock_kind::simulated, 1'000'000},
            {"tls_tls", connect_over_tls, clock_kind::simulated, 1'000'000},
            {"tls_sockets", connect_over_sockets, clock_kind::steady, 2'000'000}};
}

}  // namespace torus::testing
