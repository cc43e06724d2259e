// src/sim/network.hpp: what lies between simulated hosts, and between a host and itself.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <random>
#include <utility>

#include <torus/sim/network.hpp>

#include "sim/agenda.hpp"
#include "sim/packet.hpp"

namespace torus::inline v0::sim {

class host;

/// Carries packets, when they are due, unless they are lost. What chance decides, one seed decides.
class wire {
public:
    explicit wire(std::shared_ptr<const network_options> options)
        : options_(std::move(options)), chance_(options_->seed) {}

    agenda& events() noexcept { return events_; }
    time_point next_event() const noexcept { return events_.next(); }
    void join(host& one) noexcept { only_ = &one; }

    /// Never delivers before the current turn is over: who sends is in the middle of something.
    void send(packet p);

    /// How many of `most` bytes move at once: all, or, with split reads and writes, sometimes fewer.
    std::size_t portion(std::size_t most);

    /// A call into the simulated kernel. What is due has happened before it, and what it sends is delivered after it.
    class turn {
    public:
        explicit turn(wire& of);
        ~turn();
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;

    private:
        wire& wire_;
    };

private:
    bool happens(double probability);
    void deliver_all();

    const std::shared_ptr<const network_options> options_;  // which may change
    std::mt19937_64 chance_;
    agenda events_;
    std::deque<packet> arriving_;
    host* only_ = nullptr;
    int depth_ = 0;
};

}  // namespace torus::inline v0::sim
