// tests/core/backend_support.hpp: operations, and descriptors to do them on, for the contract of the backends.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <torus/testing/test.hpp>

#include <poll.h>

namespace torus::inline v0::testing {

/// One operation whose errors are values.
class performing final : public operation {
public:
    using operation::operation;
    std::int32_t await_resume() { return outcome(); }
};

inline performing receiving(int descriptor, std::span<char> into, std::uint32_t flags = 0) {
    return {verb::receive, descriptor, into.data(), into.size(), flags};
}
inline performing sending(int descriptor, std::string_view bytes, std::uint32_t flags = 0) {
    return {verb::send, descriptor, bytes.data(), bytes.size(), flags};
}
inline performing reading(int descriptor, std::span<char> into, std::uint64_t offset = current_position) {
    return {verb::read, descriptor, into.data(), into.size(), 0, offset};
}
inline performing writing(int descriptor, std::string_view bytes, std::uint64_t offset = current_position) {
    return {verb::write, descriptor, bytes.data(), bytes.size(), 0, offset};
}
inline performing accepting(int listener) { return {verb::accept, listener}; }
inline performing arriving(int socket) { return {verb::arrival, socket, nullptr, 0, POLLIN}; }
inline performing polling(int descriptor, std::uint32_t events) { return {verb::poll, descriptor, nullptr, 0, events}; }

/// An operation as a coroutine, to make a task of.
async<std::int32_t> receive_into(int descriptor, std::span<char> into, std::uint32_t flags = 0);
async<std::int32_t> send_all_of(int descriptor, std::string_view bytes, std::uint32_t flags = 0);
async<std::int32_t> accept_from(int listener);
async<std::int32_t> poll_for(int descriptor, std::uint32_t events);
async<std::int32_t> await_arrival(int socket);

inline backend& world() { return event_loop::current().world(); }

/// Skips a test that needs a kernel, on the backend that has none.
bool without_kernel();

/// Owns a descriptor; closes it through the backend, as a stream does.
class owned_descriptor {
public:
    explicit owned_descriptor(int descriptor = -1) noexcept : descriptor_(descriptor) {}
    owned_descriptor(owned_descriptor&& other) noexcept : descriptor_(other.release()) {}
    owned_descriptor& operator=(owned_descriptor&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~owned_descriptor() { close(); }

    int get() const noexcept { return descriptor_; }
    int release() noexcept { return std::exchange(descriptor_, -1); }
    void close() noexcept {
        if (descriptor_ >= 0) world().close(release());
    }

private:
    int descriptor_;
};

struct connection {
    owned_descriptor here;
    owned_descriptor there;
};

/// Two connected sockets, non-blocking: Unix or TCP.
connection make_pair();
connection make_tcp_pair();

/// A pipe: `here` is read, `there` written.
connection make_pipe(int flags);

/// A TCP listener on a free port of the loopback interface, and connecting to it.
owned_descriptor make_listener(int backlog = 128);
owned_descriptor connected_to(const owned_descriptor& listener);

/// An empty file that is gone when it is closed.
owned_descriptor make_file();

/// Open descriptors of this process.
std::size_t descriptor_count();

/// Fills the socket's buffers until nothing more goes in; returns how much did.
std::size_t fill(int descriptor);

/// Reads until nothing is left for now.
std::string drain(int descriptor);

/// Lets tasks run, and the kernel be entered, `passes` times.
async<> let_kernel_run(int passes = 3);

}  // namespace torus::inline v0::testing
