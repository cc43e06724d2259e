// src/core/watchdog.cpp: telling a loop that is blocked from one that sleeps, waits for a processor, or is stopped.
#include "core/watchdog.hpp"

#include <pthread.h>

#include <algorithm>
#include <cstdio>
#include <new>
#include <string>
#include <system_error>

#include <torus/core/loop.hpp>

#include "core/describe.hpp"
#include "core/glimpse.hpp"
#include "core/native_stack.hpp"
#include "core/no_signals.hpp"
#include "core/steady_now.hpp"

#include <unistd.h>

namespace torus::inline v0 {

std::atomic<bool> heart::watchdog_sleeps{false};

namespace {

// So often the watchdog looks within a loop's limit. A process that was stopped, or a machine that was asleep, makes one
// look come late, which doesn't count; the loop then has the others to show a sign of life.
constexpr int looks = 4;

// A look counts if it came within so many times its interval.
constexpr int latest = 2;

// A blocked loop that wants a processor, and has had it for less than this part of the time, is not blocked: it starves.
constexpr int starving = 4;

// When nothing has gone on for so many looks, it sleeps until a loop wakes it. That costs the loop a call, and its thread
// maybe its processor, so it is not for a loop that sleeps a little and often.
constexpr int looks_until_sleep = 2 * looks;

// Who blocks a loop all the time is told so this often.
constexpr duration between_reports = std::chrono::seconds(1);

duration processor_time(clockid_t of) noexcept {
    timespec time{};
    if (::clock_gettime(of, &time) != 0) return duration::zero();
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

clockid_t own_processor_time() noexcept {
    clockid_t id = CLOCK_THREAD_CPUTIME_ID;
    ::pthread_getcpuclockid(::pthread_self(), &id);
    return id;
}

/// Tells the error handler of a loop that has gone on again; on standard error it stands already.
class blocked_report final : public remote_call {
public:
    static void send(inbox& to, std::string text) { static_cast<void>(to.post(*new blocked_report(std::move(text)))); }

private:
    explicit blocked_report(std::string text) noexcept : text_(std::move(text)) {}
    void arrived(event_loop& loop) noexcept override {
        const std::unique_ptr<blocked_report> self(this);
        if (loop.has_error_handler()) loop.report({std::move(text_), nullptr, {}});
    }
    void returned() noexcept override { delete this; }

    std::string text_;
};

std::string text_of(const running_state* running, duration limit, int thread) {
    char seconds[16];
    std::snprintf(seconds, sizeof seconds, "%.2f", std::chrono::duration<double>(limit).count());
    std::string text = std::string("the event loop has been blocked for ") + seconds + " s";
    if (const std::optional<glimpse> seen = glimpse_of(running)) {
        if (seen->task.empty()) text += " by a callback";
        else text += " by " + seen->task + ", after it was at " + describe(seen->place);
    }
    text += "; its thread, " + std::to_string(thread);
    if (state_of(thread) == 'R') return text + ", runs" + native_stack_of(thread);
    const std::string function = waits_in(thread);
    return text + (function.empty() ? ", waits" : ", waits in " + function);
}

}  // namespace

heart::heart(duration limit, std::shared_ptr<inbox> letters, const std::uint32_t& resumed) noexcept
    : limit_(limit), letters_(std::move(letters)), running_(&running), resumed_(&resumed), thread_(::gettid()),
      processor_time_(own_processor_time()) {}

heart::signs heart::signs_now() const noexcept {
    // Acquires what the loop did before its last beat.
    const std::uint64_t beats = beats_.load(std::memory_order_acquire);
    return {beats, step_of(running_, resumed_)};
}

void heart::begin_to_wait() noexcept {
    still_ = duration::zero();
    processor_time_then_ = processor_time(processor_time_);
}

void heart::wake_watchdog() noexcept {
    watchdog& dog = watchdog::instance();
    const std::lock_guard held(dog.mutex_);
    watchdog_sleeps.store(false);
    dog.changed_.notify_one();
}

/// Never destroyed: loops may outlive static objects. A forked process gets its own; its parent's thread is not in it,
/// and may have held the lock.
watchdog& watchdog::instance() {
    static std::atomic<watchdog*> only{nullptr};
    watchdog* dog = only.load();
    while (!dog || dog->process_ != ::getpid()) {
        auto fresh = std::make_unique<watchdog>();
        fresh->process_ = ::getpid();
        if (only.compare_exchange_strong(dog, fresh.get())) {
            heart::watchdog_sleeps.store(false);
            dog = fresh.release();
        }
    }
    return *dog;
}

void watchdog::attend(const std::shared_ptr<heart>& one) noexcept {
    if (one->limit() <= duration::zero()) return;
    try {
        instance().add(one);
    } catch (const std::bad_alloc&) {
        // It is nobody's mistake, and the loop runs without.
    }
}

void watchdog::add(const std::shared_ptr<heart>& one) {
    std::unique_lock held(mutex_);
    // The former thread may be on its way out; only one loop's beginning can wait for it.
    if (ending_) changed_.wait(held, [this] { return !ending_; });
    hearts_.push_back(one);
    if (!thread_.joinable()) start();
    else changed_.notify_one();  // its limit may be shorter than those of the others
}

void watchdog::start() {
    const no_signals masked;
    try {
        thread_ = std::thread([this] { work(); });
        ::pthread_setname_np(thread_.native_handle(), "torus-watchdog");
    } catch (const std::system_error&) {
        // No thread is to be had: the loops run unattended.
    }
}

void watchdog::forget(const heart& one) noexcept {
    if (one.limit() <= duration::zero()) return;
    watchdog& dog = instance();
    std::unique_lock held(dog.mutex_);
    std::erase_if(dog.hearts_, [&](const std::shared_ptr<heart>& each) { return each.get() == &one; });
    if (!dog.hearts_.empty() || !dog.thread_.joinable() || dog.ending_) return;
    dog.ending_ = true;
    dog.changed_.notify_all();
    held.unlock();
    dog.thread_.join();
    held.lock();
    dog.thread_ = {};
    dog.ending_ = false;
    heart::watchdog_sleeps.store(false);
    dog.changed_.notify_all();
}

bool watchdog::all_rest() const noexcept {
    return std::all_of(hearts_.begin(), hearts_.end(), [](const auto& each) { return each->resting(); });
}

duration watchdog::time_between_looks() const noexcept {
    duration shortest = duration::max();
    for (const auto& each : hearts_) shortest = std::min(shortest, each->limit());
    return std::max<duration>(shortest / looks, std::chrono::milliseconds(1));
}

void watchdog::sleep_until_needed(std::unique_lock<std::mutex>& held) {
    heart::watchdog_sleeps.store(true);
    // Asked again: a heart that has woken since may not have seen that nobody looks.
    if (!ending_ && all_rest()) changed_.wait(held, [&] { return ending_ || !heart::watchdog_sleeps.load(); });
    heart::watchdog_sleeps.store(false);
}

void watchdog::work() noexcept {
    std::unique_lock held(mutex_);
    std::vector<std::shared_ptr<heart>> looked_at;
    int looks_in_vain = 0;
    while (!ending_) {
        if (looks_in_vain == looks_until_sleep) {
            sleep_until_needed(held);
            looks_in_vain = 0;
            continue;
        }
        const duration interval = time_between_looks();
        const time_point before = steady_now();
        changed_.wait_for(held, interval, [&] { return ending_ || time_between_looks() < interval; });
        const duration waited = steady_now() - before;
        const duration counted = waited < latest * interval ? std::min(waited, interval) : duration::zero();
        looked_at = hearts_;
        held.unlock();  // a report may take its time
        ++looks_in_vain;
        for (const std::shared_ptr<heart>& each : looked_at)
            if (look_at(*each, counted)) looks_in_vain = 0;
        looked_at.clear();
        held.lock();
    }
}

/// Whether it is up, or has been since the last look.
bool watchdog::look_at(heart& one, duration counted) noexcept {
    const heart::signs signs = one.signs_now();
    const bool rests = one.resting();
    if (rests || signs != one.seen_) {
        const bool has_rested = rests && signs == one.seen_;
        one.seen_ = signs;
        one.reported_ = false;
        one.begin_to_wait();
        return !has_rested;
    }
    one.still_ += counted;
    if (one.reported_ || one.still_ < one.limit_ || steady_now() < one.quiet_until_) return true;
    if (is_blocked(one)) {
        one.reported_ = true;
        one.quiet_until_ = steady_now() + between_reports;
        report(one);
    }
    one.begin_to_wait();
    return true;
}

bool watchdog::is_blocked(const heart& one) noexcept {
    switch (state_of(one.thread_)) {
    case 'T':
    case 't': return false;
    case 'R': return processor_time(one.processor_time_) - one.processor_time_then_ >= one.still_ / starving;
    default: return true;
    }
}

void watchdog::report(const heart& one) noexcept {
    try {
        std::string text = text_of(one.running_, one.limit_, one.thread_);
        // It may have gone on meanwhile; then what was seen is not what blocked it.
        if (one.resting() || one.signs_now() != one.seen_) return;
        std::fprintf(stderr, "torus: %s\n", text.c_str());
        blocked_report::send(*one.letters_, std::move(text));
    } catch (const std::bad_alloc&) {
        std::fputs("torus: the event loop is blocked\n", stderr);
    }
}

}  // namespace torus::inline v0
