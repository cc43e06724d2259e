// src/sim/unix_socket.hpp: sockets within one simulated host.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "sim/socket.hpp"

namespace torus::inline v0::sim {

/// A Unix socket of any type: a queue of messages, which those of SOCK_STREAM run together.
class unix_socket final : public socket {
public:
    unix_socket(kernel& of, int type) noexcept;

    int bind(const address& at) override;
    int listen(int backlog) override;
    int connect(const address& to) override;
    std::shared_ptr<socket> accept(int& error) override;
    std::int32_t receive(std::span<const iovec> into, int flags, address& from) override;
    std::int32_t send(std::span<const iovec> pieces, const address& to) override;
    int shut_down(int how) override;
    void close() override;
    unsigned events() const override;
    bool is_connected() const noexcept override { return was_connected_ || peer().size() > 0; }
    int get_option(int level, int option, int& value) override;

    static void join(unix_socket& one, unix_socket& other);
    bool has_peer(const unix_socket& other) const noexcept { return peer_socket_.lock().get() == &other; }
    void notice() { changed(); }  // its peer has changed

private:
    struct message {
        std::string data;
        address from;
    };
    bool is_datagram() const noexcept;
    bool is_stream() const noexcept;
    bool has_room() const noexcept;
    std::int32_t put(unix_socket& into, std::span<const iovec> pieces);
    std::int32_t take_from_stream(std::span<const iovec> into, bool peeks);
    int find(const address& at, std::shared_ptr<unix_socket>& found) const;

    std::weak_ptr<unix_socket> peer_socket_;
    std::deque<message> in_;
    std::size_t held_ = 0;  // bytes in it
    bool is_listening_ = false;
    bool was_connected_ = false;
    bool reading_shut_ = false;  // by either side
    bool writing_shut_ = false;
    bool is_closed_ = false;
    int error_ = 0;
    std::size_t backlog_ = 0;
    std::deque<std::shared_ptr<unix_socket>> accepted_;
};

}  // namespace torus::inline v0::sim
