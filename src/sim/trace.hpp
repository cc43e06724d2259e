// src/sim/trace.hpp: what has happened in a simulated world: a figure for all of it, and the last of it in words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include <torus/core/clock.hpp>

#include "sim/packet.hpp"

namespace torus::inline v0::sim {

/// Notes what decides how a run goes on. Two runs that do the same have the same figure.
class trace {
public:
    enum class kind : std::uint8_t {
        step,  // a coroutine of a task is resumed on a host
        sent,  // a packet
        lost,
        began,  // the program of a host
        ended,
        killed,
        crashed,
        paused,
        resumed,
        wrote,  // into a file
        synced,
        thread,  // it goes on
    };
    struct event {
        time_point when;
        kind what = kind::step;
        int host = 0;
        int other = 0;  // where a packet goes
        std::uint64_t number = 0;  // of the task, the thread, or the file; of the first byte
        std::uint64_t size = 0;  // of a packet
        std::string_view flags = {};
    };

    void note(time_point when, kind what, int host, std::uint64_t number = 0) {
        keep({.when = when, .what = what, .host = host, .number = number});
    }
    void note(time_point when, kind what, int from, int to, const packet& p) {
        keep({.when = when,
              .what = what,
              .host = from,
              .other = to,
              .number = p.sequence,
              .size = p.data.size(),
              .flags = flags_of(p)});
    }

    std::uint64_t figure() const noexcept { return figure_; }
    std::uint64_t events() const noexcept { return count_; }
    const std::deque<event>& last() const noexcept { return last_; }

    /// Keeps the figure after each event, so that the first difference between two runs can be found.
    void keep_figures() noexcept { keeps_figures_ = true; }
    const std::vector<std::uint64_t>& figures() const noexcept { return figures_; }

private:
    static constexpr std::size_t most_kept = 50;

    static std::string_view flags_of(const packet& p) noexcept {
        if (p.what == packet::kind::datagram) return "datagram";
        if (p.what == packet::kind::unreachable) return "unreachable";
        if (p.rst) return "RST";
        if (p.syn) return p.ack ? "SYN+ACK" : "SYN";
        return p.fin ? "FIN" : "ACK";
    }

    void keep(const event& e) {
        for (const std::uint64_t each :
             {static_cast<std::uint64_t>(e.when.time_since_epoch().count()), static_cast<std::uint64_t>(e.what),
              static_cast<std::uint64_t>(e.host), static_cast<std::uint64_t>(e.other), e.number, e.size})
            figure_ = mixed(figure_ ^ each);
        ++count_;
        if (keeps_figures_) figures_.push_back(figure_);
        if (last_.size() == most_kept) last_.pop_front();
        last_.push_back(e);
    }

    /// The last step of MurmurHash3, which spreads each bit over all of them.
    static std::uint64_t mixed(std::uint64_t x) noexcept {
        x = (x ^ x >> 33) * 0xff51afd7ed558ccd;
        x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53;
        return (x ^ x >> 33) + 0x9e3779b97f4a7c15;
    }

    std::uint64_t figure_ = 0;
    std::uint64_t count_ = 0;
    std::deque<event> last_;
    std::vector<std::uint64_t> figures_;
    bool keeps_figures_ = false;
};

}  // namespace torus::inline v0::sim
