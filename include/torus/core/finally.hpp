// torus/core/finally.hpp: cleaning up, with awaits, however something ends.
#pragma once

#include <chrono>
#include <concepts>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <torus/core/cleaning.hpp>
#include <torus/core/coroutine_of.hpp>
#include <torus/core/timeout_body.hpp>

namespace torus::inline v0 {

/// Awaits `body`, then `clean_up`, whatever the body ended with; gives the body's result.
///
///     co_await finally(
///         [&]() -> async<> { co_await transfer(connection); },
///         [&]() -> async<> { co_await connection.close(); });
///
/// Both are awaitables, or closures, also such that don't return a coroutine. The clean-up begins at once, as a task of
/// its own. One cancellation never reaches it: the one that ended the body, or is pending when the body ends, or, if
/// there was none, the first that comes meanwhile; it is held until the clean-up has ended. Another one after that
/// interrupts the clean-up where it waits, so that nobody hangs for ever in one.
///
/// @throws what the body threw; an error of the clean-up then goes to the error handler. Otherwise what the clean-up
///         threw, even if the body was cancelled: the cancellation then stays pending
/// @cancel passes through the body. One that was held is thrown at the next suspension; one that interrupted the clean-up
///         is thrown from here, unless the body has failed
/// @source try: … finally: await …
template <class Body, class CleanUp> auto finally(Body&& body, CleanUp&& clean_up);

/// The same with a time limit for the clean-up, which is then cancelled and awaited, and has failed with `timeout_error`.
/// @cancel as without a limit
template <class Body, class CleanUp, class Rep, class Period>
auto finally(Body&& body, CleanUp&& clean_up, std::chrono::duration<Rep, Period> limit);

// ------------------------------------------------------------------------------------------------------------------

template <class T> async<T*> address_of_result(async<T&> body) { co_return &co_await std::move(body); }

template <class T> async<T> run_finally(async<T> body, async<> clean_up) {
    std::optional<T> result;
    std::exception_ptr error;
    try {
        result.emplace(co_await std::move(body));
    } catch (...) {
        error = std::current_exception();
    }
    co_await cleaning(std::move(clean_up), error);
    if (error) std::rethrow_exception(error);
    co_return *std::move(result);
}

inline async<> run_finally(async<> body, async<> clean_up) {
    std::exception_ptr error;
    try {
        co_await std::move(body);
    } catch (...) {
        error = std::current_exception();
    }
    co_await cleaning(std::move(clean_up), error);
    if (error) std::rethrow_exception(error);
}

template <class T> async<T&> run_finally(async<T&> body, async<> clean_up) {
    co_return *co_await run_finally(address_of_result(std::move(body)), std::move(clean_up));
}

/// Counts the time from the moment the clean-up begins, which it does even if there is none.
inline async<> run_limited(duration limit, async<> clean_up) {
    co_await run_timed(later(clock::now(), limit), std::move(clean_up));
}

template <class CleanUp> async<> clean_up_of(CleanUp&& clean_up) {
    auto made = coroutine_of(std::forward<CleanUp>(clean_up));
    static_assert(std::same_as<decltype(made), async<>>, "nobody receives what a clean-up returns");
    return made;
}

template <class Body, class CleanUp> auto finally(Body&& body, CleanUp&& clean_up) {
    return run_finally(coroutine_of(std::forward<Body>(body)), clean_up_of(std::forward<CleanUp>(clean_up)));
}

template <class Body, class CleanUp, class Rep, class Period>
auto finally(Body&& body, CleanUp&& clean_up, std::chrono::duration<Rep, Period> limit) {
    return run_finally(coroutine_of(std::forward<Body>(body)),
                       run_limited(to_duration(limit), clean_up_of(std::forward<CleanUp>(clean_up))));
}

}  // namespace torus::inline v0
