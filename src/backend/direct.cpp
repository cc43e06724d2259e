// src/backend/direct.cpp: the system call of each verb.
#include "backend/direct.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>

#include "backend/retried.hpp"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace torus::inline v0::direct {

namespace {

// A message in so many pieces is finished in several calls.
constexpr std::size_t most_pieces = 64;

/// What is left of a message of which `moved` bytes have been moved.
struct remainder {
    remainder(const msghdr& whole, std::size_t moved) noexcept : message(whole) {
        if (moved == 0) return;
        std::size_t count = 0;
        for (std::size_t i = 0; i < whole.msg_iovlen && count < pieces.size(); ++i) {
            const iovec& piece = whole.msg_iov[i];
            const std::size_t skipped = std::min(moved, piece.iov_len);
            moved -= skipped;
            if (skipped < piece.iov_len)
                pieces[count++] = {static_cast<std::byte*>(piece.iov_base) + skipped, piece.iov_len - skipped};
        }
        message.msg_iov = pieces.data();
        message.msg_iovlen = count;
        message.msg_control = nullptr;  // went with the first bytes
        message.msg_controllen = 0;
    }
    msghdr message;
    std::array<iovec, most_pieces> pieces;  // the first message.msg_iovlen of them
};

std::int32_t transfer_message(const operation& op, int flags) noexcept {
    const bool receives = op.what == verb::receive_message;
    auto& whole = *static_cast<msghdr*>(op.address);
    const auto once = [&](msghdr& message) noexcept {
        return retried([&] {
            return receives ? ::recvmsg(op.descriptor, &message, flags | MSG_CMSG_CLOEXEC)
                            : ::sendmsg(op.descriptor, &message, flags | MSG_NOSIGNAL);
        });
    };
    if (op.in_backend.moved == 0) return once(whole);
    remainder rest(whole, op.in_backend.moved);
    return once(rest.message);
}

std::int32_t transfer_file(const operation& op, std::size_t length) noexcept {
    const auto offset = static_cast<off_t>(op.offset);
    const bool reads = op.what == verb::read;
    return retried([&] {
        if (op.offset == current_position)
            return reads ? ::read(op.descriptor, op.address, length) : ::write(op.descriptor, op.address, length);
        return reads ? ::pread(op.descriptor, op.address, length, offset)
                     : ::pwrite(op.descriptor, op.address, length, offset);
    });
}

std::int32_t poll_now(const operation& op) noexcept {
    pollfd descriptor{op.descriptor, static_cast<short>(op.flags), 0};
    const std::int32_t ready = retried([&] { return ::poll(&descriptor, 1, 0); });
    if (ready < 0) return ready;
    if (descriptor.revents & POLLNVAL) return -EBADF;
    return descriptor.revents ? static_cast<unsigned short>(descriptor.revents) : -EAGAIN;
}

std::int32_t file_status(const operation& op) noexcept {
    return retried([&] {
        return ::statx(op.descriptor, static_cast<const char*>(op.address), static_cast<int>(op.flags),
                       static_cast<unsigned>(op.length), static_cast<struct statx*>(op.second));
    });
}

/// What concerns names and the room of files. Of two directories, the second one's descriptor stands in the offset.
std::int32_t change_files(const operation& op) noexcept {
    const auto* const name = static_cast<const char*>(op.address);
    const auto* const second = static_cast<const char*>(op.second);
    const int flags = static_cast<int>(op.flags);
    return retried([&] {
        switch (op.what) {
        case verb::allocate:
            return ::fallocate(op.descriptor, flags, static_cast<off_t>(op.offset), static_cast<off_t>(op.length));
        case verb::unlink: return ::unlinkat(op.descriptor, name, flags);
        case verb::make_directory: return ::mkdirat(op.descriptor, name, static_cast<mode_t>(op.offset));
        case verb::rename: return ::renameat2(op.descriptor, name, static_cast<int>(op.offset), second, op.flags);
        case verb::link: return ::linkat(op.descriptor, name, static_cast<int>(op.offset), second, flags);
        case verb::symbolic_link: return ::symlinkat(name, op.descriptor, second);
        default: errno = EINVAL; return -1;
        }
    });
}

std::size_t message_size(const operation& op) noexcept {
    const auto& message = *static_cast<const msghdr*>(op.address);
    std::size_t size = 0;
    for (std::size_t i = 0; i < message.msg_iovlen; ++i) size += message.msg_iov[i].iov_len;
    return size;
}

}  // namespace

std::int32_t call(const operation& op) noexcept {
    auto* const address = static_cast<std::byte*>(op.address) + op.in_backend.moved;
    const std::size_t length = std::min(op.length - op.in_backend.moved, largest_transfer);
    const int flags = static_cast<int>(op.flags) | MSG_DONTWAIT;
    switch (op.what) {
    case verb::nop: return 0;
    case verb::read:
    case verb::write: return transfer_file(op, length);
    case verb::receive: return retried([&] { return ::recv(op.descriptor, address, length, flags); });
    case verb::send: return retried([&] { return ::send(op.descriptor, address, length, flags | MSG_NOSIGNAL); });
    case verb::receive_message:
    case verb::send_message: return transfer_message(op, flags);
    case verb::accept:
        return retried([&] {
            return ::accept4(op.descriptor, static_cast<sockaddr*>(op.address), static_cast<socklen_t*>(op.second),
                             SOCK_CLOEXEC | SOCK_NONBLOCK);
        });
    case verb::connect:
        return retried([&] {
            return ::connect(op.descriptor, static_cast<const sockaddr*>(op.address),
                             static_cast<socklen_t>(op.length));
        });
    case verb::poll:
    case verb::arrival: return poll_now(op);
    case verb::open:
        return retried([&] {
            return ::openat(op.descriptor, static_cast<const char*>(op.address), static_cast<int>(op.flags) | O_CLOEXEC,
                            static_cast<mode_t>(op.offset));
        });
    case verb::sync:
        return retried([&] { return op.flags == 1 ? ::fdatasync(op.descriptor) : ::fsync(op.descriptor); });
    case verb::status: return file_status(op);
    case verb::close: return ::close(op.descriptor) < 0 ? -errno : 0;  // a second try would close another file
    default: return change_files(op);
    }
}

std::int32_t read_cached(const operation& op) noexcept {
    const iovec room{op.address, op.length};
    return retried([&] { return ::preadv2(op.descriptor, &room, 1, static_cast<off_t>(op.offset), RWF_NOWAIT); });
}

std::int32_t call_if_ready(const operation& op) noexcept {
    const bool reads = op.what == verb::read;
    pollfd descriptor{op.descriptor, static_cast<short>(reads ? POLLIN : POLLOUT), 0};
    const std::int32_t ready = retried([&] { return ::poll(&descriptor, 1, 0); });
    if (ready <= 0) return ready < 0 ? ready : -EAGAIN;
    // pipe(7): with POLLOUT so many bytes fit without waiting.
    return transfer_file(op, reads ? op.length : std::min<std::size_t>(op.length, PIPE_BUF));
}

namespace {

/// Only what has no message boundaries can be put together from several calls.
bool is_byte_stream(int descriptor) noexcept {
    int type = 0;
    socklen_t size = sizeof type;
    return ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

}  // namespace

std::int32_t proceed(operation& op) noexcept {
    if (!wants_all(op)) return call(op);
    const bool is_message = op.what == verb::receive_message || op.what == verb::send_message;
    const std::size_t whole = std::min(is_message ? message_size(op) : op.length, largest_transfer);
    for (;;) {
        const std::int32_t moved = call(op);
        if (moved == -EAGAIN) return moved;
        if (moved <= 0) return op.in_backend.moved > 0 ? static_cast<std::int32_t>(op.in_backend.moved) : moved;
        op.in_backend.moved += static_cast<std::uint32_t>(moved);
        if (op.in_backend.moved >= whole || !is_byte_stream(op.descriptor))
            return static_cast<std::int32_t>(op.in_backend.moved);
    }
}

std::int32_t result_of_cancelled(const operation& op) noexcept {
    return op.in_backend.moved > 0 ? static_cast<std::int32_t>(op.in_backend.moved) : -ECANCELED;
}

}  // namespace torus::inline v0::direct
