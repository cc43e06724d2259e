// torus/testing/cancel_everywhere.hpp: a coroutine that is cancelled at each of its suspensions, one after the other.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

#include <torus/core/clock.hpp>
#include <torus/testing/subject.hpp>

namespace torus::inline v0::testing {

/// What `cancel_everywhere` has tried, and found.
struct cancellations {
    std::size_t moments = 0;    // at which the coroutine was cancelled
    std::size_t cancelled = 0;  // of these runs ended as cancelled; in the others the result won
    std::vector<std::string> problems = {};

    /// Each problem in a line of its own, for `EXPECT_EQ(cancel_everywhere(…).text(), "")`.
    std::string text() const;
};

struct cancel_everywhere_options {
    clock_kind clock = clock_kind::simulated;

    /// How long what is cancelled may take to end, and then what it has left to be gone: some passes of the loop, and the
    /// kernel. In real time, on a loaded machine.
    duration settling_time = std::chrono::seconds(10);
};

cancellations cancel_everywhere(subject& what, cancel_everywhere_options options);

/// Runs the coroutine that `factory()` gives once per moment at which it waits, and cancels it there: after its first
/// pass of the loop, after its second one, and so on until it ends before its turn. Each moment is tried twice: while it
/// waits, and when what it waits for has come but it was not resumed yet. Each run has an event loop of its own, made with
/// TORUS_BACKEND; so this is called from outside of any.
///
/// Each run must end, and the coroutine have succeeded or ended as cancelled; no task, no operation, no descriptor, no
/// frame of it and no thread at work for it may be left; and `invariant()` is called, which throws if something does not hold.
///
///     mutex m;
///     auto section = [&]() -> async<> {
///         auto held = co_await m.lock();
///         co_await sleep(1s);
///     };
///     auto is_free = [&] { if (m.locked()) throw std::logic_error("the mutex is still locked"); };
///     EXPECT_EQ(cancel_everywhere(section, is_free).text(), "");
///
/// The coroutine has to end by itself when it is not cancelled, and has to behave the same in each run: it makes what it
/// uses. What stays open for the whole process the first run may open.
///
/// @throws std::runtime_error  a loop runs on this thread
template <class Factory, class Invariant = nothing_more>
    requires std::is_invocable_v<Factory&>
cancellations cancel_everywhere(Factory factory, Invariant invariant = {}, cancel_everywhere_options options = {}) {
    function_subject<Factory, Invariant> each(factory, invariant);
    return cancel_everywhere(static_cast<subject&>(each), options);
}

}  // namespace torus::inline v0::testing
