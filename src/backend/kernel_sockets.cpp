// src/backend/kernel_sockets.cpp: the kernel's sockets.
#include <torus/core/socket_calls.hpp>

#include <cerrno>

#include <torus/core/loop.hpp>

#include "backend/retried.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

constexpr int ours = SOCK_CLOEXEC | SOCK_NONBLOCK;

int checked(int result) noexcept { return result < 0 ? -errno : result; }

class sockets_of_the_kernel final : public socket_calls {
public:
    int open(int domain, int type, int protocol) noexcept override {
        return checked(::socket(domain, type | ours, protocol));
    }
    int open_pair(int type, std::array<int, 2>& ends) noexcept override {
        return checked(::socketpair(AF_UNIX, type | ours, 0, ends.data()));
    }
    int bind(int socket, const sockaddr* at, unsigned size) noexcept override {
        return checked(::bind(socket, at, size));
    }
    int listen(int socket, int backlog) noexcept override { return checked(::listen(socket, backlog)); }
    int connect(int socket, const sockaddr* to, unsigned size) noexcept override {
        return checked(::connect(socket, to, size));
    }
    int shut_down(int socket, int how) noexcept override { return checked(::shutdown(socket, how)); }
    int make_non_blocking(int socket) noexcept override {
        const int flags = ::fcntl(socket, F_GETFL);
        return checked(flags < 0 ? flags : ::fcntl(socket, F_SETFL, flags | O_NONBLOCK));
    }
    int set_option(int socket, int level, int option, const void* value, unsigned size) noexcept override {
        return checked(::setsockopt(socket, level, option, value, size));
    }
    int get_option(int socket, int level, int option, void* value, unsigned& size) noexcept override {
        return checked(::getsockopt(socket, level, option, value, &size));
    }
    int local_name(int socket, sockaddr* name, unsigned& size) noexcept override {
        return checked(::getsockname(socket, name, &size));
    }
    int peer_name(int socket, sockaddr* name, unsigned& size) noexcept override {
        return checked(::getpeername(socket, name, &size));
    }
    std::int32_t send(int socket, const msghdr& message) noexcept override {
        return retried([&] { return ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL); });
    }
    std::int32_t receive(int socket, msghdr& message, int flags) noexcept override {
        return retried([&] { return ::recvmsg(socket, &message, flags | MSG_DONTWAIT | MSG_CMSG_CLOEXEC); });
    }
    int file_status(const char* path, struct stat& status) noexcept override { return checked(::lstat(path, &status)); }
    int remove_file(const char* path) noexcept override { return checked(::unlink(path)); }
};

}  // namespace

socket_calls& kernel_sockets() noexcept {
    static sockets_of_the_kernel only;
    return only;
}

socket_calls& backend::sockets() noexcept { return kernel_sockets(); }

socket_calls& sockets() noexcept { return running.loop ? running.loop->world().sockets() : kernel_sockets(); }

}  // namespace torus::inline v0
