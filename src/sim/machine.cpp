// src/sim/machine.cpp: a host's clock, its kernel, and the order of its tasks.
#include "sim/machine.hpp"

#include <algorithm>
#include <cstdint>

namespace torus::inline v0::sim {

namespace {

constexpr duration::rep second = 1'000'000'000;

/// A kernel on the wire of a world, which knows the names of its hosts.
class world_backend final : public kernel_backend {
public:
    world_backend(std::shared_ptr<wire> on, int host, const std::string& hosts)
        : kernel_backend(std::move(on), host), hosts_(hosts) {}
    const std::string* hosts() const noexcept override { return &hosts_; }
    bool shares_time() const noexcept override { return true; }

private:
    const std::string& hosts_;
};

/// What a clock gains in `span`, without losing digits to the product.
duration gain_in(duration span, duration drift) noexcept {
    const duration::rep whole = span.count() / second;
    const duration::rep rest = span.count() % second;
    return duration(whole * drift.count() + rest * drift.count() / second);
}

}  // namespace

std::shared_ptr<backend> machine::make_backend() const {
    if (!kernel_) kernel_ = std::make_shared<world_backend>(wire_, number, hosts_);
    return kernel_;
}

std::size_t machine::choose(std::span<const std::uint64_t> ready) noexcept {
    const std::size_t chosen = shuffled_ && ready.size() > 1 ? wire_->pick(ready.size()) : 0;
    wire_->history().note(wire_->events().now(), trace::kind::step, number, ready[chosen]);
    return chosen;
}

void machine::close_all() noexcept {
    if (kernel_) kernel_->close_all();
}

void machine::lose_power() noexcept {
    if (kernel_) kernel_->cut_off();
    kernel_.reset();
}

time_point machine::local(time_point world) const noexcept {
    return world + ahead_ + gain_in(world - simulated_beginning, drift_);
}

/// The first moment at which it is so late there.
time_point machine::in_world(time_point local_time) const noexcept {
    if (local_time == time_point::min() || local_time == time_point::max()) return local_time;
    if (drift_ == duration::zero()) return local_time - ahead_;
    time_point guess = local_time - ahead_;
    guess -= gain_in(guess - simulated_beginning, drift_);  // too far by what is gained in the gain, and so on
    for (duration off = local(guess) - local_time; off != duration::zero(); off = local(guess) - local_time) {
        if (off > duration::zero() && local(guess - duration(1)) < local_time) break;
        guess -= off > duration::zero() ? std::max(off / 2, duration(1)) : std::min(off / 2, duration(-1));
    }
    return guess;
}

time_point machine::due() const noexcept {
    if (!guest || is_paused) return time_point::max();
    return in_world(guest->next_deadline());
}

guest_options machine::loop_options() const noexcept {
    return {.world = this, .blocked_after = duration::zero()};  // steps of other hosts are no fault of its own
}

}  // namespace torus::inline v0::sim
