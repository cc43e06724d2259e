// bench/floor/generator.hpp: the least that a generator can be, and a value that belongs to whoever runs.
#pragma once

#include <coroutine>
#include <cstddef>
#include <utility>

#include "floor/coroutine.hpp"

namespace floor_of {

/// A coroutine that gives a value each time it is awaited; one that never ends.
template <class T> class stream {
public:
    struct promise_type : pooled {
        struct parking {
            bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
                if (const auto next = std::exchange(self.promise().continuation, {})) next.resume();
            }
            void await_resume() const noexcept {}
        };
        stream get_return_object() noexcept { return stream(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        std::suspend_always final_suspend() const noexcept { return {}; }
        parking yield_value(T given) noexcept {
            value = given;
            has_value = true;
            return {};
        }
        void return_void() const noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }

        std::coroutine_handle<> continuation;
        T value{};
        bool has_value = false;
    };

    explicit stream(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    stream(stream&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
    ~stream() {
        if (frame_) frame_.destroy();
    }

    struct step {
        std::coroutine_handle<promise_type> frame;
        bool await_ready() const noexcept { return false; }
        bool await_suspend(std::coroutine_handle<> caller) const noexcept {
            frame.promise().has_value = false;
            frame.resume();
            if (frame.promise().has_value) return false;
            frame.promise().continuation = caller;
            return true;
        }
        T await_resume() const noexcept { return frame.promise().value; }
    };
    step next() const noexcept { return step{frame_}; }

private:
    std::coroutine_handle<promise_type> frame_;
};

/// A value for as long as it exists, and the one before.
struct binding {
    explicit binding(std::size_t own) noexcept : value(own), before(std::exchange(current, this)) {}
    binding(const binding&) = delete;
    binding& operator=(const binding&) = delete;
    ~binding() { current = before; }

    static inline binding* current = nullptr;
    std::size_t value;
    binding* before;
};

}  // namespace floor_of
