// torus/core/callback_handle.hpp: the way to call something off that a loop was to call.
#pragma once

#include <utility>

#include <torus/core/scheduled_call.hpp>

namespace torus::inline v0 {

/// Calls something off that a loop was to call. It and its copies belong to the loop's thread.
class callback_handle {
public:
    callback_handle() noexcept = default;
    explicit callback_handle(scheduled_call& call) noexcept : call_(&call) { call.retain(); }
    callback_handle(const callback_handle& other) noexcept : call_(other.call_) {
        if (call_) call_->retain();
    }
    callback_handle(callback_handle&& other) noexcept : call_(std::exchange(other.call_, nullptr)) {}
    callback_handle& operator=(callback_handle other) noexcept {
        std::swap(call_, other.call_);
        return *this;
    }
    ~callback_handle() {
        if (call_) call_->release();
    }

    /// The function will not be called, unless it was already. Harmless when repeated.
    void cancel() const noexcept { call_->call_off(); }
    bool cancelled() const noexcept { return call_->called_off(); }

    /// The same if its turn in `line` has not come; else false.
    bool cancel_in(const wait_list& line) const noexcept {
        const bool waits = call_->waits_in(line);
        if (waits) cancel();
        return waits;
    }
    explicit operator bool() const noexcept { return call_; }
    bool operator==(const callback_handle& other) const noexcept { return call_ == other.call_; }

protected:
    scheduled_call* call_ = nullptr;
};

/// What `add_done_callback` gives.
using callback_id = callback_handle;

/// What `call_later` and `call_at` give.
class timer_handle : public callback_handle {
public:
    using callback_handle::callback_handle;
    /// When the function is, or was, to be called; time_point::max() for never.
    time_point when() const noexcept { return call_->deadline(); }
};

}  // namespace torus::inline v0
