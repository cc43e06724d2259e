// bench/compile/floor.cpp: hello, after a sleep, in a coroutine without any library.
#include <chrono>
#include <coroutine>
#include <cstdio>
#include <exception>

#include <time.h>

using namespace std::chrono_literals;

struct started {
    struct promise_type {
        started get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept { std::terminate(); }
    };
};

std::coroutine_handle<> sleeper;
std::chrono::nanoseconds until;

struct sleep_for {
    std::chrono::nanoseconds span;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) const noexcept {
        sleeper = frame;
        until = span;
    }
    void await_resume() const noexcept {}
};

started hello() {
    co_await sleep_for{10ms};
    std::puts("hello");
}

int main() {
    hello();
    const timespec span{0, until.count()};
    nanosleep(&span, nullptr);
    sleeper.resume();
}
