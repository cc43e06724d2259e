// tests/core/future_test.cpp: results that are given by hand, and those who wait for them.
#include <torus/core/future.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

static_assert(awaitable<future<int>> && awaitable<future<int>&> && awaitable<future<>>);
static_assert(std::is_same_v<await_result_t<future<int>&>, int&> && std::is_same_v<await_result_t<future<int>>, int>);
static_assert(!std::is_copy_constructible_v<promise<int>>);

TORUS_TEST(future, S277_gives_everybody_what_the_promise_was_given) {
    promise<std::string> p;
    std::string log;
    auto waiting = [&log, f = p.future()](char name) -> async<> {
        const std::string& text = co_await f;
        log += name + text;
    };
    auto a = create_task(waiting('a'));
    auto b = create_task(waiting('b'));
    co_await yield_now();
    p.set_value("!");
    EXPECT_EQ(log, "") << "they are resumed in a later pass";
    EXPECT_TRUE(p.done());
    co_await gather(a, b);
    EXPECT_EQ(log, "a!b!");
    EXPECT_EQ(co_await p.future(), "!") << "whoever comes late has it, too";
}

TORUS_TEST(future, S277_what_is_there_is_had_without_waiting) {
    promise<int> p;
    p.set_value(42);
    std::string log;
    auto other = create_task(note(log, 'o'));
    EXPECT_EQ(co_await p.future(), 42);
    EXPECT_EQ(log, "");
    co_await other;
}

TORUS_TEST(future, S277_the_result_stays_in_it_and_what_can_only_be_moved_is_taken_once) {
    promise<int> p;
    const future<int> f = p.future();
    p.set_value(1);
    int& stays = co_await f;
    stays = 2;
    EXPECT_EQ(f.result(), 2);
    EXPECT_EQ(co_await p.future(), 2) << "a copy";
    EXPECT_EQ(co_await p.future(), 2);

    promise<std::unique_ptr<int>> q;
    q.set_value(std::make_unique<int>(3));
    const auto taken = co_await q.future();
    EXPECT_EQ(*taken, 3);
    co_await expect_throws<invalid_state_error>(q.future());

    promise<int&> r;
    r.set_value(stays);
    EXPECT_EQ(&co_await r.future(), &stays);
    promise<> nothing;
    nothing.set_value();
    co_await nothing.future();
}

TORUS_TEST(future, S278_an_error_reaches_everybody_as_the_same_object) {
    promise<int> p;
    const std::exception_ptr error = std::make_exception_ptr(std::out_of_range("given"));
    p.set_exception(error);
    EXPECT_EQ(p.future().exception(), error);
    for (int i = 0; i < 2; ++i) {
        std::exception_ptr seen;
        try {
            co_await p.future();
        } catch (...) {
            seen = std::current_exception();
        }
        EXPECT_EQ(seen, error);
    }
    promise<> q;
    q.set_exception(std::runtime_error("thrown"));
    EXPECT_STREQ((co_await expect_throws<std::runtime_error>(q.future())).what(), "thrown");
    promise<> r;
    EXPECT_THROW(r.set_exception(std::exception_ptr()), std::invalid_argument);
    r.set_value();
}

TORUS_TEST(future, S278_an_error_that_nobody_looks_at_is_reported_once) {
    {
        promise<> p;
        p.set_exception(std::runtime_error("unheard"));
        const future<> f = p.future();
    }
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    if (reports.empty()) co_return;
    EXPECT_NE(reports[0].find("unheard"), std::string::npos) << reports[0];
    promise<> heard;
    heard.set_exception(std::runtime_error("heard"));
    EXPECT_TRUE(heard.future().exception());
}

TORUS_TEST(future, S279_a_result_is_given_once) {
    promise<int> p;
    p.set_value(1);
    EXPECT_THROW(p.set_value(2), invalid_state_error);
    EXPECT_THROW(p.set_exception(std::runtime_error("late")), invalid_state_error);
    EXPECT_FALSE(p.future().cancel());
    EXPECT_EQ(co_await p.future(), 1);

    promise<int> failing;
    failing.set_exception(std::runtime_error("first"));
    EXPECT_THROW(failing.set_value(2), invalid_state_error);
    co_await expect_throws<std::runtime_error>(failing.future());
}

TORUS_TEST(future, S279_what_it_does_not_have_yet_cannot_be_had) {
    promise<int> p;
    EXPECT_FALSE(p.future().done());
    EXPECT_THROW(p.future().result(), invalid_state_error);
    EXPECT_THROW(p.future().exception(), invalid_state_error);
    p.set_value(1);
    EXPECT_EQ(p.future().result(), 1);
    EXPECT_FALSE(p.future().exception());
    co_return;
}

/// Cannot be copied into a future.
struct uncopyable_today {
    uncopyable_today() = default;
    uncopyable_today(const uncopyable_today&) { throw std::runtime_error("not today"); }
};

TORUS_TEST(future, S279_a_value_that_cannot_be_stored_is_the_giver_s_error) {
    promise<uncopyable_today> p;
    const uncopyable_today value;
    EXPECT_THROW(p.set_value(value), std::runtime_error);
    EXPECT_FALSE(p.done()) << "another one may be given";
    p.set_exception(std::out_of_range("none"));
    co_await expect_throws<std::out_of_range>(p.future());
}

TORUS_TEST(future, S280_cancelling_one_who_waits_leaves_the_future_and_the_others_alone) {
    promise<int> p;
    auto waiting = [](future<int> f) -> async<int> { co_return co_await f; };
    auto a = create_task(waiting(p.future()));
    auto b = create_task(waiting(p.future()));
    co_await yield_now();
    a.cancel("enough");
    auto error = co_await expect_throws<cancelled_error>(a);
    EXPECT_EQ(error.reason(), "enough");
    EXPECT_FALSE(p.done());
    EXPECT_FALSE(p.cancelled());
    p.set_value(5);
    EXPECT_EQ(co_await b, 5);
}

TORUS_TEST(future, S126_a_value_that_was_given_is_delivered_and_the_cancel_comes_next) {
    promise<int> p;
    int got = 0;
    auto waiting = [&got](future<int> f) -> async<> {
        got = co_await f;
        co_await sleep(1h);
    };
    auto t = create_task(waiting(p.future()));
    co_await yield_now();
    p.set_value(42);
    t.cancel();
    co_await expect_throws<cancelled_error>(t);
    EXPECT_EQ(got, 42);
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(future, S281_it_can_be_cancelled_itself) {
    promise<int> p;
    auto waiting = [](future<int> f) -> async<int> { co_return co_await f; };
    auto t = create_task(waiting(p.future()));
    co_await yield_now();
    EXPECT_TRUE(p.future().cancel("not wanted"));
    EXPECT_FALSE(p.future().cancel());
    auto error = co_await expect_throws<cancelled_error>(t);
    EXPECT_FALSE(error.is_own());
    EXPECT_EQ(error.reason(), "not wanted");
    EXPECT_TRUE(p.cancelled());
    EXPECT_TRUE(p.done());
    EXPECT_THROW(p.future().result(), cancelled_error);
    EXPECT_THROW(p.set_value(1), invalid_state_error);

    promise<> q;
    q.set_exception(cancelled_error());
    EXPECT_TRUE(q.future().cancelled());
    EXPECT_FALSE((co_await expect_throws<cancelled_error>(q.future())).is_own());
}

TORUS_TEST(future, S282_a_promise_that_goes_without_a_result_breaks) {
    auto p = std::make_unique<promise<int>>();
    const future<int> unwanted = promise<int>().future();  // nobody waits: no report
    auto waiting = [](future<int> f) -> async<int> { co_return co_await f; };
    auto t = create_task(waiting(p->future()));
    co_await yield_now();
    p.reset();
    co_await expect_throws<broken_promise_error>(t);

    promise<int> first;
    const future<int> f = first.future();
    promise<int> moved = std::move(first);
    EXPECT_THROW(first.future(), invalid_state_error);
    EXPECT_THROW(first.set_value(1), invalid_state_error);
    EXPECT_FALSE(f.done());
    moved.set_value(2);
    EXPECT_EQ(co_await f, 2);
    EXPECT_THROW(unwanted.result(), broken_promise_error);
}

TORUS_TEST(future, S283_callbacks_and_awaiters_are_called_in_the_order_in_which_they_came) {
    promise<int> p;
    const future<int> f = p.future();
    std::string log;
    f.add_done_callback([&](const future<int>& done) { log += "a" + std::to_string(done.result()); });
    const callback_id removed = f.add_done_callback([] { FAIL(); });
    auto waiting = [&log, f]() -> async<> {
        co_await f;
        log += "b";
    };
    auto t = create_task(waiting());
    co_await yield_now();
    f.add_done_callback([&] { log += "c"; });
    EXPECT_TRUE(f.remove_done_callback(removed));
    EXPECT_FALSE(f.remove_done_callback(removed));
    p.set_value(1);
    EXPECT_EQ(log, "");
    co_await t;
    co_await yield_now();
    EXPECT_EQ(log, "a1bc");
    f.add_done_callback([&] { log += "d"; });
    EXPECT_EQ(log, "a1bc");
    co_await yield_now();
    EXPECT_EQ(log, "a1bcd");
}

TORUS_TEST(future, S284_a_result_comes_through_the_loop_from_other_threads) {
    promise<int> p;
    event_loop& loop = get_running_loop();
    std::thread giver([&] {
        EXPECT_THROW(p.set_value(1), std::runtime_error);
        EXPECT_THROW(p.set_exception(std::out_of_range("no")), std::runtime_error);
        EXPECT_THROW(p.future().cancel(), std::runtime_error);
    });
    giver.join();
    EXPECT_FALSE(p.done());
    std::thread proper([&] { loop.call_soon_threadsafe([&] { p.set_value(2); }); });
    proper.join();
    EXPECT_EQ(co_await p.future(), 2);
}

TORUS_TEST(future, S284_it_belongs_to_the_loop_of_who_made_it_or_waits_first) {
    promise<int> here;
    std::thread([f = here.future()] {
        auto main = [](future<int> g) -> async<> { co_await expect_throws<std::runtime_error>(g); };
        run(main(f));
    }).join();
    std::unique_ptr<promise<int>> homeless;
    std::thread([&] { homeless = std::make_unique<promise<int>>(); }).join();
    auto waiting = [](future<int> f) -> async<int> { co_return co_await f; };
    auto t = create_task(waiting(homeless->future()));
    co_await yield_now();
    std::thread([&] { EXPECT_THROW(homeless->set_value(1), std::runtime_error); }).join();
    homeless->set_value(2);
    EXPECT_EQ(co_await t, 2);
    here.set_value(0);
}

TORUS_TEST(future, S108_a_finished_one_has_its_value_even_without_time) {
    promise<int> p;
    co_await expect_throws<timeout_error>(timeout(0s, p.future()));
    EXPECT_FALSE(p.done());
    p.set_value(3);
    EXPECT_EQ(co_await timeout(0s, p.future()), 3);
    EXPECT_EQ(co_await timeout(-1s, p.future()), 3);
}

TORUS_TEST(future, S60_awaited_outside_of_a_task_it_refuses) {
    promise<> p;
    future<> f = p.future();
    auto awaiter = std::move(f).operator co_await();
    get_running_loop().call_soon(
        [&] { EXPECT_THROW(awaiter.await_suspend(std::noop_coroutine()), std::runtime_error); });
    co_await yield_now();
    p.set_value();
}

}  // namespace
