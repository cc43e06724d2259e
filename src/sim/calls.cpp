// src/sim/calls.cpp: system calls, each for the socket it names.
#include "sim/calls.hpp"

#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "sim/udp_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>

namespace torus::inline v0::sim {

namespace {

class calls_of_kernel final : public socket_calls {
public:
    calls_of_kernel(kernel& h, wire& w) noexcept : kernel_(h), wire_(w) {}

    int open(int domain, int type, int) noexcept override {
        const bool is_ip = domain == AF_INET || domain == AF_INET6;
        if (is_ip && type == SOCK_STREAM) return kernel_.add(std::make_shared<tcp_socket>(kernel_, domain));
        if (is_ip && type == SOCK_DGRAM) return kernel_.add(std::make_shared<udp_socket>(kernel_, domain));
        if (domain != AF_UNIX) return is_ip ? -EPROTONOSUPPORT : -EAFNOSUPPORT;
        if (type != SOCK_STREAM && type != SOCK_DGRAM && type != SOCK_SEQPACKET) return -ESOCKTNOSUPPORT;
        return kernel_.add(std::make_shared<unix_socket>(kernel_, type));
    }

    int open_pair(int type, std::array<int, 2>& ends) noexcept override {
        for (int& each : ends) {
            each = open(AF_UNIX, type, 0);
            if (each < 0) {
                if (&each != ends.data()) static_cast<void>(kernel_.take(ends[0]));
                return each;
            }
        }
        unix_socket::join(static_cast<unix_socket&>(*kernel_.find(ends[0])),
                          static_cast<unix_socket&>(*kernel_.find(ends[1])));
        return 0;
    }

    int bind(int socket, const sockaddr* at, unsigned size) noexcept override {
        return ask(socket, [&](sim::socket& on) { return on.bind(address::from(at, size)); });
    }
    int listen(int socket, int backlog) noexcept override {
        return ask(socket, [&](sim::socket& on) { return on.listen(backlog); });
    }
    int connect(int socket, const sockaddr* to, unsigned size) noexcept override {
        return ask(socket, [&](sim::socket& on) { return on.connect(address::from(to, size)); });
    }
    int shut_down(int socket, int how) noexcept override {
        return ask(socket, [&](sim::socket& on) { return on.shut_down(how); });
    }
    int make_non_blocking(int socket) noexcept override {
        return ask(socket, [](sim::socket&) { return 0; });
    }
    int set_option(int socket, int level, int option, const void* value, unsigned size) noexcept override {
        const std::span bytes(static_cast<const std::byte*>(value), size);
        return ask(socket, [&](sim::socket& on) { return on.set_option(level, option, bytes); });
    }
    int get_option(int socket, int level, int option, void* value, unsigned& size) noexcept override {
        int number = 0;
        if (size < sizeof number) return -EINVAL;
        const int result = ask(socket, [&](sim::socket& on) { return on.get_option(level, option, number); });
        std::memcpy(value, &number, sizeof number);
        size = sizeof number;
        return result;
    }
    int local_name(int socket, sockaddr* name, unsigned& size) noexcept override {
        return ask(socket, [&](sim::socket& on) {
            tell(on.local(), name, size);
            return 0;
        });
    }
    int peer_name(int socket, sockaddr* name, unsigned& size) noexcept override {
        return ask(socket, [&](sim::socket& on) {
            if (!on.is_connected()) return -ENOTCONN;
            tell(on.peer(), name, size);
            return 0;
        });
    }

    std::int32_t send(int socket, const msghdr& message) noexcept override {
        return ask(socket, [&](sim::socket& on) {
            const address to = message.msg_namelen > 0
                                   ? address::from(static_cast<const sockaddr*>(message.msg_name), message.msg_namelen)
                                   : address();
            return on.send({message.msg_iov, message.msg_iovlen}, to);
        });
    }
    std::int32_t receive(int socket, msghdr& message, int flags) noexcept override {
        return ask(socket, [&](sim::socket& on) {
            address from;
            const std::int32_t got = on.receive({message.msg_iov, message.msg_iovlen}, flags, from);
            if (got >= 0) tell(from, message.msg_name, message.msg_namelen);
            return got;
        });
    }

    int file_status(const char* path, struct stat& status) noexcept override {
        status = {};
        status.st_mode = S_IFSOCK | S_IRWXU;
        status.st_dev = 1;
        status.st_ino = kernel_.file_at(path);
        return status.st_ino == 0 ? -ENOENT : 0;
    }
    int remove_file(const char* path) noexcept override { return kernel_.remove_file(path) ? 0 : -ENOENT; }

private:
    template <class Call> auto ask(int number, Call call) noexcept -> decltype(call(std::declval<sim::socket&>())) {
        const wire::turn now(wire_);
        sim::socket* const on = kernel_.find(number);
        if (!on) return number >= kernel::first_number ? -EBADF : -ENOTSOCK;
        return call(*on);
    }

    kernel& kernel_;
    wire& wire_;
};

}  // namespace

std::unique_ptr<socket_calls> calls_of(kernel& h, wire& w) { return std::make_unique<calls_of_kernel>(h, w); }

}  // namespace torus::inline v0::sim
