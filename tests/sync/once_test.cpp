// tests/sync/once_test.cpp: made once, whoever asks, fails or gives up.
#include <torus/sync/once.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/testing/test.hpp>

#include "sync/ending.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// Makes a value after a second, and counts how often.
struct maker {
    maker(int& count, int result) : made(&count), value(result) {}
    int* made;
    int value;
    async<int> operator()() const { return make(made, value); }
    static async<int> make(int* count, int result) {
        ++*count;
        co_await sleep(1s);
        co_return result;
    }
};

struct failing_maker {
    async<int> operator()() const {
        co_await sleep(1s);
        throw std::runtime_error("not made");
    }
};

async<> ask(once<int>& o, maker how, std::string& log) {
    const int& got = co_await o.call(how);
    log += std::to_string(got) + ' ';
}

TORUS_TEST(once, S314_it_is_made_once_and_all_who_asked_go_on_when_it_is_there) {
    once<int> o;
    int made = 0;
    std::string log;
    EXPECT_FALSE(o.done());
    EXPECT_EQ(o.value(), nullptr);
    co_await gather(ask(o, maker(made, 1), log), ask(o, maker(made, 2), log), ask(o, maker(made, 3), log));
    EXPECT_EQ(log, "1 1 1 ");
    EXPECT_EQ(made, 1);
    EXPECT_EQ(elapsed(), 1s);
    EXPECT_TRUE(o.done());
    EXPECT_EQ(*o.value(), 1);
    int& again = co_await o.call(maker(made, 4));
    EXPECT_EQ(&again, o.value());
    EXPECT_EQ(made, 1);
    EXPECT_EQ(elapsed(), 1s) << "it was there";
}

TORUS_TEST(once, S315_a_failure_is_its_callers_alone_and_the_next_tries) {
    once<int> o;
    int made = 0;
    std::string log;
    auto failing = create_task([](once<int>& tried) -> async<> { co_await tried.call(failing_maker{}); }, std::ref(o));
    auto second = create_task(ask(o, maker(made, 2), log));
    auto third = create_task(ask(o, maker(made, 3), log));
    co_await expect_throws<std::runtime_error>(failing);
    co_await gather(second, third);
    EXPECT_EQ(log, "2 2 ");
    EXPECT_EQ(made, 1);
    EXPECT_EQ(elapsed(), 2s);
}

TORUS_TEST(once, S315_after_a_failure_that_nobody_waited_for_it_can_be_tried_again) {
    once<int> o;
    int made = 0;
    co_await expect_throws<std::runtime_error>(o.call(failing_maker{}));
    EXPECT_FALSE(o.done());
    EXPECT_EQ(co_await o.call(maker(made, 42)), 42);
}

TORUS_TEST(once, S315_one_that_is_cancelled_lets_the_next_try) {
    once<int> o;
    int made = 0;
    std::string log;
    auto first = create_task(ask(o, maker(made, 1), log));
    auto second = create_task(ask(o, maker(made, 2), log));
    auto third = create_task(ask(o, maker(made, 3), log));
    co_await sleep(500ms);
    first.cancel();
    co_await expect_throws<cancelled_error>(first);
    co_await gather(second, third);
    EXPECT_EQ(log, "2 2 ");
    EXPECT_EQ(made, 2);
}

TORUS_TEST(once, S315_one_that_waits_and_is_cancelled_leaves_the_line) {
    once<int> o;
    int made = 0;
    std::string log;
    auto first = create_task(ask(o, maker(made, 1), log));
    auto second = create_task(ask(o, maker(made, 2), log));
    co_await let_others_run();
    second.cancel();
    co_await expect_throws<cancelled_error>(second);
    EXPECT_EQ(elapsed(), 0s);
    co_await first;
    EXPECT_EQ(log, "1 ");
}

TORUS_TEST(once, S315_cancelled_at_every_pass_somebody_makes_it) {
    for (int passes = 0; passes < 15; ++passes) {
        for (std::size_t victim = 0; victim < 3; ++victim) {
            once<> o;
            int made = 0;
            auto make = [&made]() -> async<> {
                co_await let_others_run(3);
                ++made;
            };
            std::vector<task<>> tasks;
            for (int i = 0; i < 4; ++i)
                tasks.push_back(create_task([](once<>& asked, auto how) -> async<> { co_await asked.call(how); },
                                            std::ref(o), make));
            co_await let_others_run(passes);
            tasks[0].cancel();
            tasks[victim].cancel();
            for (task<>& each : tasks) co_await ended(each);
            EXPECT_TRUE(o.done()) << passes << " passes, victim " << victim;
            EXPECT_EQ(made, 1);
        }
    }
}

TORUS_TEST(once, S314_calling_it_from_within_what_it_calls_is_an_error) {
    once<> o;
    auto inner = [&o]() -> async<> {
        auto nothing = []() -> async<> { co_return; };
        co_await o.call(nothing);
    };
    co_await expect_throws<deadlock_error>(o.call(inner));
    EXPECT_FALSE(o.done());
}

TORUS_TEST(once, S314_it_may_make_nothing) {
    once<> o;
    int made = 0;
    auto make = [&made]() -> async<> {
        ++made;
        co_return;
    };
    for (int i = 0; i < 3; ++i) co_await o.call(make);
    EXPECT_EQ(made, 1);
    EXPECT_TRUE(o.done());
}

}  // namespace
