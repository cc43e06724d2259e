// src/sim/threads.cpp: whose turn it is among the threads of a simulated host.
#include "sim/threads.hpp"

#include <algorithm>
#include <chrono>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>

#include "core/describe.hpp"
#include "core/no_signals.hpp"
#include "core/world_of_thread.hpp"

namespace torus::inline v0::sim {

namespace {

// Real time after which a thread that has not come back is reported: it may wait for what only the world's thread could do.
constexpr auto patience = std::chrono::seconds(10);

}  // namespace

struct simulated_threads::thread {
    /// Whether it goes on by itself.
    bool will_move() const noexcept { return is_late || wakes != agenda::none; }

    std::uint64_t number = 0;
    std::binary_semaphore may_move{0};
    std::binary_semaphore has_stopped{0};
    agenda::key wakes = agenda::none;  // the event with which it goes on
    bool is_late = false;  // it would go on, but is paused
    bool ended = false;
    std::thread real;
};

/// When it has ended there is nothing left to wait for: nobody runs beside it.
class simulated_threads::handle final : public started_thread {
public:
    void join() override {}
};

/// Notifications become events; a loop that waits has the threads move meanwhile.
class simulated_threads::condition final : public thread_condition {
public:
    explicit condition(std::shared_ptr<simulated_threads> among) noexcept : among_(std::move(among)) {}

    bool wait(std::unique_lock<std::mutex>& held, time_point until) override {
        held.unlock();
        const bool came = self() ? sleep(*self(), until) : have_others_move();
        held.lock();
        return came;
    }
    void notify_one() noexcept override {
        if (!sleepers_.empty()) wake(0);
        was_notified_ = true;
    }
    void notify_all() noexcept override {
        while (!sleepers_.empty()) wake(0);
        was_notified_ = true;
    }

private:
    bool sleep(thread& me, time_point until) {
        sleepers_.push_back(&me);
        if (until != time_point::max()) among_->wake_at(me, std::max(until, among_->now()));
        simulated_threads::sleep(me);
        return std::erase(sleepers_, &me) == 0;
    }
    void wake(std::size_t which) {
        thread& one = *sleepers_[which];
        sleepers_.erase(sleepers_.begin() + static_cast<std::ptrdiff_t>(which));
        among_->wake_at(one, among_->now());
    }
    bool have_others_move() {
        was_notified_ = false;
        while (!was_notified_ && among_->hurry()) {}
        return was_notified_;
    }

    const std::shared_ptr<simulated_threads> among_;
    std::vector<thread*> sleepers_;  // the longest first
    bool was_notified_ = false;
};

/// Those that sleep for ever are left behind: each keeps what it is made of.
simulated_threads::~simulated_threads() {
    for (const auto& each : all_) wire_->events().erase(each->wakes);
}

simulated_threads::thread*& simulated_threads::self() noexcept {
    static thread_local thread* me = nullptr;
    return me;
}

std::unique_ptr<thread_condition> simulated_threads::make_condition() {
    return std::make_unique<condition>(shared_from_this());
}

std::unique_ptr<started_thread> simulated_threads::start(std::shared_ptr<thread_program> what) {
    auto one = std::make_shared<thread>();
    one->number = ++last_number_;
    const no_signals masked;
    one->real = std::thread([one, world = &world_, what = std::move(what)]() mutable {
        one->may_move.acquire();
        self() = one.get();
        world_of_thread = world;
        what->work();
        what.reset();
        one->ended = true;
        one->has_stopped.release();
    });
    all_.push_back(one);
    wake_at(*one, now());
    return std::make_unique<handle>();
}

void simulated_threads::wake_at(thread& one, time_point when) {
    wire_->events().erase(one.wakes);
    one.wakes = wire_->events().add(when, [this, &one] { awake(one); });
}

void simulated_threads::awake(thread& one) {
    one.wakes = agenda::none;
    if (is_paused_) one.is_late = true;
    else go_on(one);
}

void simulated_threads::set_paused(bool paused) {
    is_paused_ = paused;
    if (paused) return;
    for (const auto& each : all_)
        if (std::exchange(each->is_late, false)) wake_at(*each, now());
}

/// On the world's thread: the other one moves, until it sleeps or ends.
void simulated_threads::go_on(thread& one) {
    wire_->history().note(now(), trace::kind::thread, host_, one.number);
    one.may_move.release();
    if (!one.has_stopped.try_acquire_for(patience)) {
        report_problem(
            "a thread of a simulated host has been at work for ten seconds, while the world stands still; one "
            "that waits for what another thread does needs the option real_threads",
            nullptr, nullptr);
        one.has_stopped.acquire();
    }
    if (!one.ended) return;
    one.real.join();
    std::erase_if(all_, [&](const auto& each) { return each.get() == &one; });
}

void simulated_threads::sleep(thread& me) {
    me.has_stopped.release();
    me.may_move.acquire();
}

void simulated_threads::rest(duration span) {
    if (!self() || span <= duration::zero()) return;
    wake_at(*self(), later(now(), span));
    sleep(*self());
}

/// The one that would go on first.
bool simulated_threads::hurry() {
    thread* first = nullptr;
    for (const auto& each : all_)
        if (each->will_move() && (!first || each->wakes < first->wakes)) first = each.get();
    if (!first) return false;
    wire_->events().erase(std::exchange(first->wakes, agenda::none));
    first->is_late = false;
    go_on(*first);
    return true;
}

}  // namespace torus::inline v0::sim
