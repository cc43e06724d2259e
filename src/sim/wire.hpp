// src/sim/wire.hpp: what lies between simulated hosts, and between a host and itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <torus/sim/link.hpp>

#include "sim/agenda.hpp"
#include "sim/chance.hpp"
#include "sim/packet.hpp"
#include "sim/trace.hpp"

namespace torus::inline v0::sim {

class kernel;

/// What holds where nothing more particular is said.
struct wire_settings {
    link_options link;
    double split = 0;  // this and the next as in `network_options`
    double late = 0;
    bool to_itself = true;  // what a host sends to itself travels like the rest
};

/// One way from a host to another one.
struct way {
    std::optional<link_options> how;  // else as the settings say
    bool is_cut = false;
    bool is_held = false;
    std::deque<packet> waiting;  // while it is held
    time_point free{};  // the packet before has left
};

/// Carries packets, when they are due, unless they are lost. What chance decides, one seed decides.
class wire {
public:
    wire(std::uint64_t seed, std::shared_ptr<const wire_settings> settings)
        : settings_(std::move(settings)), luck_(seed) {}

    chance& luck() noexcept { return luck_; }

    agenda& events() noexcept { return events_; }
    time_point next_event() const noexcept { return events_.next(); }
    trace& history() noexcept { return history_; }
    const trace& history() const noexcept { return history_; }

    /// Time passes: what is due by then happens.
    void pass_to(time_point now);

    /// @{ Hosts have a number, a name and addresses; a kernel only while they are up.
    int add_host(std::string name, std::vector<address> addresses);
    bool has(const address& a) const { return hosts_.contains(a); }
    void attach(kernel& one, int host) { places_[static_cast<std::size_t>(host)].up = &one; }
    void detach(const kernel& one) noexcept;
    const std::string& name_of(int host) const { return places_[static_cast<std::size_t>(host)].name; }
    const std::vector<address>& addresses_of(int host) const {
        return places_[static_cast<std::size_t>(host)].addresses;
    }
    /// @}

    way& from_to(int from, int to) { return ways_[{from, to}]; }
    void release(int from, int to);  // what is held there, from now on nothing
    void set_rule(std::unique_ptr<packet_rule> rule) { rule_ = std::move(rule); }
    /// What the rule has thrown first, once.
    std::exception_ptr take_failure() noexcept { return std::exchange(failure_, nullptr); }

    /// Whether somebody is in the middle of something.
    bool is_busy() const noexcept { return depth_ > 0; }

    /// Never delivers before the current turn is over: who sends is in the middle of something. What a host sends that is
    /// down gets lost.
    void send(packet p, const kernel& from);

    /// How many of `most` bytes of a stream move at once.
    std::size_t portion(std::size_t most) { return luck_.portion(most, settings_->split); }

    /// Whether the ends of some operations are heard of later than they come.
    bool hears_late() const noexcept { return settings_->late > 0; }
    /// How much later; mostly zero.
    duration delay();

    /// A call into a simulated kernel: what it sends is delivered after it.
    class turn {
    public:
        explicit turn(wire& of) noexcept : wire_(of) { ++wire_.depth_; }
        ~turn();
        turn(const turn&) = delete;
        turn& operator=(const turn&) = delete;

    private:
        wire& wire_;
    };

private:
    struct place {
        std::string name;
        std::vector<address> addresses;
        kernel* up = nullptr;
    };
    struct arrival {
        int to = 0;
        packet what;
    };

    void carry(packet p, int from, int to);
    void launch(packet p, way& on, int to, duration later);
    const link_options& options_of(const way& of) const noexcept { return of.how ? *of.how : settings_->link; }
    void deliver_all();
    verdict judge(const packet& p, int from, int to) noexcept;
    passing_packet describe(const packet& p, int from, int to) const;

    const std::shared_ptr<const wire_settings> settings_;  // which may change
    chance luck_;
    agenda events_;
    trace history_;
    std::vector<place> places_;
    std::map<address, int> hosts_;  // by their addresses
    std::map<std::pair<int, int>, way> ways_;
    std::unique_ptr<packet_rule> rule_;
    std::exception_ptr failure_;
    std::deque<arrival> arriving_;
    int depth_ = 0;
};

}  // namespace torus::inline v0::sim
