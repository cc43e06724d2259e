// src/io/send_file.cpp: sending files with sendfile(2), or by reading and writing.
#include <torus/io/send_file.hpp>

#include <algorithm>
#include <cerrno>
#include <memory>

#include <torus/io/ready.hpp>

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

namespace torus::inline v0 {

namespace {

// Sent at once: as much as the kernel reads ahead (read_ahead_kb), so that one piece is mostly in memory, or mostly not.
constexpr std::size_t piece = 128 * 1024;  // bytes

class reading_file final : public operation {
public:
    reading_file(int file, bytes_span into, std::uint64_t at) noexcept
        : operation(verb::read, file, into.data(), into.size(), 0, at) {}
    std::size_t await_resume() { return count("pread"); }
};

/// Whether the byte can be had without waiting for the disk.
bool is_in_memory(int file, std::uint64_t at) noexcept {
    char byte = 0;
    const iovec room{&byte, 1};
    return ::preadv2(file, &room, 1, static_cast<off_t>(at), RWF_NOWAIT) >= 0;
}

/// One file on its way.
class file_transfer {
public:
    file_transfer(stream& to, int file) noexcept : to_(to), file_(file) {}

    /// Sends some of the next `count` bytes; 0 at the end of the file.
    async<std::size_t> send_some(std::uint64_t offset, std::size_t count) {
        if (by_kernel_ && is_in_memory(file_, offset) && is_in_memory(file_, offset + count - 1)) {
            // What the stream has not sent yet goes first.
            co_await to_.flush();
            if (const ssize_t sent = co_await send_by_kernel(offset, count); sent >= 0)
                co_return static_cast<std::size_t>(sent);
            by_kernel_ = false;  // not from this file, or not into this socket
        }
        co_return co_await copy(offset, count);
    }

private:
    /// A socket that may be asked again, when it would block.
    static bool is_askable(int socket) noexcept {
        const int flags = socket < 0 ? -1 : ::fcntl(socket, F_GETFL);
        return flags >= 0 && (flags & O_NONBLOCK) != 0;
    }

    /// -1 if the kernel does not do that.
    async<ssize_t> send_by_kernel(std::uint64_t offset, std::size_t count) {
        for (;;) {
            if (to_.is_closing())
                throw connection_closed(ENOTCONN, "torus: sending a file into a stream that is closed");
            const int socket = to_.below().socket();
            co_await writable(socket);
            auto from = static_cast<off_t>(offset);
            const ssize_t sent = ::sendfile(socket, file_, &from, count);
            if (sent >= 0) co_return sent;
            if (errno == EINVAL || errno == ENOSYS || errno == EOVERFLOW) co_return -1;
            if (errno != EAGAIN && errno != EINTR) throw_errno(errno, "sendfile");
        }
    }

    async<std::size_t> copy(std::uint64_t offset, std::size_t count) {
        if (!buffer_) buffer_ = std::make_unique_for_overwrite<std::byte[]>(piece);
        const std::size_t size = co_await reading_file(file_, bytes_span(buffer_.get(), count), offset);
        if (size > 0) co_await to_.write(bytes_view(buffer_.get(), size));
        co_return size;
    }

    stream& to_;
    int file_;
    bool by_kernel_ = is_askable(to_.below().socket());
    std::unique_ptr<std::byte[]> buffer_;
};

}  // namespace

async<std::uint64_t> send_file(stream& to, int file, std::uint64_t offset, std::uint64_t count) {
    if (to.is_closing()) throw connection_closed(ENOTCONN, "torus: sending a file into a stream that is closed");
    file_transfer transfer(to, file);
    std::uint64_t sent = 0;
    while (sent < count) {
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(count - sent, piece));
        const std::size_t moved = co_await transfer.send_some(offset + sent, wanted);
        if (moved == 0) break;
        sent += moved;
    }
    co_return sent;
}

}  // namespace torus::inline v0
