// src/io/pipe.cpp: reading and writing pipes and their kin with the kernel.
#include <torus/io/pipe.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <torus/core/loop.hpp>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace torus::inline v0 {

namespace {

// A pipe holds no more, however large it is made (/proc/sys/fs/pipe-max-size); a result must fit into 32 bits.
constexpr std::size_t most_at_once = std::size_t{1024} * 1024;  // bytes

/// A read or write, or what stands for it where the descriptor is a socket's: those wait without being non-blocking.
class transferring final : public operation {
public:
    transferring(verb asked, int on, const void* at, std::size_t bytes) noexcept : operation(asked, on, at, bytes) {}
    std::size_t await_resume() { return count(call()); }

    /// Transfers without waiting; nothing if it would have to wait. What is non-blocking can be asked directly, which
    /// spares a trip through the kernel's queue.
    std::optional<std::size_t> run(bool is_nonblocking) {
        if (!(is_nonblocking ? transfer_now() : event_loop::current().world().attempt(*this))) return std::nullopt;
        return count(call());
    }

private:
    bool transfer_now() noexcept {
        const ssize_t moved =
            what == verb::read ? ::read(descriptor, address, length) : ::write(descriptor, address, length);
        result = static_cast<std::int32_t>(moved < 0 ? -errno : moved);
        return result != -EAGAIN && result != -EINTR;
    }
    const char* call() const noexcept { return what == verb::read || what == verb::receive ? "read" : "write"; }
};

/// A terminal that can be opened anew. Opening the master of one would make another one.
bool is_terminal(int number) noexcept {
    unsigned int master = 0;
    return ::isatty(number) == 1 && ::ioctl(number, TIOCGPTN, &master) < 0;
}

/// One direction of a pipe_transport.
class pipe_end {
public:
    pipe_end(descriptor given, int access) : number_(std::move(given)), access_(access) {
        if (!number_) return;
        struct stat status{};
        if (::fstat(number_.number(), &status) < 0)
            throw std::system_error(errno, std::system_category(), "torus: a stream over a descriptor");
        is_socket_ = S_ISSOCK(status.st_mode);
        if (S_ISFIFO(status.st_mode) || (S_ISCHR(status.st_mode) && is_terminal(number_.number()))) separate();
    }

    explicit operator bool() const noexcept { return static_cast<bool>(number_); }
    int number() const noexcept { return number_.number(); }
    void close() noexcept { number_.close(); }

    transferring transfer(const void* at, std::size_t bytes) const noexcept {
        return {transfer_verb(), number_.number(), at, std::min(bytes, most_at_once)};
    }
    std::optional<std::size_t> try_transfer(const void* at, std::size_t bytes) const {
        return transfer(at, bytes).run(is_nonblocking_);
    }

private:
    verb transfer_verb() const noexcept {
        if (access_ == O_RDONLY) return is_socket_ ? verb::receive : verb::read;
        return is_socket_ ? verb::send : verb::write;
    }

    /// Opens the same pipe or terminal once more, non-blocking. The descriptor given shares its description with others
    /// perhaps, a shell say, which would find it non-blocking too. Where that fails, what was given serves: the backends
    /// ask poll(2) first.
    void separate() noexcept {
        const int flags = ::fcntl(number_.number(), F_GETFL);
        is_nonblocking_ = flags >= 0 && (flags & O_NONBLOCK);
        if (flags < 0 || (flags & (O_NONBLOCK | O_DIRECT)) != 0) return;
        char path[sizeof "/proc/self/fd/-2147483648"];
        std::snprintf(path, sizeof path, "/proc/self/fd/%d", number_.number());
        const int own = ::open(path, access_ | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (own < 0) return;
        number_ = descriptor(own);
        is_nonblocking_ = true;
    }

    descriptor number_;
    int access_;
    bool is_socket_ = false;
    bool is_nonblocking_ = false;  // and a pipe or terminal
};

class pipe_transport_node final : public transport {
public:
    pipe_transport_node(torus::descriptor from, torus::descriptor to)
        : in_(std::move(from), O_RDONLY), out_(std::move(to), O_WRONLY) {}

    async<std::size_t> read(bytes_span into) override {
        if (!in_) {
            require_open();
            co_return 0;
        }
        co_return co_await in_.transfer(into.data(), into.size());
    }
    std::optional<std::size_t> try_read(bytes_span into) override {
        if (in_) return in_.try_transfer(into.data(), into.size());
        require_open();
        return 0;
    }

    async<std::size_t> write(std::span<const bytes_view> pieces) override {
        require_writable();
        co_return co_await out_.transfer(pieces.front().data(), pieces.front().size());
    }
    std::size_t try_write(std::span<const bytes_view> pieces) override {
        require_writable();
        return out_.try_transfer(pieces.front().data(), pieces.front().size()).value_or(0);
    }

    /// The reader finds the end when nobody else writes to it.
    async<> shut_down() override {
        out_.close();
        co_return;
    }

    void close() noexcept override {
        is_closed_ = true;
        in_.close();
        out_.close();
    }

    int descriptor() const noexcept override { return in_ ? in_.number() : out_.number(); }

private:
    void require_open() const {
        if (is_closed_) throw connection_closed(ECANCELED, "torus: this end of the pipe was closed");
    }
    void require_writable() const {
        require_open();
        if (!out_) throw connection_closed(EPIPE, "torus: a write to what is only read from");
    }

    pipe_end in_;
    pipe_end out_;
    bool is_closed_ = false;
};

/// A duplicate, so that the original stays open when it is closed.
descriptor duplicate(int of) {
    descriptor made(::fcntl(of, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!made) throw std::system_error(errno, std::system_category(), "torus: standard input or output");
    return made;
}

}  // namespace

std::unique_ptr<transport> pipe_transport(descriptor from, descriptor to) {
    return std::make_unique<pipe_transport_node>(std::move(from), std::move(to));
}

stream_reader open_pipe_reader(descriptor from, const stream_options& options) {
    if (!from) throw std::system_error(EBADF, std::system_category(), "torus: a stream over a descriptor");
    return stream_reader(pipe_transport(std::move(from), descriptor()), options);
}

stream_writer open_pipe_writer(descriptor to, const stream_options& options) {
    if (!to) throw std::system_error(EBADF, std::system_category(), "torus: a stream over a descriptor");
    return stream_writer(pipe_transport(descriptor(), std::move(to)), options);
}

stream open_pipes(descriptor from, descriptor to, const stream_options& options) {
    if (!from || !to) throw std::system_error(EBADF, std::system_category(), "torus: a stream over a descriptor");
    return stream(pipe_transport(std::move(from), std::move(to)), options);
}

stream_reader stdin_reader(const stream_options& options) { return open_pipe_reader(duplicate(STDIN_FILENO), options); }

stream_writer stdout_writer(const stream_options& options) {
    return open_pipe_writer(duplicate(STDOUT_FILENO), options);
}

stream_writer stderr_writer(const stream_options& options) {
    return open_pipe_writer(duplicate(STDERR_FILENO), options);
}

}  // namespace torus::inline v0
