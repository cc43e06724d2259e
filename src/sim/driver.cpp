// src/sim/driver.cpp: whose turn it is, and how late.
#include "sim/driver.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

#include <torus/core/defer.hpp>
#include <torus/core/run.hpp>

#include "core/outside_of_loops.hpp"
#include "sim/words.hpp"

#include <poll.h>

namespace torus::inline v0::sim {

namespace {

// So many turns in which no time passes are no longer work that comes to an end. A turn resumes 64 coroutines or so.
constexpr std::size_t most_turns_at_once = 200'000;

constexpr int most_hosts = 254;  // 10.0.0.1 and so on
constexpr duration most_drift = std::chrono::milliseconds(500);  // in a second

/// Says whose mistake it was.
class naming_errors final : public error_handler {
public:
    explicit naming_errors(std::string name) : name_(std::move(name)) {}
    void handle(const error_context& context) override {
        error_context named = context;
        named.message = "host '" + name_ + "': " + context.message;
        event_loop::default_exception_handler(named);
    }

private:
    const std::string name_;
};

std::vector<address> addresses_of(int number, const host_options& options) {
    if (!options.address) {
        const std::string last = std::to_string(number);
        return {address::ip("10.0.0." + last, 0).value(), address::ip("fd00::" + last, 0).value()};
    }
    const auto own = address::ip(options.address, 0);
    if (!own) throw std::invalid_argument("torus: '" + std::string(options.address) + "' is no address of a host");
    return {*own};
}

bool is_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= 253 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == name.npos;
}

std::exception_ptr failure_of(const std::string& name, const outcome<>& result) {
    try {
        try {
            result.value();
        } catch (...) {
            std::throw_with_nested(
                host_error("torus: the program of host '" + name + "' has failed: " + result.what()));
        }
    } catch (...) {
        return std::current_exception();
    }
    return nullptr;
}

}  // namespace

world_driver::world_driver(const world_options& options)
    : options_(options), settings_(std::make_shared<wire_settings>(wire_settings{
                             .link = options.link, .split = options.split, .late = options.late, .to_itself = false})),
      wire_(std::make_shared<wire>(options.seed, settings_)),
      scenario_(wire_, wire_->add_host("the scenario", {}), {}, hosts_, options_), machines_{&scenario_} {}

/// Programs that still run are ended as by a power failure.
world_driver::~world_driver() {
    for (const auto& each : all_) end(*each->machine_, ending::crash);
}

host& world_driver::add(std::string name, std::unique_ptr<program> runs, const host_options& options) {
    const int number = static_cast<int>(all_.size()) + 1;
    if (number > most_hosts) throw std::invalid_argument("torus: a world has no more than 254 hosts");
    if (!is_name(name))
        throw std::invalid_argument("torus: '" + name + "' is no name of a host: use a-z, 0-9, - and .");
    if (options.drift > most_drift || options.drift < -most_drift)
        throw std::invalid_argument("torus: the clock of host '" + name + "' drifts by more than half of the time");
    for (const auto& each : all_)
        if (each->name() == name) throw std::invalid_argument("torus: there is a host '" + name + "' already");
    const std::vector<address> addresses = addresses_of(number, options);
    for (const address& each : addresses)
        if (wire_->has(each)) throw std::invalid_argument("torus: another host has the address " + each.host());
    add_name(name, addresses);
    wire_->add_host(name, addresses);
    auto one = std::make_unique<host>(*this, std::make_unique<machine>(wire_, number, options, hosts_, options_));
    one->machine_->runs = std::move(runs);
    machines_.push_back(one->machine_.get());
    all_.push_back(std::move(one));
    return *all_.back();
}

void world_driver::add_name(std::string_view name, const std::vector<address>& addresses) {
    for (const address& each : addresses) hosts_ += each.host() + " " + std::string(name) + "\n";
}

way& world_driver::way_between(const host& from, const host& to) {
    return wire_->from_to(from.machine_->number, to.machine_->number);
}

void world_driver::release(const host& a, const host& b) {
    wire_->release(a.machine_->number, b.machine_->number);
    wire_->release(b.machine_->number, a.machine_->number);
}

// ------------------------------------------------------------------------------------------------------------------
// Programs

void world_driver::start(machine& one) {
    if (one.guest) throw invalid_state_error("torus: the program of host '" + wire_->name_of(one.number) + "' runs");
    const outside_of_loops here;
    one.result.reset();
    one.owned = std::make_unique<guest_loop>(
        one.runs->begin(), [&one](outcome<> how) { one.result.emplace(std::move(how)); }, one.loop_options());
    one.guest = one.owned.get();
    one.set_paused(false);
    ++one.starts;
    event_loop& loop = one.guest->loop();
    loop.set_chooser(&one);
    loop.set_error_handler(std::make_unique<naming_errors>(wire_->name_of(one.number)));
    note(trace::kind::began, one);
}

void world_driver::end(machine& one, ending how) {
    if (current_ == &one || wire_->is_busy()) {  // a crash is more than a stop
        one.wanted = std::max(how, one.wanted.value_or(how));
        return;
    }
    const outside_of_loops here;
    if (how == ending::crash) one.lose_power();
    if (!one.guest) return;
    if (how == ending::stop) {
        one.guest->pass_to(one.local(now()));
        one.guest->cancel("the host was stopped");
        return;
    }
    note(how == ending::crash ? trace::kind::crashed : trace::kind::killed, one);
    one.silence();
    one.guest->kill();
    ended(one);
}

void world_driver::ended(machine& one) {
    if (one.result && !*one.result && !one.result->cancelled() && !failure_)
        failure_ = failure_of(wire_->name_of(one.number), *one.result);
    one.guest = nullptr;
    one.owned.reset();
    one.close_all();
    one.has_ended.ring();
}

// ------------------------------------------------------------------------------------------------------------------
// Turns

void world_driver::drive(guest_loop& scenario) {
    require_no_loop();
    scenario_.guest = &scenario;
    scenario.loop().set_chooser(&scenario_);
    const defer leave{[&] {
        scenario.kill();  // where it has failed
        scenario_.guest = nullptr;
        scenario_.close_all();
    }};
    for (const auto& each : all_)
        if (each->machine_->starts == 0) start(*each->machine_);
    const time_point limit = later(now(), options_.time_limit);
    for (turns_ = 0; !scenario.done();) {
        if (!take_turn()) let_time_pass(limit);
        end_whom_was_wanted();
        rethrow_failure();
    }
}

/// What was asked of a host in the middle of its own turn, or of a packet's way.
void world_driver::end_whom_was_wanted() {
    for (machine* each : machines_)
        if (const auto how = std::exchange(each->wanted, std::nullopt)) end(*each, *how);
}

void world_driver::rethrow_failure() {
    if (std::exception_ptr of_rule = wire_->take_failure()) std::rethrow_exception(std::move(of_rule));
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
}

/// One of those that have something to do now; false if there is none.
bool world_driver::take_turn() {
    due_.clear();
    std::ranges::copy_if(machines_, std::back_inserter(due_),
                         [this](const machine* each) { return each->due() <= now(); });
    if (due_.empty()) return false;
    if (++turns_ > most_turns_at_once) give_up("time stands still: there is always something to do");
    turn(*due_[due_.size() > 1 ? wire_->luck().below(due_.size()) : 0]);
    return true;
}

void world_driver::turn(machine& one) {
    one.guest->pass_to(one.local(now()));
    current_ = &one;
    one.guest->run_once();
    current_ = nullptr;
    if (&one == &scenario_ || !one.guest->done()) return;
    note(trace::kind::ended, one);
    ended(one);
}

void world_driver::let_time_pass(time_point limit) {
    if (wait_for_threads()) return;
    time_point next = wire_->next_event();
    for (const machine* each : machines_) next = std::min(next, each->due());
    if (next == time_point::max()) give_up("nothing can happen any more");
    if (next > limit) give_up("it takes longer than the time limit");
    turns_ = 0;
    wire_->pass_to(std::max(now(), next));
}

/// Time stands still while a real thread is at work for one of the loops; but not for one that is paused, which would not hear
/// of its end. Real time does not.
bool world_driver::wait_for_threads() {
    std::vector<pollfd> wakes;
    for (const machine* each : machines_) {
        if (!each->guest || each->is_paused || each->guest->loop().jobs_away() == 0) continue;
        backend& world = each->guest->loop().world();
        if (!world.threads().are_simulated()) wakes.push_back({world.descriptor(), POLLIN, 0});
    }
    if (wakes.empty()) return false;
    ::poll(wakes.data(), wakes.size(), -1);
    return true;
}

void world_driver::give_up(std::string_view why) { throw stuck_error("torus: " + std::string(why) + "\n" + report()); }

std::string world_driver::report() {
    std::string text = "seed " + std::to_string(options_.seed) + ", " + in_seconds(now()) + " after the beginning\n";
    for (const machine* each : machines_) text += tasks_in_words(*each, wire_->name_of(each->number));
    return text + events_in_words(*wire_);
}

}  // namespace torus::inline v0::sim
