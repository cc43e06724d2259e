// tests/core/task_status_test.cpp: children of a group that say when they are ready.
#include <torus/core/task_group.hpp>

#include <memory>
#include <stdexcept>
#include <string>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<> serve(task_status<int>& status, int port, std::string& log) {
    co_await sleep(1s);
    status.started(port + 1);
    log += "serving ";
    co_await sleep(1h);
    log += "served ";
}

TORUS_TEST(task_status, S288_start_gives_what_the_child_says_when_it_is_ready) {
    std::string log;
    auto body = [&](task_group& tg) -> async<> {
        const int port = co_await tg.start(serve, 8080, std::ref(log));
        EXPECT_EQ(port, 8081);
        EXPECT_EQ(elapsed(), 1s);
        EXPECT_EQ(log, "serving ") << "the child goes on at once";
    };
    co_await task_group(body);
    EXPECT_EQ(elapsed(), 1h + 1s);
    EXPECT_EQ(log, "serving served ");
}

TORUS_TEST(task_status, S288_the_value_may_be_nothing_or_movable_only_or_named) {
    auto body = [](task_group& tg) -> async<> {
        auto nothing = [](task_status<>& status) -> async<> {
            status.started();
            co_return;
        };
        co_await tg.start(nothing);
        auto movable = [](task_status<std::unique_ptr<int>>& status, std::unique_ptr<int> n) noexcept -> async<> {
            status.started(std::move(n));
            co_return;
        };
        auto three = std::make_unique<int>(3);
        const auto same = co_await tg.start(movable, std::move(three));
        EXPECT_EQ(*same, 3);
        auto generic = [](auto& status) -> async<> {
            status.started(4);
            co_return;
        };
        EXPECT_EQ(co_await tg.start<int>(generic), 4);
    };
    co_await task_group(body);
}

TORUS_TEST(task_status, S289_what_a_child_throws_before_it_is_ready_is_thrown_by_start) {
    auto failing = [](task_status<int>&) -> async<> { co_await fail_after(1s, "no port"); };
    auto body = [&](task_group& tg) -> async<> {
        auto sibling = tg.create_task(slowly(2s, 1));
        auto thrown = co_await expect_throws<std::runtime_error>(tg.start(failing));
        EXPECT_STREQ(thrown.what(), "no port");
        EXPECT_EQ(co_await sibling, 1) << "it is no error of the group";
    };
    co_await task_group(body);
}

TORUS_TEST(task_status, S289_a_child_that_is_never_ready_is_an_error) {
    auto silent = [](task_status<int>&) -> async<> { co_return; };
    auto cancelled = [](task_status<int>&) -> async<> {
        current_task().cancel("by itself");
        co_await sleep(1h);
    };
    auto body = [&](task_group& tg) -> async<> {
        co_await expect_throws<invalid_state_error>(tg.start(silent));
        auto error = co_await expect_throws<cancelled_error>(tg.start(cancelled));
        EXPECT_FALSE(error.is_own());
    };
    co_await task_group(body);
}

TORUS_TEST(task_status, S289_what_it_throws_later_is_an_error_of_the_group) {
    auto failing = [](task_status<>& status) -> async<> {
        status.started();
        co_await sleep(1s);
        throw std::out_of_range("later");
    };
    bool reached = false;
    auto body = [&](task_group& tg) -> async<> {
        co_await tg.start(failing);
        co_await sleep(1h);
        reached = true;
    };
    co_await expect_throws<std::out_of_range>(task_group_of(body));
    EXPECT_FALSE(reached);
    EXPECT_EQ(elapsed(), 1s);
}

TORUS_TEST(task_status, S289_it_says_so_once) {
    auto twice = [](task_status<int>& status) -> async<> {
        status.started(1);
        co_await yield_now();
        EXPECT_THROW(status.started(2), invalid_state_error);
    };
    auto body = [&](task_group& tg) -> async<> { EXPECT_EQ(co_await tg.start(twice), 1); };
    co_await task_group(body);
}

TORUS_TEST(task_status, S290_cancelling_start_cancels_the_child_and_waits_for_its_end) {
    std::string log;
    auto slow = [&](task_status<>&) -> async<> { co_await note_end(log, 'c', 1s); };
    auto body = [&](task_group& tg) -> async<> { co_await tg.start(slow); };
    auto t = create_task(task_group_of(body));
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(log, "c");
    EXPECT_EQ(elapsed(), 2s);
    EXPECT_EQ(t.cancelling(), 1);
}

TORUS_TEST(task_status, S290_one_that_is_ready_all_the_same_is_delivered_and_the_cancel_comes_next) {
    int got = 0;
    bool reached = false;
    auto stubborn = [](task_status<int>& status) -> async<> {
        try {
            co_await sleep(1h);
        } catch (const cancelled_error&) {}
        status.started(5);
    };
    auto body = [&](task_group& tg) -> async<> {
        got = co_await tg.start(stubborn);
        co_await yield_now();
        reached = true;
    };
    auto t = create_task(task_group_of(body));
    co_await sleep(1s);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(got, 5);
    EXPECT_FALSE(reached);
}

TORUS_TEST(task_status, S290_a_group_that_ends_takes_the_unready_child_along) {
    std::string log;
    auto slow = [&](task_status<>&) -> async<> { co_await note_end(log, 's'); };
    auto body = [&](task_group& tg) -> async<> {
        tg.create_task(fail_after(1s, "sibling"));
        co_await tg.start(slow);
        log += "unreachable";
    };
    auto thrown = co_await expect_throws<std::runtime_error>(task_group_of(body));
    EXPECT_STREQ(thrown.what(), "sibling");
    EXPECT_EQ(log, "s");
}

TORUS_TEST(task_status, S149_start_in_a_group_that_has_ended_is_refused) {
    auto counted = std::make_shared<int>();
    auto child = [](task_status<>& status, std::shared_ptr<int>) -> async<> {
        status.started();
        co_return;
    };
    auto body = [](task_group&) {};
    task_group ended(body);
    co_await std::move(ended);
    co_await expect_throws<invalid_state_error>(ended.start(child, counted));
    EXPECT_EQ(counted.use_count(), 1);
}

}  // namespace
