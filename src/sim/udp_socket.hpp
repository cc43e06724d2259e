// src/sim/udp_socket.hpp: datagrams, which may be lost.
#pragma once

#include <deque>
#include <set>

#include "sim/packet.hpp"
#include "sim/socket.hpp"

namespace torus::inline v0::sim {

class udp_socket final : public socket {
public:
    udp_socket(kernel& of, int domain) noexcept;

    int bind(const address& at) override;
    int connect(const address& to) override;
    std::int32_t receive(std::span<const iovec> into, int flags, address& from) override;
    std::int32_t send(std::span<const iovec> pieces, const address& to) override;
    int shut_down(int how) override;
    void close() override;
    unsigned events() const override;
    int set_option(int level, int option, std::span<const std::byte> value) override;
    int get_option(int level, int option, int& value) override;

    /// Whether a datagram for that address, from there, is this socket's.
    bool wants(const packet& p) const;
    void arrived(const packet& p);

private:
    std::deque<packet> in_;
    std::size_t held_ = 0;  // bytes in it
    std::set<address> groups_;
    int error_ = 0;
};

}  // namespace torus::inline v0::sim
