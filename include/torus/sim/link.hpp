// torus/sim/link.hpp: how packets travel in a simulated network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <torus/core/clock.hpp>
#include <torus/io/address.hpp>

namespace torus::inline v0::sim {

/// How packets travel from one host to another.
struct link_options {
    duration latency = duration::zero();  // of a packet
    duration most_latency = duration::zero();  // anything between the two; packets may overtake each other
    double loss = 0;  // the share of packets that get lost
    double duplication = 0;  // the share of packets that come twice
    std::uint64_t bandwidth = 0;  // bytes that leave in a second, headers included; what is more waits. 0: any number
};

/// A packet that is about to leave, for rules: see `world::set_rule`.
struct passing_packet {
    std::string_view from;  // hosts
    std::string_view to;
    address source;
    address destination;
    bool is_tcp = false;
    bool syn = false;  // of TCP: it begins a connection
    bool fin = false;  // ends a direction
    bool rst = false;  // ends it all
    std::size_t size = 0;  // bytes that a program has sent
};

/// What becomes of a packet, beside what the link makes of it.
struct verdict {
    bool is_lost = false;
    duration later = duration::zero();  // than otherwise
};

/// Who decides about packets. A function does for most.
class packet_rule {
public:
    virtual ~packet_rule() = default;
    virtual verdict judge(const passing_packet& packet) = 0;
};

template <class Function> class function_rule final : public packet_rule {
public:
    explicit function_rule(Function function) : function_(std::move(function)) {}
    verdict judge(const passing_packet& packet) override { return function_(packet); }

private:
    Function function_;
};

}  // namespace torus::inline v0::sim
