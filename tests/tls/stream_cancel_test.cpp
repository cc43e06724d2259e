// tests/tls/stream_cancel_test.cpp: a cancellation, wherever it comes, loses no byte, no task and no connection.
#include "secured.hpp"

namespace torus::tls::testing {
namespace {

using namespace std::chrono_literals;

/// A connection from its handshake to its end, with something of everything in it.
async<> live(stream a, stream b) {
    ends both = co_await secure(std::move(a), std::move(b), trusting(), serving());
    const std::string text = noise(5'000);
    auto ask = [](stream& on, const std::string& what) -> async<> {
        co_await on.write(what);
        co_await on.write_eof();
        static_cast<void>(co_await on.read());
        co_await on.close();
    };
    auto answer = [](stream& on) -> async<> {
        const std::string heard = co_await on.read();
        co_await on.write(heard);
        co_await on.close();
    };
    async<> asking = ask(both.client, text);
    async<> answering = answer(both.server);
    co_await gather(std::move(asking), std::move(answering));
}

/// Lets it live for so many turns of the loop, then cancels it. True if it had ended before.
async<bool> live_for(int turns) {
    auto plain = memory_stream_pair(500);
    task<> life = create_task(live(std::move(plain.first), std::move(plain.second)));
    for (int i = 0; i < turns && !life.done(); ++i) co_await yield_now();
    const bool had_ended = life.done();
    co_await end(life);
    co_await expect_to_be_alone();
    co_return had_ended;
}

TORUS_TEST(tls_cancellation, leaves_nothing_behind_wherever_it_comes) {
    int turns = 0;
    bool had_ended = false;
    while (!had_ended) {
        had_ended = co_await live_for(turns);
        ++turns;
    }
    EXPECT_GT(turns, 50);
    for (const std::string& each : torus::testing::take_reports())  // that is lost which nobody was there to receive
        EXPECT_TRUE(each.starts_with("what was written to a stream that is gone could not be sent")) << each;
}

TORUS_TEST(tls_cancellation, of_a_handshake_closes_the_connection) {
    auto plain = memory_stream_pair();
    auto shake = [&]() -> async<> { co_await connect(std::move(plain.first), trusting(), "a.example"); };
    task<> shaking = create_task(shake);
    co_await let_others_run();
    co_await end(shaking);
    EXPECT_NE(co_await plain.second.read(), "");  // the hello, then the end
}

TORUS_TEST(tls_cancellation, of_a_read_loses_nothing) {
    ends both = co_await secured(100);
    const std::string text = noise(20'000);
    auto send = [&]() -> async<> {
        co_await both.client.write(text);
        co_await both.client.close();
    };
    task<> sending = create_task(send);
    std::string received;
    auto receive = [&]() -> async<> {
        for (;;) {
            const std::string part = co_await both.server.read(300);
            if (part.empty()) co_return;
            received += part;
        }
    };
    bool is_over = false;
    for (int turns = 1; !is_over; turns = turns % 7 + 1) {
        task<> receiving = create_task(receive);
        for (int i = 0; i < turns; ++i) co_await yield_now();
        is_over = receiving.done();
        co_await end(receiving);
    }
    EXPECT_TRUE(received == text);
    co_await sending;
}

TORUS_TEST(tls_cancellation, of_a_write_loses_and_repeats_nothing) {
    for (int turns = 1; turns < 12; ++turns) {
        ends both = co_await secured(700);
        const std::string first = noise(150'000);  // beyond the high-water mark: it waits
        auto send = [&]() -> async<> { co_await both.client.write(first); };
        task<> sending = create_task(send);
        std::string received;
        for (int i = 0; i < turns; ++i) {
            co_await yield_now();
            if (i % 2 == 1) received += co_await both.server.read(1000);
        }
        co_await end(sending);
        auto rest = [&]() -> async<> {
            co_await both.client.write("and the next");
            co_await both.client.close();
        };
        task<> going_on = create_task(rest);
        received += co_await both.server.read();
        EXPECT_TRUE(received == first + "and the next") << turns;
        co_await going_on;
    }
}

TORUS_TEST(tls_cancellation, of_closing_lets_it_go_on_in_the_background) {
    ends both = co_await secured(1000);
    co_await both.client.write(noise(20'000));
    auto close = [&]() -> async<> { co_await both.client.close(); };
    task<> closing = create_task(close);
    co_await let_others_run();
    co_await end(closing);
    EXPECT_TRUE(co_await both.server.read() == noise(20'000));
}

TEST(tls_cancellation, at_the_end_of_the_program_still_sends_what_was_written) {
    std::string received;
    auto program = [&]() -> async<> {
        ends both = co_await secured(1000);
        auto receive = [](stream from, std::string& into) -> async<> { into = co_await from.read(); };
        auto insist = [](async<> receiving) -> async<> { co_await shield(std::move(receiving)); };
        spawn(insist(receive(std::move(both.server), received)));
        co_await both.client.write(noise(20'000));
        co_await yield_now();  // a task that has not begun never does
    };
    run(program(), {.clock = clock_kind::simulated});
    EXPECT_TRUE(received == noise(20'000));
}

}  // namespace
}  // namespace torus::tls::testing
