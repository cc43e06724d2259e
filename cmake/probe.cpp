// cmake/probe.cpp: a coroutine that g++ 12.1 and 12.2 miscompile; ends with 0 where it works.
#include <coroutine>
#include <exception>
#include <utility>

#include <unistd.h>

namespace {

struct flow {
    struct promise_type {
        bool value = false;
        std::coroutine_handle<> continuation;
        flow get_return_object() { return flow{std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        struct back {
            bool await_ready() noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> from) noexcept {
                auto next = from.promise().continuation;
                return next ? next : std::noop_coroutine();
            }
            void await_resume() noexcept {}
        };
        back final_suspend() noexcept { return {}; }
        void return_value(bool with) { value = with; }
        void unhandled_exception() { std::terminate(); }
    };

    explicit flow(std::coroutine_handle<promise_type> of) : frame(of) {}
    flow(flow&& other) noexcept : frame(std::exchange(other.frame, {})) {}
    ~flow() {
        if (frame) frame.destroy();
    }
    bool await_ready() noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> by) noexcept {
        frame.promise().continuation = by;
        return frame;
    }
    bool await_resume() { return frame.promise().value; }

    std::coroutine_handle<promise_type> frame;
};

std::coroutine_handle<> parked;

struct parking {
    bool await_ready() noexcept { return false; }
    void await_suspend(std::coroutine_handle<> by) noexcept { parked = by; }
    void await_resume() noexcept {}
};

flow later(bool answer) {
    co_await parking{};
    co_return answer;
}

flow undeclared() {
    if (co_await later(true)) co_return true;  // gcc12: this is what is probed
    co_return false;
}

flow looping() {
    while (co_await later(false)) co_return false;  // gcc12: and this
    co_return true;
}

bool completes(flow subject) {
    constexpr int enough = 8;  // each coroutine here parks once
    subject.frame.resume();
    for (int i = 0; i < enough && parked; ++i) std::exchange(parked, {}).resume();
    return subject.frame.done() && subject.frame.promise().value;
}

}  // namespace

int main() {
    alarm(10);  // seconds; a miscompiled frame may also spin
    return completes(undeclared()) && completes(looping()) ? 0 : 1;
}
