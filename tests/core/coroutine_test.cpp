// tests/core/coroutine_test.cpp: when a coroutine runs, what it gives, and what it leaves behind.
#include <torus/core/async.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

async<int> noted(std::string& log, int value) {
    log += "began ";
    co_return value;
}

TORUS_TEST(coroutine, S1_calling_it_runs_none_of_its_body) {
    std::string log;
    auto coroutine = noted(log, 7);
    co_await let_others_run();
    EXPECT_EQ(log, "");
    EXPECT_EQ(co_await std::move(coroutine), 7);
    EXPECT_EQ(log, "began ");
}

async<int> use_of(std::unique_ptr<int> owned) { co_return *owned; }

TORUS_TEST(coroutine, S1_its_arguments_are_moved_at_the_call) {
    auto owned = std::make_unique<int>(5);
    auto coroutine = use_of(std::move(owned));
    EXPECT_FALSE(owned);
    EXPECT_EQ(co_await std::move(coroutine), 5);
}

async<> note_twice(std::string& log) {
    log += "a";
    co_return;
}

TORUS_TEST(coroutine, S2_nothing_else_runs_around_a_plain_await) {
    std::string log;
    auto other = create_task(noted(log, 0));
    log += "<";
    co_await note_twice(log);
    log += ">";
    EXPECT_EQ(log, "<a>");
    co_await other;
}

TORUS_TEST(coroutine, S3_what_lies_between_two_awaits_is_atomic) {
    int counter = 0;
    auto increment = [&]() -> async<> {
        const int before = counter;
        counter = before + 1;
        co_await yield_now();
    };
    std::vector<async<>> all;
    for (int i = 0; i < 1000; ++i) all.push_back(increment());
    co_await gather(std::move(all));
    EXPECT_EQ(counter, 1000);
}

async<> rethrow(std::exception_ptr error) {
    co_await yield_now();
    std::rethrow_exception(error);
}

async<> through(std::exception_ptr error) { co_await rethrow(error); }

TORUS_TEST(coroutine, S4_an_exception_arrives_unchanged) {
    auto error = std::make_exception_ptr(std::out_of_range("there"));
    std::exception_ptr arrived;
    try {
        co_await through(error);
    } catch (const std::out_of_range& e) {
        EXPECT_STREQ(e.what(), "there");
        arrived = std::current_exception();
    }
    EXPECT_EQ(arrived, error) << "the same object";
}

async<int&> reference_to(int& n) {
    co_await yield_now();
    co_return n;
}

TORUS_TEST(coroutine, S4_a_reference_arrives_as_one) {
    int n = 1;
    int& same = co_await reference_to(n);
    EXPECT_EQ(&same, &n);
}

TORUS_TEST(coroutine, S6_an_object_that_was_awaited_and_given_another_coroutine_reports_that_one) {
    {
        async<int> twice_used = [](int n) -> async<int> { co_return n; }(1);
        EXPECT_EQ(co_await std::move(twice_used), 1);
        twice_used = [](int n) -> async<int> { co_return n; }(2);
    }
    EXPECT_EQ(take_reports().size(), 1U);
}

static_assert(!std::is_copy_constructible_v<async<int>>);
static_assert(!awaitable<async<int>&> && awaitable<async<int>>, "S5: one that has a name is given away to be awaited");
static_assert(std::is_same_v<await_result_t<async<int>>, int> && std::is_same_v<await_result_t<task<int>&>, int&>);

TORUS_TEST(coroutine, S5_a_second_await_is_an_error) {
    std::string log;
    auto spent = noted(log, 1);
    co_await std::move(spent);
    co_await expect_throws<invalid_state_error>(std::move(spent));
    EXPECT_THROW(create_task(std::move(spent)), invalid_state_error);
    EXPECT_THROW(spawn(std::move(spent)), invalid_state_error);
    co_await expect_throws<invalid_state_error>(gather(sleep(1h), std::move(spent)));
    co_await expect_throws<invalid_state_error>(shield(std::move(spent)));
    co_await expect_throws<invalid_state_error>(timeout(1h, std::move(spent)));
    co_await expect_throws<invalid_state_error>(move_on_after(1h, std::move(spent)));
    auto body = [&](task_group& tg) { EXPECT_THROW(tg.create_task(std::move(spent)), invalid_state_error); };
    co_await task_group(body);
    EXPECT_EQ(all_tasks().size(), 1U);
    EXPECT_EQ(elapsed(), 0s);
    EXPECT_EQ(log, "began ");
}

TEST(coroutine, S5_nor_can_it_be_run_again) {
    auto main = []() -> async<> { co_return; };
    auto spent = main();
    run(std::move(spent));
    EXPECT_THROW(run(std::move(spent)), invalid_state_error);
    run(main());
}

TORUS_TEST(coroutine, S6_one_that_is_never_awaited_destroys_its_arguments_and_is_reported_once) {
    auto counted = std::make_shared<int>(1);
    bool ran = false;
    {
        auto forgotten = [](std::shared_ptr<int>, bool& began) -> async<> {
            began = true;
            co_return;
        }(counted, ran);
        EXPECT_EQ(counted.use_count(), 2);
    }
    EXPECT_EQ(counted.use_count(), 1);
    EXPECT_FALSE(ran);
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    if (reports.empty()) co_return;
    EXPECT_NE(reports[0].find("never awaited"), std::string::npos) << reports[0];
    EXPECT_NE(reports[0].find("coroutine_test.cpp"), std::string::npos) << reports[0];
}

TORUS_TEST(coroutine, S6_assigning_over_one_reports_it_too) {
    std::string log;
    auto coroutine = noted(log, 1);
    coroutine = noted(log, 2);
    EXPECT_EQ(take_reports().size(), 1U);
    EXPECT_EQ(co_await std::move(coroutine), 2);
}

async<int> outer_of(async<int> inner) { co_return co_await std::move(inner); }

TORUS_TEST(coroutine, S7_what_the_library_discards_is_not_reported) {
    std::string log;
    EXPECT_THROW(run(noted(log, 1)), std::runtime_error);
    EXPECT_THROW(run(outer_of(noted(log, 1))), std::runtime_error) << "nor what it was to await";
    EXPECT_EQ(log, "");
    co_return;
}

TORUS_TEST(coroutine, S7_a_task_that_never_begins_does_not_report_what_it_was_to_await) {
    std::string log;
    auto t = create_task(outer_of(noted(log, 1)));
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    auto limited = create_task(timeout(1s, noted(log, 1)));
    limited.cancel();
    co_await expect_throws<cancelled_error>(limited);
    EXPECT_EQ(log, "");
}

async<int> nested(int depth) {
    if (depth == 0) co_return 0;
    const int below = co_await nested(depth - 1);
    co_return below + 1;
}

TORUS_TEST(coroutine, S8_a_million_nested_ones_do_not_overflow_the_stack) {
    EXPECT_EQ(co_await nested(1'000'000), 1'000'000);
}

async<int> nested_around(int depth, event_loop& loop) {
    if (depth == 0) co_await yield_now();
    else co_await nested_around(depth - 1, loop);
    if (&event_loop::current() != &loop) throw std::logic_error("another loop");
    co_return depth;
}

TORUS_TEST(coroutine, S8_nor_if_the_innermost_suspends) {
    EXPECT_EQ(co_await nested_around(1'000'000, event_loop::current()), 1'000'000);
}

async<int> nested_throwing(int depth) {
    if (depth == 0) throw std::runtime_error("bottom");
    co_return 1 + co_await nested_throwing(depth - 1);
}

TORUS_TEST(coroutine, S8_nor_if_the_innermost_throws) {
    co_await expect_throws<std::runtime_error>(nested_throwing(20'000));
}

async<int> one() { co_return 1; }

TORUS_TEST(coroutine, S8_a_million_awaits_in_a_loop_leave_nothing_on_the_stack) {
    int sum = 0;
    for (int i = 0; i < 1'000'000; ++i) sum += co_await one();
    EXPECT_EQ(sum, 1'000'000);
}

TORUS_TEST(coroutine, S8_an_exception_of_each_of_many_awaits_leaves_nothing_either) {
    auto failing = []() -> async<> {
        throw 1;
        co_return;
    };
    int caught = 0;
    for (int i = 0; i < 10'000; ++i) {
        try {
            co_await failing();
        } catch (int) {
            ++caught;
        }
    }
    EXPECT_EQ(caught, 10'000);
}

async<int> length_after_a_pause(const std::string& text) {
    co_await yield_now();
    co_return static_cast<int>(text.size());
}

TORUS_TEST(coroutine, S10_a_temporary_of_the_call_lives_until_the_await_ends) {
    EXPECT_EQ(co_await length_after_a_pause(std::string(1000, 'x')), 1000);
}

struct brittle {
    brittle() = default;
    brittle(brittle&&) { throw std::runtime_error("too brittle to move"); }
};

TORUS_TEST(coroutine, a_result_whose_move_throws_becomes_the_error) {
    auto giving = []() -> async<brittle> {
        brittle result;
        co_return std::move(result);
    };
    co_await expect_throws<std::runtime_error>(giving());
}

TORUS_TEST(coroutine, frames_are_recycled) {
    if (!recycle_frames) co_return;
    const auto address_of_frame = []() -> async<const void*> {
        char local = 0;
        co_await yield_now();
        co_return &local;
    };
    const void* const first = co_await address_of_frame();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(co_await address_of_frame(), first);
}

}  // namespace
