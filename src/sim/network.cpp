// src/sim/network.cpp: when packets arrive, and whether they do.
#include "sim/network.hpp"

#include <cstdint>
#include <utility>

#include "sim/host.hpp"

namespace torus::inline v0::sim {

wire::turn::turn(wire& of) : wire_(of) {
    if (wire_.depth_++ == 0) wire_.events_.pass_to(clock::now());
}

wire::turn::~turn() {
    if (wire_.depth_ == 1) wire_.deliver_all();
    --wire_.depth_;
}

/// Not one of the standard's distributions: those differ from library to library.
bool wire::happens(double probability) {
    if (probability <= 0) return false;
    return static_cast<double>(chance_() >> 11) * 0x1p-53 < probability;
}

std::size_t wire::portion(std::size_t most) {
    if (most < 2 || !happens(options_->split)) return most;
    return happens(0.5) ? 1 : 1 + static_cast<std::size_t>(chance_() % most);
}

void wire::send(packet p) {
    if (happens(options_->loss)) return;
    duration latency = options_->latency;
    const duration spread = options_->most_latency - latency;
    if (spread > duration::zero())
        latency += duration(static_cast<duration::rep>(chance_() % (static_cast<std::uint64_t>(spread.count()) + 1)));
    if (latency <= duration::zero()) {
        arriving_.push_back(std::move(p));
        return;
    }
    events_.add(events_.now() + latency, [this, p = std::move(p)]() mutable { arriving_.push_back(std::move(p)); });
}

void wire::deliver_all() {
    while (!arriving_.empty()) {
        const packet first = std::move(arriving_.front());
        arriving_.pop_front();
        only_->arrived(first);
    }
}

}  // namespace torus::inline v0::sim
