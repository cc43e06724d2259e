// tests/core/shutdown_test.cpp: tasks that refuse to end, and what is done with them.
#include <torus/core/callback.hpp>
#include <torus/core/gather.hpp>
#include <torus/core/run.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"
#include "core/gate.hpp"
#include "core/noting.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

run_options impatient() {
    run_options options;
    options.clock = clock_kind::simulated;
    options.task_grace = 1s;
    options.blocked_after = 0s;  // what the tests count or read is not about how fast the machine is
    return options;
}

/// Runs `main` until its leftovers are dropped; gives what was written to standard error.
template <class Main> std::string run_and_drop(Main& main) {
    ::testing::internal::CaptureStderr();
    run(main(), impatient());
    return ::testing::internal::GetCapturedStderr();
}

/// Swallows whatever comes.
async<> refuse() {
    for (;;) {
        try {
            co_await sleep_forever();
        } catch (const cancelled_error&) {}
    }
}

TEST(shutdown, S9_locals_of_a_dropped_task_are_destroyed_once_innermost_first) {
    std::string log;
    auto main = [&]() -> async<> {
        spawn(
            [](std::string& text) -> async<> {
                const noting outer(text, 'o');
                co_await [](std::string& more) -> async<> {
                    const noting middle(more, 'm');
                    co_await [](std::string& most) -> async<> {
                        const noting inner(most, 'i');
                        co_await refuse();
                    }(more);
                }(text);
            },
            std::ref(log));
        co_await yield_now();
    };
    const std::string written = run_and_drop(main);
    EXPECT_EQ(log, "imo");
    EXPECT_NE(written.find("refused to end"), std::string::npos) << written;
}

TEST(shutdown, S9_a_deep_chain_is_destroyed_without_recursion) {
    struct chain {
        static async<> nest(int depth) {
            if (depth == 0) co_await refuse();
            else co_await nest(depth - 1);
        }
    };
    auto main = []() -> async<> {
        spawn(chain::nest(200'000));
        co_await yield_now();
    };
    EXPECT_NE(run_and_drop(main), "");
}

TEST(shutdown, S9_children_are_destroyed_before_the_frames_that_they_refer_to) {
    std::string log;
    auto main = [&]() -> async<> {
        spawn(
            [](std::string& text) -> async<> {
                std::string local = "alive";
                auto child = [&](char name) -> async<> {
                    struct touches {
                        std::string& parents;
                        std::string& to;
                        char which;
                        ~touches() { to += which + parents + ' '; }
                    } const local_of_child{local, text, name};
                    co_await refuse();
                };
                co_await gather(child('a'), child('b'));
            },
            std::ref(log));
        co_await let_others_run();
    };
    run_and_drop(main);
    EXPECT_EQ(log, "balive aalive ");
}

TEST(shutdown, S9_wherever_they_wait) {
    std::string log;
    gate never;
    auto main = [&]() -> async<> {
        auto refusing = create_task(refuse());
        auto stubborn = [&](char name, auto wait) -> async<> {
            const noting local(log, name);
            for (;;) {
                try {
                    co_await wait();
                } catch (const cancelled_error&) {}
            }
        };
        spawn(stubborn, 'g', [&] { return never.pass(); });
        spawn(stubborn, 's', [] { return sleep(1h); });
        spawn(stubborn, 'y', [] { return yield_now(); });
        spawn(stubborn, 'j', [refusing] { return as_coroutine(refusing); });
        spawn(stubborn, 'h', [] { return shield(refuse()); });
        spawn(stubborn, 't', [] { return timeout(1h, refuse()); });
        spawn(stubborn, 'p', [] {
            return []() -> async<> {
                auto body = [](task_group& tg) { tg.create_task(refuse()); };
                co_await task_group(body);
            }();
        });
        co_await let_others_run();
    };
    run_and_drop(main);
    EXPECT_EQ(log.size(), 7U) << log;
}

TEST(shutdown, S9_destructors_that_start_cancel_and_look_around) {
    std::string log;
    static task<> other;
    struct busy {
        std::string& to;
        ~busy() {
            to += 'd';
            other.cancel();
            EXPECT_FALSE(current_task());
            spawn(
                [](std::string& text, noting) -> async<> {
                    text += "it ran";
                    co_return;
                },
                std::ref(to), noting(to, 'a'));
            EXPECT_EQ(all_tasks().size(), 1U) << "those that are being dropped have ended";
        }
    };
    auto main = [&]() -> async<> {
        other = create_task(refuse());
        spawn(
            [](std::string& text) -> async<> {
                const busy local{text};
                co_await refuse();
            },
            std::ref(log));
        co_await yield_now();
    };
    run_and_drop(main);
    EXPECT_EQ(log, "da") << "a task that is started too late never runs, but its arguments are destroyed";
    EXPECT_TRUE(other.cancelled());
    other = {};
}

TEST(shutdown, S9_a_handle_that_survives_says_cancelled) {
    task<> kept;
    auto main = [&]() -> async<> {
        kept = create_task(refuse());
        co_await yield_now();
    };
    run_and_drop(main);
    EXPECT_TRUE(kept.done());
    EXPECT_TRUE(kept.cancelled());
    EXPECT_FALSE(kept.cancel());
    EXPECT_THROW(kept.result(), cancelled_error);
}

TEST(shutdown, one_that_is_always_ready_is_dropped_though_time_stands_still) {
    auto main = []() -> async<> {
        spawn([]() -> async<> {
            for (;;) {
                try {
                    co_await yield_now();
                } catch (const cancelled_error&) {}
            }
        });
        co_await yield_now();
    };
    EXPECT_NE(run_and_drop(main).find("refused"), std::string::npos);
}

TEST(shutdown, one_that_needs_many_passes_is_waited_for_on_a_real_clock) {
    bool finished = false;
    auto main = [&]() -> async<> {
        spawn(
            [](bool& done) -> async<> {
                co_await until_cancelled();
                for (int i = 0; i < 250'000; ++i) co_await yield_now();
                done = true;
            },
            std::ref(finished));
        co_await yield_now();
    };
    run(main());
    EXPECT_TRUE(finished);
}

TEST(shutdown, very_many_that_refuse) {
    int cleaned = 0;
    auto main = [&]() -> async<> {
        for (int i = 0; i < 100'000; ++i) {
            spawn(
                [](int& count) -> async<> {
                    struct counting {
                        int& n;
                        ~counting() { ++n; }
                    } const local{count};
                    co_await refuse();
                },
                std::ref(cleaned));
        }
        co_await yield_now();
    };
    run_and_drop(main);
    EXPECT_EQ(cleaned, 100'000);
}

async<> await_or_gather(const task<>& other, bool gathering) {
    if (gathering) co_await gather(other);
    else co_await other;
}

/// So many tasks in a circle, each of which awaits the next one, or gathers it; and one that awaits the first of them.
async<> wait_in_a_circle(std::size_t size, bool gathering) {
    std::vector<task<>> circle(size);
    for (std::size_t i = 0; i < size; ++i) circle[i] = create_task(await_or_gather(circle[(i + 1) % size], gathering));
    task<> outside = create_task(await_or_gather(circle[0], gathering));
    co_await let_others_run();
    outside.cancel();
    circle[0].cancel();
    co_await let_others_run();
    EXPECT_FALSE(circle[0].done());
}

TEST(shutdown, S49_tasks_that_wait_for_each_other_are_cancelled_once_around_and_dropped) {
    for (const std::size_t size : {2U, 63U, 64U, 65U, 500U})
        for (const bool gathering : {false, true}) {
            std::size_t dropped = 0;
            bool refused = false;
            auto main = [&]() -> async<> {
                get_running_loop().set_exception_handler([&](const error_context&) { ++dropped; });
                refused = get_running_loop().finds_deadlocks() && !gathering;  // S19
                if (!refused) co_await wait_in_a_circle(size, gathering);
            };
            run(main(), impatient());
            EXPECT_EQ(dropped, refused ? 0U : size + 1);
        }
}

}  // namespace
