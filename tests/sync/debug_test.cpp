// tests/sync/debug_test.cpp: what debug mode says of locks, and who may not touch what tasks wait for.
#include <torus/core/run.hpp>

#include <string>
#include <thread>
#include <vector>

#include <torus/sync/sync.hpp>
#include <torus/testing/test.hpp>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

void begin_debug_mode() {
    event_loop::current().set_debug(true);
    event_loop::current().slow_callback_duration = 1h;
}

/// What `touch` throws on a thread that has no loop.
template <class Function> std::string refused(Function touch) {
    std::string said;
    std::thread foreign([&] {
        try {
            touch();
        } catch (const std::runtime_error& e) {
            said = e.what();
        }
    });
    foreign.join();
    return said;
}

constexpr auto refusal = "torus: this lock, event or queue is bound to a different event loop";

TORUS_TEST(debug, S226_setting_an_event_on_a_foreign_thread_throws) {
    begin_debug_mode();
    event ready;
    const auto waiting = create_task([](event& awaited) -> async<> { co_await awaited.wait(); }, std::ref(ready));
    co_await yield_now();
    EXPECT_EQ(refused([&] { ready.set(); }), refusal);
    EXPECT_FALSE(ready.is_set());
    ready.set();
    co_await waiting;
}

TORUS_TEST(debug, S226_taking_or_releasing_a_lock_on_a_foreign_thread_throws) {
    begin_debug_mode();
    mutex m;
    auto held = co_await m.lock();
    const auto waiting = create_task([](mutex& wanted) -> async<> { auto mine = co_await wanted.lock(); }, std::ref(m));
    co_await yield_now();
    EXPECT_EQ(refused([&] { static_cast<void>(m.try_lock()); }), refusal);
    EXPECT_EQ(refused([&] { m.unlock(); }), refusal);
    held.unlock();
    co_await waiting;
}

TORUS_TEST(debug, S226_putting_into_a_queue_on_a_foreign_thread_throws) {
    begin_debug_mode();
    queue<int> numbers;
    const auto waiting =
        create_task([](queue<int>& from) -> async<int> { co_return co_await from.get(); }, std::ref(numbers));
    co_await yield_now();
    EXPECT_EQ(refused([&] { numbers.put_nowait(1); }), refusal);
    numbers.put_nowait(2);
    EXPECT_EQ(co_await waiting, 2);
}

TORUS_TEST(debug, S226_releasing_a_semaphore_on_a_foreign_thread_throws) {
    begin_debug_mode();
    semaphore permits(0);
    const auto waiting =
        create_task([](semaphore& wanted) -> async<> { (co_await wanted.acquire()).forget(); }, std::ref(permits));
    co_await yield_now();
    EXPECT_EQ(refused([&] { permits.release(); }), refusal);
    permits.release();
    co_await waiting;
}

async<> hold(mutex& m, duration span) {
    const auto held = co_await m.lock();
    co_await sleep(span);
}

bool has(const std::string& text, const std::vector<std::string>& words) {
    for (const std::string& word : words)
        if (text.find(word) == std::string::npos) return false;
    return true;
}

TORUS_TEST(debug, S241_a_lock_held_for_long_is_reported_once_with_its_holders_stack) {
    begin_debug_mode();
    mutex m;
    auto holder = create_task([](mutex& wanted) -> async<> { co_await hold(wanted, 1min); }(m), {.name = "the holder"});
    co_await yield_now();
    auto first = create_task(hold(m, 0s), {.name = "the first"});
    auto second = create_task(hold(m, 0s), {.name = "the second"});
    co_await sleep(4999ms);
    EXPECT_TRUE(take_reports().empty());
    co_await sleep(1ms);
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    EXPECT_TRUE(!reports.empty() &&
                has(reports[0], {"held for 5 s", "the holder", "waits at", "hold(mutex", ", called at", "the first"}))
        << (reports.empty() ? "" : reports[0]);
    co_await gather(holder, first, second);
}

TORUS_TEST(debug, S241_a_lock_that_goes_from_hand_to_hand_is_not) {
    begin_debug_mode();
    mutex m;
    std::vector<task<>> holders;
    for (int i = 0; i < 10; ++i) holders.push_back(create_task(hold(m, 4999ms)));
    co_await gather(holders);
}

TORUS_TEST(debug, S241_a_holder_that_got_it_from_another_is_reported) {
    begin_debug_mode();
    mutex m;
    auto first = create_task(hold(m, 3s), {.name = "the first"});
    auto second = create_task(hold(m, 6s), {.name = "the second"});
    auto third = create_task(hold(m, 0s), {.name = "the third"});
    co_await sleep(8001ms);
    const auto reports = take_reports();
    EXPECT_EQ(reports.size(), 1U);
    EXPECT_TRUE(!reports.empty() && has(reports[0], {"by the second", ": the third"}))
        << (reports.empty() ? "" : reports[0]);
    co_await gather(first, second, third);
}

TORUS_TEST(debug, S241_a_lock_held_by_a_task_that_has_ended_is_reported) {
    begin_debug_mode();
    mutex m;
    co_await create_task([](mutex& wanted) -> async<> { (co_await wanted.lock()).forget(); }(m));
    auto waiting = create_task(hold(m, 0s));
    co_await sleep(5001ms);
    const auto reports = take_reports();
    EXPECT_TRUE(reports.size() == 1 && has(reports[0], {"which has ended"})) << reports.size();
    m.unlock();
    co_await waiting;
}

TORUS_TEST(debug, S241_a_lock_that_was_taken_before_debug_mode_counts_from_the_first_wait) {
    mutex m;
    auto held = co_await m.lock();
    co_await sleep(1h);
    begin_debug_mode();
    auto waiting = create_task(hold(m, 0s));
    co_await sleep(4999ms);
    EXPECT_TRUE(take_reports().empty());
    co_await sleep(1ms);
    const auto reports = take_reports();
    EXPECT_TRUE(reports.size() == 1 && has(reports[0], {"before debug mode was on"})) << reports.size();
    held.unlock();
    co_await waiting;
}

TORUS_TEST(debug, S241_a_lock_that_is_gone_while_others_wait_is_not) {
    begin_debug_mode();
    auto m = std::make_unique<mutex>();
    (co_await m->lock()).forget();
    auto waiting = create_task([](mutex& wanted) -> async<> { auto never = co_await wanted.lock(); }(*m));
    co_await yield_now();
    m.reset();
    co_await sleep(1min);
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
}

}  // namespace
