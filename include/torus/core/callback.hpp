// torus/core/callback.hpp: functions that a loop calls: in the next pass, at a moment, when a task is done.
#pragma once

#include <chrono>
#include <concepts>
#include <exception>
#include <memory>
#include <source_location>
#include <stdexcept>
#include <utility>

#include <torus/core/loop.hpp>
#include <torus/core/scheduled_call.hpp>
#include <torus/core/task.hpp>

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

/// What `call_later` and `call_at` give.
class timer_handle : public callback_handle {
public:
    using callback_handle::callback_handle;
    /// When the function is, or was, to be called; time_point::max() for never.
    time_point when() const noexcept { return call_->deadline(); }
};

// ------------------------------------------------------------------------------------------------------------------

template <class Function> callback_handle event_loop::call_soon(Function function, std::source_location where) {
    scheduled_call& call = calling::hold(*this, std::move(function), where);
    call.call_soon();
    return callback_handle(call);
}

template <class Function>
timer_handle event_loop::call_at(time_point when, Function function, std::source_location where) {
    scheduled_call& call = calling::hold(*this, std::move(function), where);
    call.call_at(when);
    return timer_handle(call);
}

template <class Rep, class Period, class Function>
timer_handle event_loop::call_later(std::chrono::duration<Rep, Period> span, Function function,
                                    std::source_location where) {
    return call_at(later(time(), to_duration(span)), std::move(function), where);
}

/// A function of a task that is done: it may take the task, and keeps its result alive.
template <class Task, class Function>
callback_id call_when_done(const Task& task, Function function, std::source_location where) {
    task_record& record = task.record();
    auto call = [task, function = std::move(function)]() mutable {
        if constexpr (std::invocable<Function&, const Task&>) function(std::as_const(task));
        else function();
    };
    scheduled_call& scheduled = calling::hold(record.loop(), std::move(call), where);
    if (record.done()) scheduled.call_soon();
    else scheduled.call_after(record.joiners());
    return callback_id(scheduled);
}

template <class Function> callback_id any_task::add_done_callback(Function function, std::source_location where) const {
    return call_when_done(*this, std::move(function), where);
}

template <class T>
template <class Function>
callback_id task<T>::add_done_callback(Function function, std::source_location where) const {
    return call_when_done(*this, std::move(function), where);
}

/// A function on its way to a loop.
template <class Function> class remote_function final : public remote_call {
public:
    explicit remote_function(Function f) : function_(std::move(f)) {}
    void arrived(event_loop& loop) noexcept override {
        std::unique_ptr<remote_function> self(this);
        try {
            function_();
        } catch (...) {
            loop.report({"an exception left a function of call_soon_threadsafe", std::current_exception(), {}});
        }
    }
    void returned() noexcept override { delete this; }

private:
    Function function_;
};

template <class Function> void event_loop::call_soon_threadsafe(Function function) {
    if (!inbox_->post(*new remote_function<Function>(std::move(function))))
        throw std::runtime_error("torus: the event loop has closed");
}

/// A function as an exception handler.
template <class Function> class function_error_handler final : public error_handler {
public:
    explicit function_error_handler(Function f) : function_(std::move(f)) {}
    void handle(const error_context& context) override { function_(context); }

private:
    Function function_;
};

template <class Function>
    requires std::invocable<Function&, const error_context&>
std::unique_ptr<error_handler> event_loop::set_exception_handler(Function handler) {
    return set_error_handler(std::make_unique<function_error_handler<Function>>(std::move(handler)));
}

}  // namespace torus::inline v0
