// torus/core/callback.hpp: functions that a loop calls: in the next pass, at a moment, on behalf of other threads.
#pragma once

#include <chrono>
#include <concepts>
#include <exception>
#include <memory>
#include <source_location>
#include <stdexcept>
#include <utility>

#include <torus/core/callback_handle.hpp>
#include <torus/core/held_context.hpp>
#include <torus/core/loop.hpp>
#include <torus/core/remote.hpp>

namespace torus::inline v0 {

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

/// A function on its way to a loop.
template <class Function> class remote_function final : public remote_call {
public:
    explicit remote_function(Function f) : function_(std::move(f)) {}
    void arrived(event_loop& loop) noexcept override {
        std::unique_ptr<remote_function> self(this);
        try {
            const entered_context of_sender(context_.cell());
            function_();
        } catch (...) {
            loop.report({"an exception left a function of call_soon_threadsafe", std::current_exception(), {}});
        }
    }
    void returned() noexcept override { delete this; }

private:
    Function function_;
    held_context context_ = held_context::copied();
};

template <class Function> void event_loop::call_soon_threadsafe(Function function) {
    const std::shared_ptr<inbox> letters = inbox_;  // the function may end the loop before post() has woken it
    if (!letters->post(*new remote_function<Function>(std::move(function))))
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
