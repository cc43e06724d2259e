// torus/core/generator_step.hpp: awaiting a generator's next value, and its end.
#pragma once

#include <concepts>
#include <coroutine>

#include <torus/core/generator_promise.hpp>

namespace torus::inline v0 {

/// Awaiting a step of a generator.
class generator_step {
public:
    bool await_ready() noexcept {
        stepped_ = from_->promise_;
        return !stepped_;
    }
    template <std::derived_from<promise_base> Promise> bool await_suspend(std::coroutine_handle<Promise> caller) {
        return !stepped_->begin_step(caller.promise());
    }

protected:
    explicit generator_step(generator_base& from) noexcept : from_(&from) {}
    generator_promise* stepped() const noexcept { return stepped_; }

private:
    generator_base* from_;
    generator_promise* stepped_ = nullptr;
};

/// What `aclose()` returns.
class [[nodiscard("co_await it")]] generator_closing final {
public:
    explicit generator_closing(generator_base& from) noexcept : from_(&from) {}
    explicit generator_closing(generator_promise& leftover) noexcept : closed_(&leftover) {}

    bool await_ready() noexcept;
    template <std::derived_from<promise_base> Promise> bool await_suspend(std::coroutine_handle<Promise> caller) {
        begin();
        return !closed_->begin_step(caller.promise());
    }
    void await_resume();

private:
    void begin();

    generator_base* from_ = nullptr;
    generator_promise* closed_ = nullptr;
};

}  // namespace torus::inline v0
