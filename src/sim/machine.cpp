// src/sim/machine.cpp: a host's clock, its kernel, and the order of its tasks.
#include "sim/machine.hpp"

#include <cstdint>

namespace torus::inline v0::sim {

namespace {

constexpr duration::rep second = 1'000'000'000;
constexpr duration::rep most_seconds = 9'000'000'000;  // of the world: time ends not long after

/// A kernel on the wire of a world, which knows the names of its hosts.
class world_backend final : public kernel_backend {
public:
    world_backend(std::shared_ptr<wire> on, int host, std::shared_ptr<disk> with, bool real_threads,
                  const std::string& hosts)
        : kernel_backend(std::move(on), host, std::move(with), real_threads), hosts_(hosts) {}
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
    if (!kernel_) kernel_ = std::make_shared<world_backend>(wire_, number, disk_, real_threads_, hosts_);
    return kernel_;
}

std::size_t machine::choose(std::span<const std::uint64_t> ready) noexcept {
    const std::size_t chosen = order_.choose(ready);
    wire_->history().note(wire_->events().now(), trace::kind::step, number, ready[chosen]);
    return chosen;
}

void machine::close_all() noexcept {
    if (kernel_) kernel_->close_all();
}

void machine::lose_power() noexcept {
    if (kernel_) kernel_->cut_off();
    kernel_.reset();
    disk_->lose_power();
}

void machine::set_paused(bool paused) {
    is_paused = paused;
    if (kernel_) kernel_->set_paused(paused);
}

void machine::silence() noexcept {
    if (kernel_) kernel_->silence();
}

time_point machine::local(time_point world) const noexcept {
    return world + ahead_ + gain_in(world - simulated_beginning, drift_);
}

/// The first moment at which it is so late there. The quotient misses it by a nanosecond or two, since divisions round.
time_point machine::in_world(time_point local_time) const noexcept {
    if (local_time == time_point::min() || local_time == time_point::max()) return local_time;
    const duration::rep there = (local_time - ahead_ - simulated_beginning).count();
    const duration::rep rate = second + drift_.count();  // its nanoseconds in a second of the world
    if (there / rate >= most_seconds) return time_point::max();
    time_point found = simulated_beginning + duration(there / rate * second + there % rate * second / rate);
    while (local(found) < local_time) found += duration(1);
    while (local(found - duration(1)) >= local_time) found -= duration(1);
    return found;
}

time_point machine::due() const noexcept {
    if (!guest || is_paused) return time_point::max();
    return in_world(guest->next_deadline());
}

guest_options machine::loop_options() const noexcept {
    return {.world = this, .blocked_after = duration::zero()};  // steps of other hosts are no fault of its own
}

}  // namespace torus::inline v0::sim
