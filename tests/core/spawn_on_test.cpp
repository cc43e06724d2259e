// tests/core/spawn_on_test.cpp: coroutines started on the loop of another thread, and awaited here.
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include <torus/testing/test.hpp>

#include "core/children.hpp"

#include <malloc.h>

namespace {

using namespace torus;
using namespace torus::testing;
using namespace std::literals;

/// A loop on a thread of its own, until this is destroyed.
class second_loop {
public:
    second_loop() : thread_([this] { run(serve()); }), loop_(begun_.get_future().get()) {}
    ~second_loop() {
        end();
        thread_.join();
    }
    event_loop& loop() const { return *loop_; }
    void end() {
        if (std::exchange(told_, true)) return;
        loop_->call_soon_threadsafe([this] { ended_->set_value(); });
    }
    std::thread::id thread() const { return thread_.get_id(); }

private:
    async<> serve() {
        promise<> ended;
        ended_ = &ended;
        begun_.set_value(&get_running_loop());
        co_await ended.future();
    }

    std::promise<event_loop*> begun_;
    promise<>* ended_ = nullptr;
    bool told_ = false;
    std::thread thread_;
    event_loop* loop_;
};

async<std::thread::id> where() { co_return std::this_thread::get_id(); }

TORUS_IO_TEST(spawn_on, S520_runs_there_and_the_result_is_awaited_here) {
    const std::thread::id here = std::this_thread::get_id();
    second_loop other;
    EXPECT_EQ(co_await spawn_on(other.loop(), where()), other.thread());
    EXPECT_EQ(std::this_thread::get_id(), here);
    auto sum = [](int a, std::unique_ptr<int> b) -> async<int> {
        co_await sleep(1ms);
        co_return a + *b;
    };
    auto two = std::make_unique<int>(2);
    const submitted<int> three = spawn_on(other.loop(), sum, 1, std::move(two));
    EXPECT_EQ(co_await three, 3);
    EXPECT_EQ(co_await three, 3);  // it is done
}

TORUS_IO_TEST(spawn_on, S520_one_s_own_loop_will_do) {
    EXPECT_EQ(co_await spawn_on(get_running_loop(), slowly(1ms, 4)), 4);
}

TORUS_IO_TEST(spawn_on, S521_an_exception_is_thrown_here) {
    second_loop other;
    const submitted<> failing = spawn_on(other.loop(), fail_after<std::out_of_range>(0s, "far away"));
    EXPECT_THROW(co_await failing, std::out_of_range);
    EXPECT_TRUE(take_reports().empty());
}

TORUS_IO_TEST(spawn_on, S522_a_cancellation_here_goes_there_with_its_reason_and_its_end_is_awaited) {
    second_loop other;
    std::promise<void> begun;
    bool cleaned = false;
    std::string told;
    auto there = [&]() -> async<> {
        begun.set_value();
        try {
            co_await sleep_forever();
        } catch (const cancelled_error& e) {
            told = e.what();
        }
        co_await sleep(1ms);
        cleaned = true;
        throw cancelled_error();
    };
    auto waiting = [&]() -> async<> { co_await spawn_on(other.loop(), there); };
    task<> here = create_task(waiting);
    auto wait = [&] { begun.get_future().wait(); };
    co_await yield_now();
    co_await to_thread(wait);
    here.cancel("enough");
    EXPECT_THROW(co_await here, cancelled_error);
    EXPECT_TRUE(cleaned);
    EXPECT_NE(told.find("enough"), std::string::npos) << told;
}

TORUS_IO_TEST(spawn_on, S523_a_result_in_spite_of_the_cancellation_is_delivered) {
    second_loop other;
    std::promise<void> begun;
    int got = 0;
    auto there = [&]() -> async<int> {
        begun.set_value();
        co_return co_await swallow(5);
    };
    auto waiting = [&]() -> async<> {
        got = co_await spawn_on(other.loop(), there);
        co_await sleep_forever();  // the cancellation is pending
    };
    task<> here = create_task(waiting);
    auto wait = [&] { begun.get_future().wait(); };
    co_await yield_now();
    co_await to_thread(wait);
    here.cancel();
    EXPECT_THROW(co_await here, cancelled_error);
    EXPECT_EQ(got, 5);
}

TORUS_IO_TEST(spawn_on, S523_an_error_in_spite_of_the_cancellation_is_delivered) {
    second_loop other;
    std::promise<void> begun;
    auto there = [&]() -> async<> {
        begun.set_value();
        static_cast<void>(co_await swallow(0));
        throw std::out_of_range("while ending");
    };
    auto waiting = [&]() -> async<> { co_await spawn_on(other.loop(), there); };
    task<> here = create_task(waiting);
    auto wait = [&] { begun.get_future().wait(); };
    co_await yield_now();
    co_await to_thread(wait);
    here.cancel();
    EXPECT_THROW(co_await here, std::out_of_range);
}

TORUS_IO_TEST(spawn_on, S524_one_that_is_cancelled_there_throws_here_and_this_task_is_not_cancelled) {
    second_loop other;
    auto there = []() -> async<> {
        current_task().cancel("by itself");
        co_await sleep_forever();
    };
    const submitted<> t = spawn_on(other.loop(), there);
    EXPECT_THROW(co_await t, cancelled_error);
    EXPECT_EQ(current_task().cancelling(), 0);
    co_await sleep(0s);
}

TORUS_IO_TEST(spawn_on, S525_the_end_of_the_other_loop_cancels_it_and_those_who_wait_are_told) {
    second_loop other;
    std::promise<void> begun;
    auto there = [&]() -> async<> {
        begun.set_value();
        co_await sleep_forever();
    };
    const submitted<> t = spawn_on(other.loop(), there);
    auto wait = [&] { begun.get_future().wait(); };
    co_await to_thread(wait);
    other.end();
    EXPECT_THROW(co_await t, cancelled_error);
}

TORUS_IO_TEST(spawn_on, S525_those_who_wait_for_one_that_was_dropped_are_told) {
    std::promise<event_loop*> begun;
    std::promise<void> may_end;
    std::string reports;
    std::thread other([&] {
        auto main = [&]() -> async<> {
            get_running_loop().set_exception_handler([&](const error_context& c) { reports += c.message + "\n"; });
            begun.set_value(&get_running_loop());
            co_await to_thread([&] { may_end.get_future().wait(); });
        };
        run(main(), {.blocked_after = 0s, .task_grace = 1ms});
    });
    std::promise<void> refuses;
    auto refuse = [&]() -> async<> {
        refuses.set_value();
        for (;;) {
            try {
                co_await sleep_forever();
            } catch (const cancelled_error&) {}
        }
    };
    const submitted<> dropped = spawn_on(*begun.get_future().get(), refuse);
    auto wait = [&]() -> async<> { co_await dropped; };
    const task<> waiting = create_task(wait);
    auto end = [&] {
        refuses.get_future().wait();
        may_end.set_value();
        other.join();
    };
    co_await to_thread(end);
    EXPECT_THROW(co_await waiting, cancelled_error);
    EXPECT_TRUE(dropped.done());
    EXPECT_FALSE(dropped.cancel());
    EXPECT_NE(reports.find("refused to end"), std::string::npos) << reports;
}

TORUS_IO_TEST(spawn_on, S525_one_that_is_dropped_may_be_cancelled_meanwhile) {
    std::optional<submitted<>> dropped;
    auto refuse = []() -> async<> {
        for (;;) {
            try {
                co_await sleep_forever();
            } catch (const cancelled_error&) {}
        }
    };
    auto main = [&]() -> async<> {
        dropped = spawn_on(get_running_loop(), refuse);
        co_await sleep(1ms);
        get_running_loop().set_exception_handler([&](const error_context&) { dropped->cancel(); });
    };
    co_await to_thread([&] { run(main(), {.blocked_after = 0s, .task_grace = 1ms}); });
    EXPECT_TRUE(dropped->done());
}

TORUS_IO_TEST(spawn_on, S537_has_a_copy_of_the_context_of_who_starts_it) {
    static context_var<int> level{0};
    second_loop other;
    level.set(1);
    auto read_and_set = []() -> async<int> {
        const int found = level.get();
        level.set(2);
        co_return found;
    };
    EXPECT_EQ(co_await spawn_on(other.loop(), read_and_set), 1);
    EXPECT_EQ(level.get(), 1);
}

/// Their frames are made here and freed there, and have to come back.
TORUS_IO_TEST(spawn_on, S541_many_one_after_the_other_take_no_more_memory_than_some) {
    second_loop other;
    auto nothing = [](int) -> async<> { co_return; };
    auto some = [&](int count) -> async<> {
        for (int i = 0; i < count; ++i) co_await spawn_on(other.loop(), nothing, i);
    };
    co_await some(3000);
    const std::size_t before = ::mallinfo2().uordblks;
    co_await some(20'000);
    EXPECT_LT(::mallinfo2().uordblks, before + 512 * 1024);  // 80 bytes each would be three times that
}

}  // namespace
