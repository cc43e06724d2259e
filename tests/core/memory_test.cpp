// tests/core/memory_test.cpp: whatever allocation fails, the loop is intact and nothing is left behind.
#include <memory>
#include <new>
#include <ranges>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/core/core.hpp>
#include <torus/testing/test.hpp>

#include "core/allocation.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// What a scenario's coroutines hold: when it is over, nobody may.
using token = std::shared_ptr<int>;

constexpr std::string_view long_name = "a name that is too long for the small string optimisation";

async<int> slowly(token, duration span, int value) {
    co_await sleep(span);
    co_return value;
}

async<> fail_after(token, duration span) {
    co_await sleep(span);
    throw std::runtime_error("failed, with a message that is too long for the small string optimisation");
}

/// Runs the scenario again and again, each time with another allocation that fails, until none does.
template <class Scenario> async<> whatever_fails(Scenario scenario) {
    constexpr int many = 5'000;  // no scenario needs so many
    for (int number = 0; number < many; ++number) {
        const auto held = std::make_shared<int>();
        const time_point began = clock::now();
        bool failed = false;
        {
            const failing_allocation failing(number);
            try {
                co_await scenario(held);
            } catch (const std::bad_alloc&) {
            } catch (const std::runtime_error&) {  // an error of the scenario's, or of a thread that could not start
            } catch (const cancelled_error&) {}
            failed = failing_allocation::has_failed();
        }
        EXPECT_LT(clock::now() - began, 1h) << "what had begun was cancelled; allocation " << number;
        // Tasks whose beginning has failed, or which are not awaited any more, end by themselves.
        for (int i = 0; i < 10 && all_tasks().size() > 1; ++i) co_await sleep(1h);
        EXPECT_EQ(all_tasks().size(), 1U) << "allocation " << number;
        EXPECT_EQ(held.use_count(), 1) << "allocation " << number;
        EXPECT_EQ(current_task().cancelling(), 0) << "allocation " << number;
        if (::testing::Test::HasFailure()) co_return;
        co_await sleep(1s);
        take_reports();
        if (failed) continue;
        EXPECT_GT(number, 0) << "nothing was allocated";
        co_return;
    }
    ADD_FAILURE() << "it never finishes";
}

TORUS_TEST(memory, awaiting_coroutines_and_tasks) {
    co_await whatever_fails([](token t) -> async<> {
        EXPECT_EQ(co_await slowly(t, 1s, 1), 1);
        auto named = create_task(slowly(t, 1s, 2), {.name = long_name});
        auto owning = create_task(slowly, t, duration(1s), 3);
        EXPECT_EQ(co_await named, 2);
        EXPECT_EQ(co_await owning, 3);
        auto eager = create_task(slowly(t, 1s, 4), {.name = long_name, .eager = true});
        EXPECT_EQ(co_await eager, 4);
        EXPECT_EQ(all_tasks().size(), 1U);
    });
}

TORUS_TEST(memory, gathering) {
    co_await whatever_fails([](token t) -> async<> {
        auto running = create_task(slowly(t, 3s, 3));
        auto [a, b, c] = co_await gather(slowly(t, 1s, 1), slowly(t, 2s, 2), running);
        EXPECT_EQ(a + b + c, 6);
        std::vector<async<int>> all;
        for (int i = 0; i < 5; ++i) all.push_back(slowly(t, 1s, i));
        const auto results = co_await gather(std::move(all));
        EXPECT_EQ(results.size(), 5U);
        co_await gather(slowly(t, 1h, 1), fail_after(t, 1s), fail_after(t, 1s));
    });
}

TORUS_TEST(memory, groups) {
    co_await whatever_fails([](token t) -> async<> {
        auto body = [&](task_group& tg) -> async<> {
            for (int i = 0; i < 3; ++i) tg.create_task(slowly(t, 1s, i), {.name = long_name});
            tg.create_task(fail_after(t, 1s), {.name = long_name});
            tg.create_task(fail_after(t, 1s), {.name = long_name});
            co_await sleep(1h);
        };
        co_await task_group(body);
    });
}

TORUS_TEST(memory, timeouts_and_shields) {
    co_await whatever_fails([](token t) -> async<> {
        EXPECT_EQ(co_await timeout(5s, slowly(t, 1s, 1)), 1);
        EXPECT_EQ(co_await move_on_after(1s, slowly(t, 1h, 1)), std::nullopt);
        EXPECT_EQ(co_await shield(slowly(t, 1s, 2)), 2);
        auto running = create_task(slowly(t, 1s, 3));
        EXPECT_EQ(co_await shield(running), 3);
        auto body = [&]() -> async<> { co_await slowly(t, 1h, 4); };
        co_await timeout(1s, body);
    });
}

TORUS_TEST(memory, races_and_outcomes) {
    co_await whatever_fails([](token t) -> async<> {
        auto running = create_task(slowly(t, 3s, 3));
        auto first = co_await race(slowly(t, 1s, 1), slowly(t, 2s, 2), running);
        EXPECT_EQ(std::get<0>(first), 1);
        std::vector<async<int>> all;
        for (int i = 0; i < 3; ++i) all.push_back(slowly(t, 1s * (i + 1), i));
        const auto winner = co_await race(std::move(all));
        EXPECT_EQ(winner.index, 0U);
        const auto outcomes = co_await gather(return_exceptions, slowly(t, 1s, 1), fail_after(t, 1s));
        EXPECT_FALSE(std::get<1>(outcomes));
        const auto tried = co_await try_(fail_after(t, 1s));
        EXPECT_FALSE(tried);
        co_await race(fail_after(t, 1s), slowly(t, 1h, 1));
    });
}

TORUS_TEST(memory, waiting_for_some_of_several) {
    co_await whatever_fails([](token t) -> async<> {
        std::vector<task<int>> tasks;
        for (int i = 1; i < 4; ++i) tasks.push_back(create_task(slowly(t, 1s * i, i)));
        auto [done, pending] = co_await wait(tasks, {.timeout = 1min, .until = first_completed});
        EXPECT_EQ(done.size(), 1U);
        auto finished = as_completed(tasks, {.timeout = 1min});
        while (auto each = co_await finished.next()) co_await *each;
        auto jobs = std::views::iota(0, 5) | std::views::transform([&](int n) { return slowly(t, 1s, n); });
        auto body = [&](completions<int>& done_jobs) -> async<> {
            while (auto each = co_await done_jobs.next()) co_await *each;
        };
        co_await as_completed(jobs, {.limit = 2}, body);
        const auto mapped = co_await map(std::views::iota(0, 5), [&](int n) { return slowly(t, 1s, n); }, 2);
        EXPECT_EQ(mapped.size(), 5U);
        co_await map(std::views::iota(0, 5), [&](int) { return fail_after(t, 1s); }, 2);
    });
}

TORUS_TEST(memory, cleaning_up) {
    co_await whatever_fails([](token t) -> async<> {
        EXPECT_EQ(co_await finally(slowly(t, 1s, 1), [&]() -> async<> { co_await slowly(t, 1s, 2); }, 1min), 1);
        auto body = [&](exit_stack& stack) -> async<> {
            stack.callback([&]() -> async<> { co_await slowly(t, 1s, 3); });
            stack.callback([t] {});
            co_await slowly(t, 1s, 4);
        };
        co_await exit_stack(body);
        co_await finally(fail_after(t, 1s), fail_after(t, 1s));
    });
}

TORUS_TEST(memory, cancelling_with_a_reason) {
    co_await whatever_fails([](token t) -> async<> {
        auto inner = create_task(slowly(t, 1h, 1));
        auto outer = create_task([](task<int> awaited) -> async<> { co_await gather(awaited, sleep(1h)); }, inner);
        co_await sleep(1s);
        struct at_the_end {
            task<>& last;
            ~at_the_end() { last.record().pass_cancel(nullptr); }
        } const ends{outer};
        outer.cancel(long_name);
        co_await outer;
    });
}

TORUS_TEST(memory, threads) {
    co_await whatever_fails([](token t) -> async<> {
        auto work = [t](const std::string& text) { return text + " and more text than fits"; };
        const std::string result = co_await to_thread(work, std::string(long_name));
        EXPECT_GT(result.size(), long_name.size());
        event_loop::current().call_soon_threadsafe([t] {});
        co_await sleep(1s);  // it arrives with a kernel entry
    });
}

TORUS_TEST(memory, reports) {
    co_await whatever_fails([](token t) -> async<> {
        { auto forgotten = slowly(t, 1s, 1); }
        spawn(fail_after(t, 1s), {.name = long_name});
        co_await sleep(2s);
    });
}

TEST(memory, running_a_program) {
    for (int number = 0; number < 5'000; ++number) {
        const auto held = std::make_shared<int>();
        auto main = [](token t) -> async<int> {
            spawn(slowly(t, 1h, 1));
            co_return co_await slowly(t, 1s, 2);
        };
        run_options options;
        options.clock = clock_kind::simulated;
        bool failed = false;
        {
            const failing_allocation failing(number);
            try {
                EXPECT_EQ(run(main(held), options), 2);
            } catch (const std::bad_alloc&) {
            } catch (const std::system_error&) {  // a backend that says ENOMEM
            }
            failed = failing_allocation::has_failed();
        }
        ASSERT_EQ(held.use_count(), 1) << "allocation " << number;
        ASSERT_EQ(running.loop, nullptr);
        if (failed) continue;
        EXPECT_GT(number, 0) << "nothing was allocated";
        return;
    }
    FAIL() << "it never finishes";
}

}  // namespace
