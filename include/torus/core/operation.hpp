// torus/core/operation.hpp: one request to the world outside, one signed number back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <torus/core/waiter.hpp>

namespace torus::inline v0 {

/// What is asked of the kernel, in io_uring's words. Every backend knows all of them.
enum class verb : std::uint8_t {
    nop,         // completes with 0
    read,        // pread(2) at `offset`, or read(2) where offset is `current_position`
    write,       // pwrite(2) or write(2) likewise
    receive,     // recv(2) with `flags`
    send,        // send(2) with `flags` | MSG_NOSIGNAL
    receive_message,  // recvmsg(2): `address` is a msghdr
    send_message,     // sendmsg(2): `address` is a msghdr
    accept,      // accept4(2), close-on-exec and non-blocking: a new descriptor
    connect,     // connect(2): `address`/`length` are the sockaddr
    poll,        // poll(2): `flags` are the events awaited; those that came
    arrival,     // poll(2) for bytes, an end or an error, where nobody but this loop receives; `flags` are POLLIN
    open,        // openat(2): `descriptor` is the directory, `address` the path, `flags`, `offset` the mode
    sync,        // fsync(2), or fdatasync(2) where flags is 1
    status,      // statx(2): `address` the path, `second` the struct statx, `length` the mask
    allocate,    // fallocate(2): `flags` the mode, `offset` and `length` the bytes
    unlink,      // unlinkat(2): `address` the path; `flags`
    make_directory,  // mkdirat(2): `address` the path, `offset` the mode
    rename,  // renameat2(2): `address` from the directory `descriptor`, `second` in the directory `offset`; `flags`
    link,  // linkat(2) likewise
    symbolic_link,  // symlinkat(2): `address` the target, `second` the link in the directory `descriptor`
    close,  // close(2), after what is in flight on `descriptor` has ended, as with backend::close. Can't be cancelled
};

inline constexpr std::uint64_t current_position = ~std::uint64_t{0};

/// One request to a backend: what is asked, the waiter that waits for it, and the answer.
///
/// Its address makes the whole trip: it goes to the kernel and comes back with the completion. It lives in the frame
/// that awaits it, which therefore is never destroyed while the operation is in flight.
///
/// A leaf awaitable is a class of two functions:
///
///     class [[nodiscard]] reading final : public operation {
///     public:
///         reading(int fd, std::span<std::byte> into) noexcept : operation(verb::receive, fd, into.data(), into.size()) {}
///         std::size_t await_resume() { return count("recv"); }
///     };
class operation : public waiter {
public:
    operation(verb asked, int on, const void* at = nullptr, std::size_t bytes = 0, std::uint32_t with = 0,
              std::uint64_t from = current_position) noexcept
        : waiter(wait_kind::operation), what(asked), flags(with), descriptor(on), length(bytes),
          address(const_cast<void*>(at)), offset(from) {}
    operation(operation&& idle) noexcept = default;

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h);

    /// For awaitables whose errors are values: the count, or a negative errno. Throws only `cancelled_error`.
    std::int32_t outcome() {
        end_wait();
        return result;
    }

    verb what;
    std::uint32_t flags;
    int descriptor;
    std::int32_t result = 0;  // a count or a descriptor, or a negative errno
    std::size_t length;
    void* address;
    void* second = nullptr;
    std::uint64_t offset;

    /// Free for the backend that has the operation: how it links and marks what is in flight.
    struct backend_part {
        operation* next = nullptr;
        union {
            operation* previous = nullptr;
            void* carrier;  // while it is in no list, but on its way by other means
        };
        std::uint32_t state = 0;
        std::uint32_t moved = 0;  // bytes, by a transfer that wants all of them
    } in_backend;

protected:
    ~operation() = default;

    /// The count, or what the kernel reported, thrown: the one place where errno becomes an exception.
    ///
    /// @throws cancelled_error   the task was cancelled, and the operation had no effect
    /// @throws connection_closed EPIPE, ECONNRESET, or the descriptor was closed by this process during the operation
    /// @throws std::system_error everything else
    std::size_t count(const char* call) {
        if (is_cancelled() || result < 0) [[unlikely]]
            fail(call);
        return static_cast<std::size_t>(result);
    }

private:
    void cancel() noexcept override;
    [[noreturn]] void fail(const char* call);

    friend class event_loop;
    bool cancel_requested_ = false;  // by its task; then -ECANCELED means cancelled
};

/// Throws what a negative errno means: `connection_closed` or `std::system_error`, naming the call.
[[noreturn]] void throw_errno(int error, const std::string& what);

}  // namespace torus::inline v0
