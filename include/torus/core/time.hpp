// torus/core/time.hpp: waiting for a moment, and refusing to wait past one.
#pragma once

#include <optional>
#include <variant>

#include <torus/core/awaitable.hpp>
#include <torus/core/clock.hpp>
#include <torus/core/interruption.hpp>
#include <torus/core/task.hpp>
#include <torus/core/timeout_scope.hpp>
#include <torus/core/timer.hpp>

namespace torus::inline v0 {

/// What `yield_now` returns.
class [[nodiscard("co_await it")]] yielding final : public runnable {
public:
    yielding() noexcept = default;
    yielding(yielding&&) noexcept : runnable() {}
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h);
    void await_resume() {
        if (cancelled_) [[unlikely]]
            throw_cancelled();
    }

private:
    [[noreturn]] static void throw_cancelled();
    bool cancelled_ = false;
};

/// Lets everything else that is ready run once.
/// @cancel a pending cancellation is thrown here
inline yielding yield_now() noexcept { return {}; }

/// What `sleep` returns.
class [[nodiscard("co_await it")]] sleeping final : public timer {
public:
    explicit sleeping(time_point deadline) noexcept : timer(wait_kind::sleep, deadline) {}
    sleeping(sleeping&&) noexcept = default;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> h);
    void await_resume() { end_wait(); }

private:
    void expired() noexcept override { make_ready(); }
    void cancel() noexcept override;
};

/// Waits for `span`, counted from the call; for one pass if it is zero or negative; for ever if it is the maximum.
///
///     co_await sleep(100ms);
///
/// @throws std::invalid_argument  a span that is not a number
/// @cancel takes effect at once
/// @source asyncio.sleep
template <class Rep, class Period> sleeping sleep(std::chrono::duration<Rep, Period> span) {
    const duration exact = to_duration(span);
    return sleeping(exact <= duration::zero() ? time_point::min() : later(clock::now(), exact));
}

/// The same, and gives `value`: `sleep(1s, "late"s)`. Useful as a stand-in for work.
template <class Rep, class Period, class T> async<T> sleep(std::chrono::duration<Rep, Period> span, T value) {
    co_await sleep(span);
    co_return value;
}

/// Waits until `when`, for one pass if that has passed.
/// @cancel takes effect at once
inline sleeping sleep_until(time_point when) noexcept { return sleeping(when); }

/// Waits until cancelled.
/// @cancel takes effect at once
inline sleeping sleep_forever() noexcept { return sleeping(time_point::max()); }

/// Gives `what` as long as `limit` to end; then cancels it, waits for its end, and throws.
///
///     auto body = co_await timeout(2s, fetch(url));
///     co_await timeout(10s, [&](timeout_scope& t) -> async<> { ...; t.reschedule(30s); ... });
///
/// A coroutine is not even started if the limit is zero or negative; a closure then fails at its first suspension.
/// If `what` answers the cancellation with another error, that is thrown; if it succeeds all the same, its result is
/// returned.
///
/// @throws timeout_error  the time was up
/// @cancel passes through, and is never mistaken for the time being up
/// @source asyncio.timeout, asyncio.wait_for
template <class Rep, class Period, class What> auto timeout(std::chrono::duration<Rep, Period> limit, What&& what);

/// asyncio's name and order for `timeout(limit, what)`.
/// @cancel as timeout()
template <class What, class Rep, class Period> auto wait_for(What&& what, std::chrono::duration<Rep, Period> limit) {
    return timeout(limit, std::forward<What>(what));
}

/// The same with a moment instead of a span.
/// @cancel as timeout()
template <class What> auto timeout_at(time_point when, What&& what);

/// Like `timeout`, but an optional says whether there is a result (a bool where the result is void).
///
///     if (auto cached = co_await move_on_after(50ms, lookup(key))) use(*cached);
///
/// @cancel as timeout()
template <class Rep, class Period, class What>
auto move_on_after(std::chrono::duration<Rep, Period> limit, What&& what);

}  // namespace torus::inline v0

#include <torus/core/timeout_body.hpp>  // the bodies of the templates above
