// bench/floor/coroutine.hpp: the least that a coroutine, a task and a loop can be: one thread, no cancellation, no names.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <utility>

#include "floor/pool.hpp"

namespace floor_of {

/// A coroutine that is ready to go on.
struct ready_node {
    std::coroutine_handle<> frame;
    ready_node* next = nullptr;
};

/// What is ready, first in, first out. There is one.
class ready_list {
public:
    void push(ready_node& node) noexcept {
        node.next = nullptr;
        *last_ = &node;
        last_ = &node.next;
    }

    void run_until(const bool& finished) {
        while (!finished) {
            if (!first_) [[unlikely]] {
                wait_for_more();
                continue;
            }
            ready_node* const node = first_;
            first_ = node->next;
            if (!first_) last_ = &first_;
            node->frame.resume();
        }
    }

    void (*wait_for_more)() = nullptr;  // makes something ready; whoever can wait puts it there

private:
    ready_node* first_ = nullptr;
    ready_node** last_ = &first_;
};

inline ready_list ready;

struct pooled {
    static void* operator new(std::size_t size) { return pool::allocate(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { pool::deallocate(memory, size); }
};

/// What every promise has: who goes on when it ends, and its error.
struct promise_base : pooled {
    struct last_step {
        bool await_ready() const noexcept { return false; }
        template <class Promise> void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
            if (const auto next = self.promise().continuation) next.resume();
        }
        void await_resume() const noexcept {}
    };
    std::suspend_always initial_suspend() const noexcept { return {}; }
    last_step final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { error = std::current_exception(); }

    std::coroutine_handle<> continuation;
    std::exception_ptr error;
};

template <class T> struct promise_of : promise_base {
    void return_value(T given) noexcept { value = given; }
    T value{};
};
template <> struct promise_of<void> : promise_base {
    void return_void() const noexcept {}
};

/// A coroutine that runs when it is awaited.
template <class T = void> class [[nodiscard]] call {
public:
    struct promise_type : promise_of<T> {
        call get_return_object() noexcept { return call(std::coroutine_handle<promise_type>::from_promise(*this)); }
    };

    call(call&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
    ~call() {
        if (frame_) frame_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> caller) noexcept {
        frame_.resume();
        if (frame_.done()) return false;
        frame_.promise().continuation = caller;
        return true;
    }
    T await_resume() {
        if (frame_.promise().error) [[unlikely]]
            std::rethrow_exception(frame_.promise().error);
        if constexpr (!std::is_void_v<T>) return frame_.promise().value;
    }

private:
    explicit call(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    std::coroutine_handle<promise_type> frame_;
};

/// A coroutine that runs on its own: it begins in a later pass, and one other may await its end.
template <class T = void> class [[nodiscard]] started {
public:
    struct promise_type : promise_of<T> {
        struct last_step {
            bool await_ready() const noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
                const std::coroutine_handle<> joiner = self.promise().continuation;
                self.promise().done = true;
                if (self.promise().detached) self.destroy();
                return joiner ? joiner : std::noop_coroutine();
            }
            void await_resume() const noexcept {}
        };
        started get_return_object() noexcept {
            const auto self = std::coroutine_handle<promise_type>::from_promise(*this);
            node.frame = self;
            ready.push(node);
            return started(self);
        }
        last_step final_suspend() const noexcept { return {}; }

        ready_node node;  // the coroutine, until it has begun
        bool done = false;
        bool detached = false;
    };

    started(started&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
    ~started() {
        if (frame_) frame_.destroy();
    }

    /// Nobody will await it: it destroys itself.
    void detach() noexcept { std::exchange(frame_, {}).promise().detached = true; }

    bool await_ready() const noexcept { return frame_.promise().done; }
    void await_suspend(std::coroutine_handle<> caller) noexcept { frame_.promise().continuation = caller; }
    T await_resume() {
        if (frame_.promise().error) [[unlikely]]
            std::rethrow_exception(frame_.promise().error);
        if constexpr (!std::is_void_v<T>) return frame_.promise().value;
    }

private:
    explicit started(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    std::coroutine_handle<promise_type> frame_;
};

/// Runs a coroutine and all that it starts until it is done.
inline void run(call<> main) {
    bool finished = false;
    const auto whole = [](call<> body, bool& done) -> started<> {
        co_await std::move(body);
        done = true;
    };
    started<> root = whole(std::move(main), finished);
    ready.run_until(finished);
    root.await_resume();
}

/// Goes to the end of the line.
struct yielding {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> frame) noexcept {
        node.frame = frame;
        ready.push(node);
    }
    void await_resume() const noexcept {}
    ready_node node;
};

}  // namespace floor_of
