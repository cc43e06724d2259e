// bench/floor/gather.hpp: children that run at once, and a parent that goes on when the last has ended.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include "floor/coroutine.hpp"

namespace floor_of {

struct gather_state {
    std::size_t pending = 0;
    std::coroutine_handle<> parent;
};

/// A coroutine that a gather runs.
template <class T> class [[nodiscard]] child {
public:
    struct promise_type : promise_of<T> {
        struct last_step {
            bool await_ready() const noexcept { return false; }
            std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) const noexcept {
                gather_state& of = *self.promise().gather;
                return --of.pending == 0 ? of.parent : std::noop_coroutine();
            }
            void await_resume() const noexcept {}
        };
        child get_return_object() noexcept { return child(std::coroutine_handle<promise_type>::from_promise(*this)); }
        last_step final_suspend() const noexcept { return {}; }

        gather_state* gather = nullptr;
    };

    child(child&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
    ~child() {
        if (frame_) frame_.destroy();
    }

    void start(gather_state& of) {
        frame_.promise().gather = &of;
        frame_.resume();
    }
    T result() const {
        if (frame_.promise().error) [[unlikely]]
            std::rethrow_exception(frame_.promise().error);
        return frame_.promise().value;
    }

private:
    explicit child(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    std::coroutine_handle<promise_type> frame_;
};

/// Runs a range of children; their results stay in them.
template <class Children> struct gathering {
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> parent) {
        state.parent = parent;
        state.pending = children.size() + 1;  // one for this loop, so that no child resumes the parent from inside it
        for (auto& c : children) c.start(state);
        return --state.pending != 0;
    }
    void await_resume() const noexcept {}

    Children& children;
    gather_state state{};
};

template <class Children> gathering<Children> gather(Children& children) { return {children}; }

}  // namespace floor_of
