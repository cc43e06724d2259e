// tests/core/children.hpp: what tests give to tasks, gathers, groups, shields, timeouts and loops to run.
#pragma once

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

namespace torus {

/// For tests that call `run` themselves.
constexpr run_options simulated() {
    run_options options;
    options.clock = clock_kind::simulated;
    return options;
}

/// Gives `value` after `span`.
inline async<int> slowly(duration span, int value) {
    co_await sleep(span);
    co_return value;
}

/// Tasks that end after so many seconds each, and give their number.
inline std::vector<task<int>> sleepers(std::initializer_list<int> seconds) {
    std::vector<task<int>> tasks;
    for (int each : seconds) tasks.push_back(create_task(slowly(std::chrono::seconds(each), each)));
    return tasks;
}

/// Throws an `Error` after `span`.
template <class Error = std::runtime_error> async<> fail_after(duration span, std::string what = "failed") {
    co_await sleep(span);
    throw Error(what);
}

/// Notes its name, at once.
inline async<> note(std::string& log, char name) {
    log += name;
    co_return;
}

/// Notes that it ran, at once.
inline async<> note_run(bool& ran) {
    ran = true;
    co_return;
}

/// Sleeps, cleans up for so long where that is any time at all, and notes its name when it ends: as cancelled if it was.
inline async<> note_end(std::string& log, char name, duration cleaning = duration::zero()) {
    bool cancelled = false;
    try {
        co_await sleep(std::chrono::hours(1));
    } catch (const cancelled_error&) {
        cancelled = true;
    }
    if (cleaning > duration::zero()) co_await sleep(cleaning);
    log += name;
    if (cancelled) throw cancelled_error();
}

/// Returns when it is cancelled, and swallows that; nothing else ends it.
inline async<> until_cancelled() {
    bool cancelled = false;
    try {
        co_await sleep_forever();
    } catch (const cancelled_error&) {
        cancelled = true;
    }
    EXPECT_TRUE(cancelled);
}

/// Sleeps; gives `value` even if it is cancelled.
inline async<int> swallow(int value) {
    try {
        co_await sleep(std::chrono::hours(1));
    } catch (const cancelled_error&) {}
    co_return value;
}

/// Sleeps; answers a cancellation with an `Error`.
template <class Error = std::runtime_error> async<> answer_with(std::string what) {
    try {
        co_await sleep(std::chrono::hours(1));
    } catch (const cancelled_error&) {
        throw Error(what);
    }
}

/// A group as something that can be passed on.
template <class Body> async<> task_group_of(Body body) { co_await task_group(body); }

}  // namespace torus
