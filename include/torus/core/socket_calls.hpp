// torus/core/socket_calls.hpp: what is asked of sockets and answered at once, by a kernel or a simulation of one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

struct msghdr;
struct sockaddr;
struct stat;

namespace torus::inline v0 {

/// The system calls on sockets that never wait, beside the operations of a `backend`. Each returns what the kernel's call
/// returns, or a negative errno. Sockets are made non-blocking and close-on-exec; closed they are by `backend::close`.
class socket_calls {
public:
    virtual ~socket_calls() = default;

    virtual int open(int domain, int type, int protocol) noexcept = 0;  // socket(2)
    virtual int open_pair(int type, std::array<int, 2>& ends) noexcept = 0;  // socketpair(2) of Unix sockets
    virtual int bind(int socket, const sockaddr* at, unsigned size) noexcept = 0;
    virtual int listen(int socket, int backlog) noexcept = 0;
    virtual int connect(int socket, const sockaddr* to, unsigned size) noexcept = 0;  // of datagram sockets: at once
    virtual int shut_down(int socket, int how) noexcept = 0;
    virtual int make_non_blocking(int socket) noexcept = 0;  // one that somebody else has made
    virtual int set_option(int socket, int level, int option, const void* value, unsigned size) noexcept = 0;
    virtual int get_option(int socket, int level, int option, void* value, unsigned& size) noexcept = 0;
    virtual int local_name(int socket, sockaddr* name, unsigned& size) noexcept = 0;  // getsockname(2)
    virtual int peer_name(int socket, sockaddr* name, unsigned& size) noexcept = 0;  // getpeername(2)
    virtual std::int32_t send(int socket, const msghdr& message) noexcept = 0;  // sendmsg(2)
    virtual std::int32_t receive(int socket, msghdr& message, int flags) noexcept = 0;  // recvmsg(2)

    /// @{ The file of a Unix socket: what stat(2) says of it, and its removal.
    virtual int file_status(const char* path, struct stat& status) noexcept = 0;
    virtual int remove_file(const char* path) noexcept = 0;
    /// @}
};

/// Those of the kernel.
socket_calls& kernel_sockets() noexcept;

/// Those of the world of the loop that runs on this thread; the kernel's where none does.
socket_calls& sockets() noexcept;

}  // namespace torus::inline v0
