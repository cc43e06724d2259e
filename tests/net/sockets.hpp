// tests/net/sockets.hpp: listeners that accept nobody, ports where nobody listens, and what is open in this process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <torus/io/address.hpp>
#include <torus/io/descriptor.hpp>
#include <torus/testing/test.hpp>

namespace torus::testing {

/// A listening socket of plain system calls. It accepts nobody by itself.
class bare_listener {
public:
    /// @throws std::system_error
    explicit bare_listener(const address& at, int backlog = 16);

    const address& where() const noexcept { return where_; }

    /// Accepts a client that is there already or comes soon. Call it on a thread, if none is there.
    descriptor accept();

private:
    descriptor socket_;
    address where_;
};

/// A listener whose queue is full: the kernel drops what else comes, so that connecting to it takes for ever.
class deaf_listener {
public:
    explicit deaf_listener(std::string_view host = "127.0.0.1", std::uint16_t port = 0);
    const address& where() const noexcept { return listener_.where(); }

private:
    bare_listener listener_;
    std::vector<descriptor> queued_;
};

/// An address where nobody listens: the kernel refuses who connects.
address refusing(std::string_view host = "127.0.0.1");

/// Descriptors that are open in this process.
std::size_t open_descriptors();

/// A number that an option of a socket has.
int option_of(int socket, int level, int option);

/// The descriptor of the socket that listens there, wherever in this process it is.
std::optional<int> listening_descriptor(const address& at);

/// While it lives this process can open no descriptor; those that are open go on working.
class no_descriptors_left {
public:
    no_descriptors_left();
    ~no_descriptors_left();
    no_descriptors_left(const no_descriptors_left&) = delete;
    no_descriptors_left& operator=(const no_descriptors_left&) = delete;

private:
    std::uint64_t former_;
};

}  // namespace torus::testing
