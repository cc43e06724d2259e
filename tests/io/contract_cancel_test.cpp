// tests/io/contract_cancel_test.cpp: a cancelled read of any kind leaves every byte to the next one.
#include "io/stream_kinds.hpp"

namespace torus::testing {
namespace {

/// Cancels `reading` while it waits for more than has come, then reads what has.
template <class Reading> async<> cancel_and_reread(connection& ends, Reading reading) {
    co_await ends.there.write("0123456789");
    auto whole = [&]() -> async<> { co_await reading(ends.here); };
    task<> waiting = create_task(whole);
    co_await let_others_run(70);  // the kernel is entered at least once meanwhile
    EXPECT_FALSE(waiting.done());
    EXPECT_TRUE(waiting.cancel());
    co_await expect_throws<cancelled_error>(waiting);
    co_await ends.there.write("abc");
    EXPECT_EQ(co_await ends.here.readexactly(13), "0123456789abc");
}

STREAM_CONTRACT(S127_a_cancelled_readexactly_loses_nothing) {
    connection ends = co_await connected();
    auto reading = [](stream& from) -> async<> { co_await from.readexactly(1000); };
    co_await cancel_and_reread(ends, reading);
    co_await cancel_and_reread(ends, reading);
}

STREAM_CONTRACT(S127_a_cancelled_readexactly_into_loses_nothing) {
    connection ends = co_await connected();
    auto reading = [](stream& from) -> async<> {
        std::array<char, 1000> room{};
        co_await from.readexactly_into(room);
    };
    co_await ends.there.write("x\n");
    co_await ends.here.readline();
    co_await cancel_and_reread(ends, reading);
}

STREAM_CONTRACT(S127_a_cancelled_read_to_the_end_loses_nothing) {
    connection ends = co_await connected();
    auto reading = [](stream& from) -> async<> { co_await from.read(); };
    co_await cancel_and_reread(ends, reading);
}

STREAM_CONTRACT(S127_a_cancelled_readline_loses_nothing) {
    connection ends = co_await connected();
    auto reading = [](stream& from) -> async<> { co_await from.readline(); };
    co_await cancel_and_reread(ends, reading);
}

STREAM_CONTRACT(S127_a_cancelled_readuntil_loses_nothing) {
    connection ends = co_await connected();
    auto reading = [](stream& from) -> async<> { co_await from.readuntil("--", "++"); };
    co_await cancel_and_reread(ends, reading);
}

STREAM_CONTRACT(S127_reads_cancelled_at_every_moment_lose_no_byte_and_repeat_none) {
    connection ends = co_await connected();
    const std::string sent = numbered(400'000);
    auto write = [&]() -> async<> {
        for (std::size_t at = 0; at < sent.size(); at += 700) {
            co_await ends.there.write(std::string_view(sent).substr(at, 700));
            if (at % 2100 == 0) co_await yield_now();
        }
        co_await ends.there.close();
    };
    task<> writing = create_task(write);
    std::string all;
    auto read = [&]() -> async<> {
        std::array<char, 900> room{};
        for (int round = 0;; ++round) {
            try {
                if (round % 2 == 0) {
                    all += co_await ends.here.readexactly(1500);
                } else {
                    const std::size_t n = co_await ends.here.read_into(room);
                    if (n == 0) break;
                    all.append(room.data(), n);
                }
            } catch (const cancelled_error&) {
                current_task().uncancel();
            } catch (const incomplete_read_error& e) {
                all += e.partial();
            }
        }
    };
    task<> reading = create_task(read);
    co_await yield_now();  // a task that is cancelled before its first step never takes it
    for (int i = 0; !reading.done(); ++i) {
        for (int pass = 0; pass < i % 4; ++pass) co_await yield_now();
        reading.cancel();
    }
    co_await reading;
    co_await writing;
    EXPECT_TRUE(all == sent);
}

STREAM_CONTRACT(S130_a_cancelled_wait_for_the_end_leaves_the_stream_usable) {
    connection ends = co_await connected();
    task<> waiting = create_task(ends.here.wait_closed());
    co_await let_others_run();
    waiting.cancel();
    co_await expect_throws<cancelled_error>(waiting);
    co_await ends.here.write("on");
    EXPECT_EQ(co_await ends.there.readexactly(2), "on");
}

STREAM_CONTRACT(D1_bytes_that_have_come_win_over_a_later_cancellation) {
    connection ends = co_await connected();
    task<std::string> reading = create_task(ends.here.read(10));
    co_await let_others_run();
    co_await ends.there.write("come");
    // The reader is cancelled in the very step in which its bytes are there, or before: it gets them, or leaves them.
    for (int i = 0; i < 3 && !reading.done(); ++i) co_await yield_now();
    reading.cancel();
    std::string got;
    try {
        got = co_await reading;
    } catch (const cancelled_error&) {}
    co_await ends.there.close();
    EXPECT_EQ(got + co_await ends.here.read(), "come");
}

}  // namespace
}  // namespace torus::testing
