// torus/core/timeout_body.hpp: how timeout and move_on_after run what they limit.
#pragma once

#include <optional>

#include <torus/core/awaitable.hpp>
#include <torus/core/task.hpp>
#include <torus/core/timeout_scope.hpp>

namespace torus::inline v0 {

template <class T> async<T> run_timed(time_point when, async<T> body) {
    timeout_scope scope(when);
    try {
        co_return co_await std::move(body);
    } catch (const cancelled_error&) {
        if (!scope.end_cancelled()) throw;
    }
    throw timeout_error();
}

template <class Closure> auto run_timed_closure(time_point when, Closure closure)
    -> decltype(closure(std::declval<timeout_scope&>())) {
    timeout_scope scope(when);
    try {
        co_return co_await closure(scope);
    } catch (const cancelled_error&) {
        if (!scope.end_cancelled()) throw;
    }
    throw timeout_error();
}

template <class T> async<T> refuse_timed(async<T> body) {
    body.discard();
    throw timeout_error();
    co_return co_await std::move(body);
}

template <class What> bool is_finished(const What& what) noexcept {
    if constexpr (std::derived_from<What, any_task>) return what.done();
    else return false;
}

template <class What> auto timeout_at(time_point when, What&& what) {
    if constexpr (coroutine_closure<What, timeout_scope&>) {
        static_assert(safe_temporary<What>, "g++ 12 destroys this closure twice: name it first");
        return run_timed_closure<std::decay_t<What>>(when, std::forward<What>(what));
    } else if constexpr (coroutine_closure<What>) {
        static_assert(safe_temporary<What>, "g++ 12 destroys this closure twice: name it first");
        return run_timed(when, call_owned<std::decay_t<What>>(std::forward<What>(what)));
    } else {
        static_assert(awaitable<What>, "timeout takes an awaitable, or a closure that returns a coroutine");
        if (when <= clock::now() && !is_finished(what)) return refuse_timed(as_coroutine(std::forward<What>(what)));
        return run_timed(when, as_coroutine(std::forward<What>(what)));
    }
}

template <class Rep, class Period, class What> auto timeout(std::chrono::duration<Rep, Period> limit, What&& what) {
    return timeout_at(later(clock::now(), to_duration(limit)), std::forward<What>(what));
}

template <class T> async<std::optional<T>> run_or_move_on(time_point when, async<T> body) {
    timeout_scope scope(when);
    try {
        co_return co_await std::move(body);
    } catch (const cancelled_error&) {
        if (!scope.end_cancelled()) throw;
    }
    co_return std::nullopt;
}

inline async<bool> run_or_move_on(time_point when, async<void> body) {
    timeout_scope scope(when);
    try {
        co_await std::move(body);
        co_return true;
    } catch (const cancelled_error&) {
        if (!scope.end_cancelled()) throw;
    }
    co_return false;
}

template <class Rep, class Period, class What>
auto move_on_after(std::chrono::duration<Rep, Period> limit, What&& what) {
    const time_point when = later(clock::now(), to_duration(limit));
    if constexpr (coroutine_closure<What>) {
        static_assert(safe_temporary<What>, "g++ 12 destroys this closure twice: name it first");
        return run_or_move_on(when, call_owned<std::decay_t<What>>(std::forward<What>(what)));
    } else {
        return run_or_move_on(when, as_coroutine(std::forward<What>(what)));
    }
}

}  // namespace torus::inline v0
