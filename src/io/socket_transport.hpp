// src/io/socket_transport.hpp: a connected stream socket under a stream.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <torus/io/transport.hpp>

namespace torus::inline v0 {

class socket_transport_node;

/// The open sockets of somebody who wants to know them all, a server. The list neither owns nor allocates.
class socket_list {
public:
    socket_list() noexcept = default;
    socket_list(const socket_list&) = delete;
    socket_list& operator=(const socket_list&) = delete;

    bool empty() const noexcept { return !first_; }
    void add(socket_transport_node& socket) noexcept;

    /// Tells every handler that its client sends no more, and lets it answer.
    void end_reading() noexcept;
    void abort_all() noexcept;

protected:
    /// The sockets stay open, and are nobody's any more.
    ~socket_list();

    /// The last socket has been closed.
    virtual void emptied() noexcept = 0;

private:
    friend class socket_transport_node;
    socket_transport_node* first_ = nullptr;
};

/// A transport whose bytes are those of a socket.
class socket_transport_node final : public transport {
public:
    socket_transport_node(torus::descriptor socket, const address& peer) noexcept;
    ~socket_transport_node() override { close(); }

    async<std::size_t> read(bytes_span into) override;
    async<std::size_t> write(std::span<const bytes_view> pieces) override;
    std::size_t try_write(std::span<const bytes_view> pieces) override;
    async<> shut_down() override;
    void close() noexcept override;
    void abort() noexcept override;
    int socket() const noexcept override { return socket_.number(); }
    address peer() const override;
    address local() const override;

private:
    friend class socket_list;

    torus::descriptor socket_;
    // The peer's IP address; the kernel forgets it with the connection. A whole `address` would be four times as large.
    std::array<char, 28> peer_;
    std::uint8_t peer_size_ = 0;
    socket_list* list_ = nullptr;
    socket_transport_node* next_ = nullptr;
    socket_transport_node* previous_ = nullptr;
};

}  // namespace torus::inline v0
