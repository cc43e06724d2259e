// tests/core/task_test.cpp: when tasks run, in what order, and what their handles tell.
#include <torus/core/task.hpp>

#include <memory>
#include <string>
#include <vector>

#include <torus/core/task_group.hpp>
#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<int> answer() { co_return 42; }

TORUS_TEST(task, S11_it_begins_in_a_later_pass) {
    std::string log;
    auto t = create_task(note(log, 'a'));
    EXPECT_FALSE(t.done());
    EXPECT_EQ(log, "");
    co_await yield_now();
    EXPECT_TRUE(t.done());
    EXPECT_EQ(log, "a");
}

TORUS_TEST(task, S12_they_begin_in_order_of_creation) {
    std::string log;
    for (char name = 'a'; name <= 'e'; ++name) spawn(note(log, name));
    co_await yield_now();
    EXPECT_EQ(log, "abcde");
}

TORUS_TEST(task, S13_the_ready_queue_is_first_in_first_out) {
    std::string log;
    auto twice = [&log](std::string name) -> async<> {
        log += name + "0 ";
        co_await sleep(0s);
        log += name + "1 ";
    };
    auto a = create_task(twice("a"));
    auto b = create_task(twice("b"));
    auto c = create_task(twice("c"));
    log += "m ";
    co_await gather(a, b, c);
    EXPECT_EQ(log, "m a0 b0 c0 a1 b1 c1 ");
}

TORUS_TEST(task, S14_a_pass_resumes_what_was_ready_when_it_began) {
    std::string log;
    spawn(
        [](std::string& text) -> async<> {
            text += "a ";
            spawn(note(text, 'b'));
            text += "c ";
            co_return;
        },
        std::ref(log));
    spawn(note(log, 'd'));
    co_await yield_now();
    EXPECT_EQ(log, "a c d");
    co_await yield_now();
    EXPECT_EQ(log, "a c db");
}

TORUS_TEST(task, S14_work_that_is_always_ready_does_not_keep_time_from_passing) {
    bool over = false;
    auto busy = create_task(
        [](bool& ended) -> async<> {
            while (!ended) co_await sleep(0s);
        },
        std::ref(over));
    co_await to_thread([] {});  // its answer comes with a kernel entry
    over = true;
    co_await busy;
}

TORUS_TEST(task, S15_awaiters_are_queued_in_order_when_it_completes) {
    std::string log;
    auto t = create_task(slowly(1s, 1));
    auto awaiting = [&log, t](char name) -> async<> {
        co_await t;
        log += name;
    };
    auto a = create_task(awaiting('a'));
    auto b = create_task(awaiting('b'));
    auto c = create_task(awaiting('c'));
    co_await gather(a, b, c);
    EXPECT_EQ(log, "abc");
}

TORUS_TEST(task, S16_awaiting_a_finished_one_lets_nobody_else_run) {
    std::string log;
    auto t = create_task(answer());
    co_await t;
    auto other = create_task(note(log, 'o'));
    EXPECT_EQ(co_await t, 42);
    EXPECT_EQ(log, "");
    co_await other;
}

TORUS_TEST(task, S17_many_may_await_it_and_see_the_same_result) {
    auto t = create_task(slowly(1s, 7));
    int& first = co_await t;
    int& second = co_await t;
    EXPECT_EQ(&first, &second);
    EXPECT_EQ(&first, &t.result());
    EXPECT_EQ(co_await std::move(t), 7);

    auto failing = create_task(fail_after(1s));
    std::vector<std::exception_ptr> errors;
    for (int i = 0; i < 3; ++i) {
        try {
            co_await failing;
        } catch (const std::runtime_error&) {
            errors.push_back(std::current_exception());
        }
    }
    EXPECT_EQ(errors.size(), 3U);
    EXPECT_EQ(errors.front(), errors.back());
}

TORUS_TEST(task, S17_taking_the_result_works_with_what_can_only_be_moved) {
    auto t = create_task([]() -> async<std::unique_ptr<int>> { co_return std::make_unique<int>(9); });
    std::unique_ptr<int> taken = co_await std::move(t);
    EXPECT_EQ(*taken, 9);
}

TORUS_TEST(task, S18_awaiting_oneself_is_an_error) {
    auto t = create_task([]() -> async<> {
        any_task self = current_task();
        task<> same(self.record());
        co_await same;
    });
    co_await expect_throws<std::runtime_error>(t);
}

TORUS_TEST(task, S18_nor_can_it_gather_or_shield_itself) {
    auto t = create_task([]() -> async<> {
        task<> same(current_task().record());
        co_await expect_throws<std::runtime_error>(gather(same, sleep(1h)));
        co_await expect_throws<std::runtime_error>(shield(same));
    });
    co_await t;
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(task, S74_one_of_another_loop_cannot_be_awaited_until_it_is_done) {
    auto t = create_task(slowly(1h, 5));
    auto foreign = [](task<int>* theirs) {
        auto main = [](task<int>& other) -> async<> {
            co_await expect_throws<std::runtime_error>(other);
            co_await expect_throws<std::runtime_error>(gather(other, sleep(1h)));
            co_await expect_throws<std::runtime_error>(shield(other));
        };
        run(main(*theirs));
    };
    co_await to_thread(foreign, &t);
    EXPECT_EQ(co_await t, 5);
}

TORUS_TEST(task, S19_the_task_that_would_close_a_cycle_fails_in_debug_mode) {
    event_loop::current().set_debug(true);
    task<> a;
    task<> b;
    auto awaiting = [](task<>& other) -> async<> { co_await other; };
    a = create_task(awaiting(b));
    b = create_task(awaiting(a));
    co_await expect_throws<deadlock_error>(b);
    co_await expect_throws<deadlock_error>(a);
    event_loop::current().set_debug(false);
}

TORUS_TEST(task, S19_in_a_simulation_it_always_does) {
    if (event_loop::current().backend_name() != "sim") co_return;  // elsewhere such tasks wait until they are cancelled
    task<> a;
    task<> b;
    auto awaiting = [](task<>& other) -> async<> { co_await other; };
    a = create_task(awaiting(b));
    b = create_task(awaiting(a));
    co_await expect_throws<deadlock_error>(b);
    co_await expect_throws<deadlock_error>(a);
}

template <class T>
concept can_be_a_task = requires(T t) { create_task(std::move(t)); };
static_assert(can_be_a_task<async<int>>);

TEST(task, S21_what_is_no_coroutine_cannot_be_one) {
    static_assert(!can_be_a_task<int> && !can_be_a_task<task<int>> && !can_be_a_task<sleeping>);
    static_assert(!can_be_a_task<int (*)()> && can_be_a_task<async<int> (*)()>);
}

template <class Task>
concept can_be_ended_from_outside = requires(Task t) { t.set_value(1); } || requires(Task t) { t.set_result(1); } ||
                                    requires(Task t) { t.set_exception(std::exception_ptr()); };

TEST(task, S26_its_outcome_cannot_be_set_from_outside) {
    static_assert(!can_be_ended_from_outside<task<int>> && !can_be_ended_from_outside<any_task>);
}

TEST(task, S20_without_a_loop_it_is_an_error_and_the_coroutine_is_destroyed) {
    auto counted = std::make_shared<int>();
    auto holding = [](std::shared_ptr<int>) -> async<> { co_return; };
    ::testing::internal::CaptureStderr();
    EXPECT_THROW(create_task(holding(counted)), std::runtime_error);
    EXPECT_THROW(create_task(holding, counted), std::runtime_error);
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(counted.use_count(), 1);
}

template <class A>
concept startable = requires(A a) { create_task(std::move(a)); };
static_assert(startable<async<int>>);
static_assert(!startable<int> && !startable<task<int>>, "S21: a task is made of a coroutine");

TORUS_TEST(task, S22_dropping_every_handle_does_not_stop_it) {
    std::string log;
    {
        auto t = create_task(
            [](std::string& text) -> async<> {
                co_await sleep(1s);
                text += "done";
            },
            std::ref(log));
    }
    co_await sleep(2s);
    EXPECT_EQ(log, "done");
}

TORUS_TEST(task, S23_it_keeps_its_closure_and_arguments_alive_until_it_is_done) {
    auto captured = std::make_shared<int>(1);
    auto argument = std::make_shared<int>(2);
    task<int> t;
    {
        auto closure = [captured](std::shared_ptr<int> given) -> async<int> {
            co_await sleep(1s);
            co_return *captured + *given;
        };
        t = create_task(std::move(closure), argument);
    }
    EXPECT_EQ(captured.use_count(), 2);
    EXPECT_GE(argument.use_count(), 2);
    EXPECT_EQ(co_await std::move(t), 3);
    EXPECT_EQ(captured.use_count(), 1);
    EXPECT_EQ(argument.use_count(), 1);
}

TORUS_TEST(task, S23_a_member_function_is_called_on_its_first_argument) {
    struct account {
        int balance = 1;
        async<int> pay(int amount) {
            co_await yield_now();
            co_return balance += amount;
        }
    };
    account mine;
    EXPECT_EQ(co_await create_task(&account::pay, &mine, 2), 3);
    EXPECT_EQ(co_await create_task(&account::pay, std::ref(mine), 4), 7);
    EXPECT_EQ(co_await create_task(&account::pay, mine, 8), 15) << "a copy";
    EXPECT_EQ(mine.balance, 7);
}

TORUS_TEST(task, S24_names_are_numbered_or_as_given) {
    auto first = create_task(answer());
    auto second = create_task(answer());
    EXPECT_EQ(first.name(), "Task-" + std::to_string(first.id()));
    EXPECT_LT(first.id(), second.id());
    auto named = create_task(answer(), {.name = "a name, verbatim"});
    EXPECT_EQ(named.name(), "a name, verbatim");
    named.set_name("another");
    EXPECT_EQ(named.name(), "another");
    EXPECT_EQ(current_task().name(), "main");
    co_await gather(first, second, named);
}

TORUS_TEST(task, S24_a_function_object_may_be_named_too) {
    int captured = 1;
    const auto count = [&]() -> async<int> { co_return ++captured; };
    const task<int> t = create_task(count, {.name = "counter"});
    EXPECT_EQ(t.name(), "counter");
    EXPECT_EQ(co_await t, 2);
    const auto in_group = [&](task_group& tg) -> async<> {
        const task<int> child = tg.create_task(count, {.name = "child"});
        EXPECT_EQ(child.name(), "child");
        EXPECT_EQ(co_await child, 3);
    };
    co_await task_group(in_group);
}

TORUS_TEST(task, S25_result_and_exception_tell_how_it_ended) {
    auto good = create_task(answer());
    EXPECT_THROW(good.result(), invalid_state_error);
    EXPECT_THROW(static_cast<void>(good.exception()), invalid_state_error);
    auto bad = create_task(fail_after(0s));
    auto gone = create_task(slowly(1h, 1));
    co_await let_others_run();
    gone.cancel();
    co_await let_others_run();
    EXPECT_EQ(good.result(), 42);
    EXPECT_EQ(good.exception(), nullptr);
    EXPECT_THROW(bad.result(), std::runtime_error);
    EXPECT_NE(bad.exception(), nullptr);
    EXPECT_FALSE(bad.cancelled());
    EXPECT_TRUE(gone.cancelled());
    EXPECT_THROW(gone.result(), cancelled_error);
    EXPECT_THROW(static_cast<void>(gone.exception()), cancelled_error);
}

TORUS_TEST(task, S31_current_task_is_the_one_that_runs) {
    auto check = []() -> async<> {
        const any_task self = current_task();
        for (int i = 0; i < 3; ++i) {
            co_await yield_now();
            EXPECT_EQ(current_task(), self);
            EXPECT_EQ((co_await []() -> async<any_task> { co_return current_task(); }()), self);
        }
    };
    const any_task self = current_task();
    co_await gather(check(), check(), check());
    EXPECT_EQ(current_task(), self);
}

TORUS_TEST(task, S31_there_is_none_in_a_callback_nor_while_a_task_is_taken_apart) {
    static int seen = 0;
    struct looks_around {
        bool armed = true;
        looks_around() = default;
        looks_around(looks_around&& other) noexcept : armed(std::exchange(other.armed, false)) {}
        ~looks_around() {
            if (armed && !current_task()) ++seen;
        }
    };
    seen = 0;
    event_loop::current().call_soon_threadsafe([] { seen += current_task() ? 0 : 1; });
    co_await sleep(1s);
    EXPECT_EQ(seen, 1);
    auto holding = [](looks_around) -> async<> { co_return; };
    spawn(holding(looks_around()));
    co_await sleep(1s);
    EXPECT_EQ(seen, 2) << "an argument of a task that nobody holds dies with its end";
    {
        auto unstarted = create_task(holding(looks_around()));
        unstarted.cancel();
    }
    co_await sleep(1s);
    EXPECT_EQ(seen, 3) << "an argument of a task that never began";
}

TORUS_TEST(task, S32_all_tasks_are_those_that_are_not_done) {
    auto before = all_tasks();
    EXPECT_EQ(before.size(), 1U);
    auto a = create_task(answer());
    auto b = create_task(slowly(1s, 1));
    EXPECT_EQ(all_tasks(), (std::vector<any_task>{current_task(), a, b}));
    co_await a;
    EXPECT_EQ(all_tasks(), (std::vector<any_task>{current_task(), b}));
    co_await b;
    EXPECT_EQ(all_tasks(), before);
}

TORUS_TEST(task, a_long_chain_of_tasks_that_hold_each_other_comes_apart_without_recursion) {
    auto link = [](task<> previous) -> async<> { co_await previous; };
    task<> last = create_task([]() -> async<> { co_return; });
    for (int i = 0; i < 200'000; ++i) last = create_task(link(std::move(last)));
    co_await std::move(last);
}

}  // namespace
