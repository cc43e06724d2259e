// torus/core/async.hpp: async<T>, a coroutine that runs when it is awaited.
#pragma once

#include <concepts>
#include <coroutine>
#include <source_location>
#include <type_traits>
#include <utility>

#include <torus/core/promise.hpp>
#include <torus/core/running.hpp>

namespace torus::inline v0 {

void report_never_awaited(std::source_location place, const char* what = "coroutine") noexcept;
[[noreturn]] void throw_awaited_twice();

/// Destroys a coroutine on purpose, without a report of those that it was to await.
void destroy_quietly(std::coroutine_handle<> frame) noexcept;

/// A coroutine object: what a coroutine function returns, before it runs.
///
///     async<int> answer() { co_await sleep(1s); co_return 42; }
///     async<> ask() { int n = co_await answer(); }
///
/// Calling the function runs none of its body: the arguments are stored, and the body starts when the object is
/// awaited, given to `create_task`, `gather` or `run`. It can be awaited once. It runs in the awaiting task, at once:
/// nothing else runs between the call and its first statement, nor between its end and the caller's next statement.
/// Parameters are best taken by value: a reference must outlive the coroutine.
///
/// Destroying an object that was never awaited destroys its arguments and reports the mistake.
///
/// @throws what its body throws; invalid_state_error if it was awaited before, or given away
/// @cancel the cancellation arrives at what the coroutine itself awaits
/// @cost   one recycled frame
template <class T = void> class [[nodiscard("co_await it, or give it to create_task")]] async {
public:
    using value_type = T;

    class promise_type final : public promise_result<T> {
    public:
        explicit promise_type(std::source_location declared = std::source_location::current()) noexcept
            : promise_result<T>(declared) {}
        async get_return_object() noexcept { return async(handle_type::from_promise(*this)); }
    };
    using handle_type = std::coroutine_handle<promise_type>;

    async(async&& other) noexcept : link_(std::exchange(other.link_, {})) {}
    async& operator=(async&& other) noexcept {
        std::swap(link_, other.link_);
        return *this;
    }
    ~async() {
        if (!link_.frame) return;
        if (!link_.caller) report_never_awaited(promise().location());
        link_.frame.destroy();
    }

    /// Gives up the frame, unstarted: for what runs coroutines.
    /// @throws invalid_state_error  it was given up already
    handle_type release() {
        require_frame();
        return handle_type::from_address(std::exchange(link_.frame, {}).address());
    }

    /// Destroys the coroutine unstarted, without a report: for what refuses one.
    void discard() noexcept {
        if (link_.frame) destroy_quietly(std::exchange(link_.frame, {}));
    }

    /// @{ Awaiting it, once. The coroutine, its arguments with it, is gone when the result is delivered.
    /// @throws invalid_state_error  it was awaited or given up already
    static constexpr bool is_awaited_once = true;
    bool await_ready() const noexcept { return false; }
    template <std::derived_from<promise_base> Promise>
    bool await_suspend(std::coroutine_handle<Promise> caller) {
        require_frame();
        link_.caller = &caller.promise();
        return !promise().run_inline(link_);
    }
    T await_resume() {
        const destroyed_after_result end{link_};
        if constexpr (std::is_void_v<T>) return promise().result();
        else return std::forward<T>(promise().result());
    }
    /// @}

private:
    struct destroyed_after_result {
        frame_link& link;
        ~destroyed_after_result() { std::exchange(link.frame, {}).destroy(); }
    };

    explicit async(handle_type frame) noexcept : link_{frame} {}
    void require_frame() const {
        if (!link_.frame) [[unlikely]]
            throw_awaited_twice();
    }
    promise_type& promise() const noexcept { return handle_type::from_address(link_.frame.address()).promise(); }

    frame_link link_;
};

}  // namespace torus::inline v0
