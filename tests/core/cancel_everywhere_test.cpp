// tests/core/cancel_everywhere_test.cpp: the tool that cancels everywhere, and the core cancelled everywhere.
#include <torus/testing/cancel_everywhere.hpp>

#include <csignal>
#include <cstdio>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

#include "cancelled_everywhere.hpp"
#include "core/children.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace torus::testing {
namespace {

using namespace std::literals;

async<> one_second() { co_await torus::sleep(1s); }

TEST(cancel_everywhere, S560_cancels_once_per_moment_while_it_waits_and_before_it_is_resumed) {
    std::vector<int> reached;
    auto three = [&]() -> async<> {
        for (int i = 0; i < 3; ++i) {
            reached.push_back(i);
            co_await sleep(1s);
        }
    };
    const cancellations all = cancel_everywhere(three);
    EXPECT_EQ(all.text(), "");
    EXPECT_EQ(all.moments, 8U) << "before it begins, and in each of three sleeps, twice each";
    EXPECT_EQ(all.cancelled, 8U);
    // An uncancelled run, then two for each moment, then one that ends before its turn.
    EXPECT_EQ(reached, (std::vector{0, 1, 2, 0, 0, 0, 1, 0, 1, 0, 1, 2, 0, 1, 2, 0, 1, 2}));
}

TEST(cancel_everywhere, S561_says_which_invariant_does_not_hold_and_where) {
    int open = 0;
    auto careless = [&]() -> async<> {
        open = 1;
        co_await sleep(1s);
        open = 0;
    };
    const cancellations all = cancel_everywhere(careless, [&] {
        if (open != 0) throw std::logic_error("it is open");
    });
    EXPECT_EQ(all.text(), "cancelled in pass 1: it is open\n");
}

TEST(cancel_everywhere, S561_tells_of_an_error_that_is_no_cancellation) {
    auto fails = []() -> async<> {
        bool cancelled = false;
        try {
            co_await sleep(1s);
        } catch (const cancelled_error&) {
            cancelled = true;
        }
        if (cancelled) throw std::out_of_range("while it was cancelled");
    };
    EXPECT_EQ(cancel_everywhere(fails).text(), "cancelled in pass 1: it failed: while it was cancelled\n");
}

TEST(cancel_everywhere, S561_tells_of_an_error_without_any_cancellation) {
    EXPECT_EQ(cancel_everywhere([] { return fail_after(1s); }).text(), "not cancelled: it failed: failed\n");
    const cancellations all = cancel_everywhere(one_second, [] { throw std::logic_error("it never holds"); });
    EXPECT_EQ(all.text(), "not cancelled: it never holds\n");
    EXPECT_EQ(all.moments, 0U);
}

TEST(cancel_everywhere, S562_tells_of_a_task_that_is_left) {
    int tries = 0;
    auto stays = [](bool is_first) -> async<> { co_await sleep(is_first ? 0s : 10'000'000h); };
    auto leaves = [&]() -> async<> {
        spawn(stays(tries++ == 0), {.name = "left"});
        co_await sleep(1ms);
    };
    const std::string text = cancel_everywhere(leaves, {}, {.clock = clock_kind::steady, .settling_time = 50ms}).text();
    EXPECT_NE(text.find("a task is left: left"), std::string::npos) << text;
}

TEST(cancel_everywhere, S562_tells_of_a_descriptor_that_is_left) {
    std::vector<int> opened;
    auto opens = [&]() -> async<> {
        const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        bool cancelled = false;
        try {
            co_await sleep(1s);
        } catch (const cancelled_error&) {
            cancelled = true;
        }
        if (cancelled) opened.push_back(descriptor);
        else ::close(descriptor);
    };
    const std::string text = cancel_everywhere(opens, {}, {.settling_time = 50ms}).text();
    EXPECT_EQ(text, "cancelled in pass 1: descriptors are left\n");
    for (const int each : opened) ::close(each);
}

TEST(cancel_everywhere, S561_tells_of_one_that_does_not_end_when_it_is_cancelled) {
    auto goes_on = []() -> async<> {
        bool cancelled = false;
        try {
            co_await sleep(1ms);
        } catch (const cancelled_error&) {
            cancelled = true;
        }
        if (cancelled) co_await sleep_forever();
    };
    const std::string text =
        cancel_everywhere(goes_on, {}, {.clock = clock_kind::steady, .settling_time = 50ms}).text();
    EXPECT_NE(text.find("cancelled in pass 1: it does not end"), std::string::npos) << text;
}

TEST(cancel_everywhere, S562_tells_of_a_thread_that_is_left) {
    std::promise<void> gate;
    const std::shared_future<void> opened = gate.get_future().share();
    int tries = 0;
    auto leaves_a_thread = [&]() -> async<> {
        const bool is_first = tries++ == 0;
        event_loop& loop = get_running_loop();
        const auto begun = std::make_shared<promise<>>();
        auto work = [&loop, begun, is_first, opened] {
            loop.call_soon_threadsafe([begun] { begun->set_value(); });
            if (!is_first) opened.wait();
        };
        co_await torus::race(torus::to_thread(work), begun->future());
    };
    auto open_late = [&] {
        if (get_running_loop().jobs_away() > 0) gate.set_value();
    };
    const cancel_everywhere_options soon{.clock = clock_kind::steady, .settling_time = 50ms};
    const std::string text = cancel_everywhere(leaves_a_thread, open_late, soon).text();
    EXPECT_NE(text.find("a thread is still at work for it"), std::string::npos) << text;
}

TEST(cancel_everywhere, S563_refuses_to_run_within_a_loop) {
    auto nested = []() -> async<> {
        EXPECT_THROW(cancel_everywhere([]() -> async<> { co_return; }), std::runtime_error);
        co_return;
    };
    run(nested());
}

// ------------------------------------------------------------------------------------------------------------------
// The core, cancelled everywhere

CANCELLED_EVERYWHERE(core_everywhere, sleep) { co_await torus::sleep(1s); }
CANCELLED_EVERYWHERE(core_everywhere, sleep_until) { co_await torus::sleep_until(clock::now() + 1s); }
CANCELLED_EVERYWHERE(core_everywhere, yield_now) { co_await torus::yield_now(); }
CANCELLED_EVERYWHERE(core_everywhere, task) { co_await create_task(slowly(1s, 1)); }
CANCELLED_EVERYWHERE(core_everywhere, gather) { co_await torus::gather(slowly(1s, 1), slowly(2s, 2)); }
CANCELLED_EVERYWHERE(core_everywhere, gather_outcomes) {
    co_await torus::gather(return_exceptions, slowly(1s, 1), fail_after(2s));
}
CANCELLED_EVERYWHERE(core_everywhere, race) { co_await torus::race(slowly(1s, 1), slowly(2s, 2)); }
CANCELLED_EVERYWHERE(core_everywhere, wait) {
    const auto two = sleepers({1, 2});
    co_await torus::wait(two);
}
CANCELLED_EVERYWHERE(core_everywhere, shield) { co_await torus::shield(slowly(1s, 1)); }
CANCELLED_EVERYWHERE(core_everywhere, timeout) { co_await torus::timeout(2s, slowly(1s, 1)); }
CANCELLED_EVERYWHERE(core_everywhere, timeout_at) { co_await torus::timeout_at(clock::now() + 2s, slowly(1s, 1)); }
CANCELLED_EVERYWHERE(core_everywhere, wait_for) { co_await torus::wait_for(slowly(1s, 1), 2s); }
CANCELLED_EVERYWHERE(core_everywhere, map) {
    const std::vector<int> seconds{1, 2, 3};
    auto wait = [](int each) -> async<> { co_await torus::sleep(std::chrono::seconds(each)); };
    co_await torus::map(seconds, wait, 2);
}
CANCELLED_EVERYWHERE(core_everywhere, move_on_after) { co_await torus::move_on_after(1s, slowly(2s, 1)); }
CANCELLED_EVERYWHERE(core_everywhere, finally) { co_await torus::finally(slowly(1s, 1), one_second()); }
CANCELLED_EVERYWHERE(core_everywhere, exit_stack) {
    co_await torus::exit_stack([](torus::exit_stack& stack) -> async<> {
        stack.callback([] {});
        co_await torus::sleep(1s);
    });
}
CANCELLED_EVERYWHERE(core_everywhere, try_) { static_cast<void>(co_await torus::try_(fail_after(1s))); }
CANCELLED_EVERYWHERE(core_everywhere, to_thread) {
    co_await torus::to_thread([] { return 1; });
}
CANCELLED_EVERYWHERE(core_everywhere, future) {
    promise<int> given;
    get_running_loop().call_later(1s, [&] {
        if (!given.done()) given.set_value(1);
    });
    co_await given.future();
}
CANCELLED_EVERYWHERE(core_everywhere, submitted) { co_await spawn_on(get_running_loop(), slowly(1s, 1)); }
CANCELLED_EVERYWHERE(core_everywhere, on_every_loop) { co_await torus::on_every_loop(one_second); }
CANCELLED_EVERYWHERE(core_everywhere, sleep_forever) { co_await torus::move_on_after(1s, torus::sleep_forever()); }
CANCELLED_EVERYWHERE(core_everywhere, shielded) {
    auto body = []() -> async<> { co_await torus::sleep(1s); };
    co_await torus::shielded(body);
}
CANCELLED_EVERYWHERE(core_everywhere, cancel_scope) {
    auto body = []() -> async<> { co_await torus::sleep(2s); };
    co_await torus::cancel_scope({.timeout = 1s}, body);
}
CANCELLED_EVERYWHERE(core_everywhere, task_group_and_start) {
    auto serve = [](task_status<int>& status) -> async<> {
        co_await torus::sleep(1s);
        status.started(1);
        co_await torus::sleep(1s);
    };
    auto body = [&](torus::task_group& group) -> async<> {
        group.create_task(one_second());
        EXPECT_EQ(co_await group.start(serve), 1);
    };
    co_await torus::task_group(body);
}
CANCELLED_EVERYWHERE(core_everywhere, as_completed) {
    const auto two = sleepers({1, 2});
    auto finished = torus::as_completed(two);
    while (auto each = co_await finished.next()) co_await *each;
}
CANCELLED_EVERYWHERE(core_everywhere, as_completed_bounded) {
    std::vector<async<int>> three;
    for (const int n : {1, 2, 3}) three.push_back(slowly(std::chrono::seconds(n), n));
    auto take = [](completions<int>& finished) -> async<> {
        while (auto each = co_await finished.next()) static_cast<void>(co_await *each);
    };
    const bounded_options two_at_once{.limit = 2};
    co_await torus::as_completed(std::move(three), two_at_once, take);
}

generator<int> count_slowly() {
    for (int i = 0;; ++i) {
        co_await torus::sleep(1s);
        co_yield i;
    }
}
CANCELLED_EVERYWHERE(core_everywhere, next_and_aclose_of_a_generator) {
    auto numbers = count_slowly();
    EXPECT_EQ(*co_await numbers.next(), 0);
    EXPECT_EQ(*co_await numbers.next(), 1);
    co_await numbers.aclose();
}
CANCELLED_EVERYWHERE(core_everywhere, call_graphs) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> nowhere(std::fopen("/dev/null", "w"), std::fclose);
    const call_graph here = co_await capture_call_graph();
    EXPECT_FALSE(here.empty());
    co_await print_call_graph(nowhere.get());
    co_await torus::sleep(1s);
}

TEST(core_everywhere, S565_run_in_executor) {
    thread_pool cpu(1);
    auto use = [&]() -> async<> {
        auto work = [] { return 1; };
        EXPECT_EQ(co_await run_in_executor(cpu, work), 1);
    };
    expect_cancellable_everywhere(use);
}

TEST(core_everywhere, S565_signal_and_signals) {
    auto use = []() -> async<> {
        auto raise_it = []() -> async<> {
            ::raise(SIGUSR1);
            co_return;
        };
        co_await torus::gather(torus::signal(SIGUSR1), raise_it());
        signals all{SIGUSR1};
        ::raise(SIGUSR1);
        EXPECT_EQ(co_await all.next(), SIGUSR1);
    };
    expect_kernel_use_cancellable_everywhere(use);
}

}  // namespace
}  // namespace torus::testing
