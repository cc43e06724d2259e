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

/// Whether `what` is not begun where there is no time for it: a coroutine. A task runs already; it is cancelled. So does
/// what a future stands for; it is left alone.
template <class What>
inline constexpr bool is_startable =
    !std::derived_from<std::decay_t<What>, any_task> && !requires { std::decay_t<What>::has_begun; };

template <class What> auto start_timed(time_point now, time_point when, What&& what) {
    if constexpr (coroutine_closure<What, timeout_scope&>) {
        static_assert(safe_temporary<What>, "g++ 12 destroys this closure twice: name it first");
        return run_timed_closure<std::decay_t<What>>(when, std::forward<What>(what));
    } else if constexpr (coroutine_closure<What>) {
        static_assert(safe_temporary<What>, "g++ 12 destroys this closure twice: name it first");
        return run_timed(when, call_owned<std::decay_t<What>>(std::forward<What>(what)));
    } else {
        static_assert(awaitable<What>, "timeout takes an awaitable, or a closure that returns a coroutine");
        auto body = as_coroutine(std::forward<What>(what));
        if (is_startable<What> && when <= now) return refuse_timed(std::move(body));
        return run_timed(when, std::move(body));
    }
}

template <class What> auto timeout_at(time_point when, What&& what) {
    return start_timed(clock::now(), when, std::forward<What>(what));
}

template <class Rep, class Period, class What> auto timeout(std::chrono::duration<Rep, Period> limit, What&& what) {
    const time_point now = clock::now();
    return start_timed(now, later(now, to_duration(limit)), std::forward<What>(what));
}

/// What a task refers to is copied: there is no optional reference.
template <class T> async<std::optional<std::remove_cvref_t<T>>> run_or_move_on(time_point when, async<T> body) {
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

template <class T> auto move_on_at_once(async<T> body) -> decltype(run_or_move_on(time_point(), std::move(body))) {
    body.discard();
    co_return {};
}

template <class Rep, class Period, class What>
auto move_on_after(std::chrono::duration<Rep, Period> limit, What&& what) {
    const time_point now = clock::now();
    const time_point when = later(now, to_duration(limit));
    if constexpr (coroutine_closure<What>) {
        static_assert(safe_temporary<What>, "g++ 12 destroys this closure twice: name it first");
        return run_or_move_on(when, call_owned<std::decay_t<What>>(std::forward<What>(what)));
    } else {
        auto body = as_coroutine(std::forward<What>(what));
        if (is_startable<What> && when <= now) return move_on_at_once(std::move(body));
        return run_or_move_on(when, std::move(body));
    }
}

}  // namespace torus::inline v0
