// src/sim/world.cpp: what a scenario asks of its world, and of the hosts there.
#include <torus/sim/world.hpp>

#include <stdexcept>
#include <utility>

#include "sim/driver.hpp"

namespace torus::inline v0::sim {

world::world(const world_options& options) : driver_(std::make_unique<world_driver>(options)) {}

world::~world() = default;

host& world::add(std::string name, std::unique_ptr<program> runs, const host_options& options) {
    return driver_->add(std::move(name), std::move(runs), options);
}

void world::set_link(const host& a, const host& b, const link_options& how) {
    set_link_one_way(a, b, how);
    set_link_one_way(b, a, how);
}

void world::set_link_one_way(const host& from, const host& to, const link_options& how) {
    driver_->way_between(from, to).how = how;
}

void world::partition(const host& a, const host& b) {
    partition_one_way(a, b);
    partition_one_way(b, a);
}

void world::partition_one_way(const host& from, const host& to) { driver_->way_between(from, to).is_cut = true; }

void world::repair(const host& a, const host& b) {
    driver_->way_between(a, b).is_cut = false;
    driver_->way_between(b, a).is_cut = false;
}

void world::hold(const host& a, const host& b) {
    driver_->way_between(a, b).is_held = true;
    driver_->way_between(b, a).is_held = true;
}

void world::release(const host& a, const host& b) { driver_->release(a, b); }

void world::set_rule(std::unique_ptr<packet_rule> rule) { driver_->network().set_rule(std::move(rule)); }

guest_options world::options_of_scenario() const { return driver_->scenario().loop_options(); }

void world::drive(guest_loop& scenario) { driver_->drive(scenario); }

std::uint64_t world::random(std::uint64_t bound) {
    if (bound == 0) throw std::invalid_argument("torus: there is no number below zero");
    return driver_->network().luck().below(bound);
}

std::uint64_t world::figure() const noexcept { return driver_->network().history().figure(); }

void world::record() noexcept { driver_->network().history().keep_figures(); }

const std::vector<std::uint64_t>& world::figures() const noexcept { return driver_->network().history().figures(); }

std::string world::report() const { return driver_->report(); }

// ------------------------------------------------------------------------------------------------------------------

host::host(world_driver& in, std::unique_ptr<machine> of) : world_(in), machine_(std::move(of)) {}

host::~host() = default;

const std::string& host::name() const noexcept { return world_.network().name_of(machine_->number); }

address host::ip(std::uint16_t port, address_family family) const {
    for (const address& each : world_.network().addresses_of(machine_->number))
        if (family == address_family::none || each.family() == family) return each.with_port(port);
    return {};
}

bool host::is_up() const noexcept { return machine_->guest != nullptr; }

void host::start() { world_.start(*machine_); }

void host::stop() { world_.end(*machine_, ending::stop); }

void host::kill() { world_.end(*machine_, ending::kill); }

void host::crash() { world_.end(*machine_, ending::crash); }

void host::set_disk(const disk_options& options) noexcept { machine_->set_disk(options); }

void host::pause() {
    if (machine_->is_paused) return;
    machine_->set_paused(true);
    world_.note(trace::kind::paused, *machine_);
}

void host::resume() {
    if (!machine_->is_paused) return;
    machine_->set_paused(false);
    world_.note(trace::kind::resumed, *machine_);
}

async<> host::ended() {
    const std::uint64_t run = machine_->starts;
    while (is_up() && machine_->starts == run) co_await machine_->has_ended.wait();
}

event_loop& host::loop() const {
    if (!is_up()) throw invalid_state_error("torus: no program runs on host '" + name() + "'");
    return machine_->guest->loop();
}

}  // namespace torus::inline v0::sim
