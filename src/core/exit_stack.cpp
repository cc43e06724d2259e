// src/core/exit_stack.cpp: calling what was registered, the last one first, and deciding which error is thrown.
#include <torus/core/exit_stack.hpp>

#include <exception>
#include <utility>

#include <torus/core/cleaning.hpp>
#include <torus/core/defer.hpp>

#include "core/describe.hpp"

namespace torus::inline v0 {

void report_deferred(std::exception_ptr error) noexcept {
    report_problem("a deferred function has thrown", std::move(error), nullptr);
}

exit_stack::~exit_stack() { dismiss(); }

/// One after the other, not within each other: there may be very many.
void exit_stack::dismiss() noexcept {
    while (top_) top_ = std::move(top_->below);
}

void exit_stack::push(std::unique_ptr<entry> callback) {
    if (state_ == state::ended) throw invalid_state_error("torus: the callbacks of this exit_stack have been called");
    callback->below = std::move(top_);
    top_ = std::move(callback);
}

async<> exit_stack::call_all() {
    std::exception_ptr error;
    std::exception_ptr cancellation;
    while (top_) {
        const std::unique_ptr<entry> each = std::exchange(top_, std::move(top_->below));
        try {
            co_await each->call();
        } catch (const cancelled_error&) {
            cancellation = std::current_exception();
        } catch (...) {
            if (error)
                report_problem("another callback of an exit_stack has failed", std::current_exception(), nullptr);
            else error = std::current_exception();
        }
    }
    state_ = state::ended;
    if (error) std::rethrow_exception(error);
    if (cancellation) std::rethrow_exception(cancellation);
}

async<> exit_stack::run() {
    if (state_ != state::unentered) throw invalid_state_error("torus: an exit_stack can be awaited only once");
    async<> callbacks = call_all();  // now, since nothing may fail between the closure's end and their beginning
    std::exception_ptr error;
    state_ = state::open;
    try {
        co_await std::move(body_);
    } catch (...) {
        error = std::current_exception();
    }
    co_await cleaning(std::move(callbacks), error);
    if (error) std::rethrow_exception(error);
}

}  // namespace torus::inline v0
