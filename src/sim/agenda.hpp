// src/sim/agenda.hpp: what will happen in a simulated world, and when.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include <torus/core/clock.hpp>

namespace torus::inline v0::sim {

/// Events in the order of their times; of one time in the order in which they were added.
class agenda {
public:
    using key = std::pair<time_point, std::uint64_t>;
    static constexpr key none{time_point::max(), 0};

    time_point now() const noexcept { return now_; }
    time_point next() const noexcept { return events_.empty() ? time_point::max() : events_.begin()->first.first; }

    key add(time_point when, std::function<void()> what) {
        const key at{when, ++last_};
        events_.emplace(at, std::move(what));
        return at;
    }
    void erase(const key& of) noexcept { events_.erase(of); }

    /// Time passes; what is due happens.
    void pass_to(time_point now) {
        while (next() <= now) {
            auto event = events_.extract(events_.begin());
            now_ = std::max(now_, event.key().first);
            event.mapped()();
        }
        now_ = std::max(now_, now);
    }

private:
    std::map<key, std::function<void()>> events_;
    std::uint64_t last_ = 0;
    time_point now_ = simulated_beginning;
};

/// One event at a time, which can be called off, and is when this object goes.
class alarm {
public:
    explicit alarm(agenda& of) noexcept : agenda_(of) {}
    ~alarm() { call_off(); }
    alarm(const alarm&) = delete;
    alarm& operator=(const alarm&) = delete;

    bool is_set() const noexcept { return at_ != agenda::none; }
    void call_off() noexcept { agenda_.erase(std::exchange(at_, agenda::none)); }
    void set(duration after, std::function<void()> what) {
        call_off();
        at_ = agenda_.add(agenda_.now() + after, [this, what = std::move(what)] {
            at_ = agenda::none;
            what();
        });
    }

private:
    agenda& agenda_;
    agenda::key at_ = agenda::none;
};

}  // namespace torus::inline v0::sim
