// src/sim/packet.hpp: what travels between simulated hosts.
#pragma once

#include <cstdint>
#include <string>

#include <torus/io/address.hpp>

namespace torus::inline v0::sim {

/// A segment of TCP (RFC 9293), or a datagram of UDP. Sequence numbers count from 0 and never wrap.
struct packet {
    enum class kind : std::uint8_t { segment, datagram, unreachable };  // the last: no socket for a datagram there

    kind what = kind::segment;
    bool syn = false;
    bool ack = false;
    bool fin = false;
    bool rst = false;
    address from;
    address to;
    std::uint64_t sequence = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t window = 0;  // bytes that the sender has room for, from `acknowledged` on
    std::string data;
};

}  // namespace torus::inline v0::sim
