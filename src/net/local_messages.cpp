// src/net/local_messages.cpp: messages through Unix sockets, whose receivers may be busy.
#include "net/local_messages.hpp"

#include <cerrno>
#include <utility>

#include <torus/core/running.hpp>
#include <torus/core/socket_calls.hpp>
#include <torus/io/ready.hpp>

#include "net/make_socket.hpp"
#include "net/messages.hpp"

#include <sys/socket.h>

namespace torus::inline v0 {

/// The kernel does not say when a Unix socket, which is not this one's peer, has room again. But it says so to a socket
/// whose peer that is: one is made to wait.
///
/// Nor may the kernel itself wait and send: io_uring's second try, after a full receiver has refused the first, sends an
/// empty message (Linux 6.18: what it reads from has been used up by the first).
async<std::int32_t> send_locally(int socket, bytes_view bytes, address to) {
    bool may_try_now = spend_completion();
    for (;;) {
        if (!std::exchange(may_try_now, false)) co_await writable(socket);
        const std::int32_t result = sending_message(socket, bytes, to).run();
        if (result != -EAGAIN) co_return result;
        if (to.size() == 0) continue;
        const descriptor waiting = open_socket(address_family::local, SOCK_DGRAM);
        const int connected = sockets().connect(waiting.number(), to.data(), to.size());
        if (connected < 0) co_return connected;
        co_await writable(waiting.number());
    }
}

}  // namespace torus::inline v0
