// tests/io/stream_kinds.cpp: sockets and memory.
#include "io/stream_kinds.hpp"

#include <array>
#include <system_error>

#include <torus/core/operation.hpp>

#include "asked.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace torus::testing {

namespace {

int checked(int result, const char* call) {
    if (result < 0) throw std::system_error(errno, std::system_category(), call);
    return result;
}

class request final : public operation {
public:
    using operation::operation;
    std::size_t await_resume() { return count("request"); }
};

/// The kernel's own buffers grow to megabytes, which takes time to fill.
void make_small(const descriptor& socket) {
    const int size = 32 * 1024;
    asked(sockets().set_option(socket.number(), SOL_SOCKET, SO_SNDBUF, &size, sizeof size), "SO_SNDBUF");
    asked(sockets().set_option(socket.number(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size), "SO_RCVBUF");
}

async<connection> connect_tcp(stream_options options) {
    const descriptor listener(asked(sockets().open(AF_INET, SOCK_STREAM, 0), "socket"));
    make_small(listener);
    const address any_port = address::loopback(address_family::ipv4, 0);
    asked(sockets().bind(listener.number(), any_port.data(), any_port.size()), "bind");
    asked(sockets().listen(listener.number(), 1), "listen");
    sockaddr_in where{};
    socklen_t size = sizeof where;
    asked(sockets().local_name(listener.number(), reinterpret_cast<sockaddr*>(&where), size), "getsockname");
    descriptor here(asked(sockets().open(AF_INET, SOCK_STREAM, 0), "socket"));
    make_small(here);
    co_await request(verb::connect, here.number(), &where, size);
    descriptor there(static_cast<int>(co_await request(verb::accept, listener.number())));
    co_return connection(stream(socket_transport(std::move(here)), options),
                         stream(socket_transport(std::move(there)), options));
}

async<connection> connect_unix(stream_options options) {
    std::array<int, 2> ends{};
    asked(sockets().open_pair(SOCK_STREAM, ends), "socketpair");
    descriptor here(ends[0]);
    descriptor there(ends[1]);
    make_small(here);
    make_small(there);
    co_return connection(stream(socket_transport(std::move(here)), options),
                         stream(socket_transport(std::move(there)), options));
}

/// Two pipes, crosswise.
async<connection> connect_pipes(stream_options options) {
    std::array<int, 2> there_to_here{};
    std::array<int, 2> here_to_there{};
    checked(::pipe2(there_to_here.data(), O_CLOEXEC), "pipe2");
    descriptor here_in(there_to_here[0]);
    descriptor there_out(there_to_here[1]);
    checked(::pipe2(here_to_there.data(), O_CLOEXEC), "pipe2");
    descriptor there_in(here_to_there[0]);
    descriptor here_out(here_to_there[1]);
    co_return connection(open_pipes(std::move(here_in), std::move(here_out), options),
                         open_pipes(std::move(there_in), std::move(there_out), options));
}

async<connection> connect_memory(stream_options options) {
    auto [here, there] = memory_stream_pair(default_memory_capacity, options);
    co_return connection(std::move(here), std::move(there));
}

}  // namespace

std::vector<stream_kind> stream_kinds() {
    return {{"tcp", connect_tcp, clock_kind::steady, 500'000},
            {"unix", connect_unix, clock_kind::steady, 500'000},
            {"pipes", connect_pipes, clock_kind::steady, 500'000},
            {"memory", connect_memory, clock_kind::simulated, 500'000}};
}

}  // namespace torus::testing
