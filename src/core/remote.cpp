// src/core/remote.cpp: a loop's letter box.
#include <torus/core/remote.hpp>

#include <utility>

#include <torus/core/backend.hpp>

namespace torus::inline v0 {

inbox::inbox(std::shared_ptr<backend> world) noexcept : world_(std::move(world)) {}

inbox::~inbox() { close(); }

/// Stands for "closed" at the head of the stack.
remote_call* inbox::closed_mark() noexcept {
    static char mark;
    return reinterpret_cast<remote_call*>(&mark);
}

bool inbox::post(remote_call& call) noexcept {
    remote_call* newest = newest_.load(std::memory_order_relaxed);  // only compared below
    do {
        if (newest == closed_mark()) {
            call.returned();
            return false;
        }
        call.next_ = newest;
    } while (!newest_.compare_exchange_weak(newest, &call));
    // Sequentially consistent with prepare_sleep(): either the loop sees the call, or this thread sees it asleep.
    if (asleep_.exchange(false)) world_->wake();
    return true;
}

void inbox::wake() noexcept {
    woken_.store(true);
    world_->wake();
}

remote_call* inbox::reversed(remote_call* newest) noexcept {
    remote_call* oldest = nullptr;
    while (newest) {
        remote_call* const next = newest->next_;
        newest->next_ = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

void inbox::deliver(event_loop& loop) noexcept {
    remote_call* const newest =
        newest_.load(std::memory_order_relaxed);  // what arrives now has time until the next pass
    if (!newest || newest == closed_mark()) return;
    // Acquires what the posting threads have written.
    remote_call* each = reversed(newest_.exchange(nullptr, std::memory_order_acquire));
    while (each) {
        remote_call* const next = each->next_;  // the call may destroy itself
        each->arrived(loop);
        each = next;
    }
}

bool inbox::has_letters() const noexcept {
    const remote_call* const newest = newest_.load(std::memory_order_relaxed);
    return newest && newest != closed_mark();
}

bool inbox::prepare_sleep() noexcept {
    asleep_.store(true);
    if (!newest_.load() && !woken_.exchange(false)) return true;
    asleep_.store(false);
    return false;
}

bool inbox::end_sleep() noexcept {
    asleep_.store(false, std::memory_order_relaxed);  // a superfluous wake is harmless
    // Relaxed: what was done before wake() is told by other means. Asked first, since an exchange costs more.
    return woken_.load(std::memory_order_relaxed) && woken_.exchange(false);
}

void inbox::close() noexcept {
    remote_call* each = newest_.exchange(closed_mark());
    if (each == closed_mark()) return;
    each = reversed(each);
    while (each) {
        remote_call* const next = each->next_;
        each->returned();
        each = next;
    }
}

}  // namespace torus::inline v0
