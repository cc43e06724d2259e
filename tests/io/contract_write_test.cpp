// tests/io/contract_write_test.cpp: the writing verbs, over every kind of stream.
#include "io/stream_kinds.hpp"

namespace torus::testing {
namespace {

/// Reads so much, and lets others write meanwhile.
async<std::string> read_slowly(stream_reader& from, std::size_t size) {
    std::string all;
    while (all.size() < size) {
        all += co_await from.read(std::min<std::size_t>(size - all.size(), 50'000));
        co_await yield_now();
    }
    co_return all;
}

STREAM_CONTRACT(write_takes_text_and_bytes) {
    auto [here, there] = co_await connected();
    const std::vector<unsigned char> bytes = {'b', 'c'};
    const std::array<std::byte, 1> array = {std::byte{'d'}};
    const std::string text = "e";
    co_await here.write("a");
    co_await here.write(bytes);
    co_await here.write(array);
    co_await here.write(std::span(array));
    co_await here.write(text);
    co_await here.write(std::string_view("f"));
    co_await here.write("g", text);
    co_await here.write("");
    EXPECT_EQ(co_await there.readexactly(9), "abcddefge");
}

STREAM_CONTRACT(write_of_several_pieces_sends_them_as_one) {
    auto [here, there] = co_await connected();
    std::vector<std::string> texts;
    std::string all;
    for (int i = 0; i < 100; ++i) all += texts.emplace_back(numbered(static_cast<std::size_t>(i) * 100));
    const std::vector<bytes_view> pieces(texts.begin(), texts.end());
    auto send = [&]() -> async<> { co_await here.write(pieces); };
    task<> sending = create_task(send);
    EXPECT_EQ(co_await there.readexactly(all.size()), all);
    co_await sending;
}

STREAM_CONTRACT(S197_writes_of_several_tasks_are_each_whole_and_in_order) {
    auto [here, there] = co_await connected();
    std::string expected;
    std::vector<task<>> writers;
    const std::size_t size = more_than_fits() / 3;
    for (const char c : {'a', 'b', 'c', 'd'}) {
        writers.push_back(create_task(write_all(here, std::string(size, c))));
        expected += std::string(size, c);
    }
    co_await let_others_run();
    EXPECT_FALSE(writers.back().done());
    EXPECT_TRUE(co_await read_slowly(there, expected.size()) == expected);
    for (task<>& each : writers) co_await each;
}

STREAM_CONTRACT(S197_write_nowait_keeps_its_place_among_writes_that_wait) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    task<> first = create_task(write_all(here, big));
    co_await let_others_run();
    EXPECT_FALSE(first.done());
    here.write_nowait("between");
    task<> second = create_task(write_all(here, big));
    co_await let_others_run();
    here.write_nowait("end");
    EXPECT_GT(here.unsent(), 0u);
    EXPECT_TRUE(co_await read_slowly(there, 2 * big.size() + 10) == big + "between" + big + "end");
    co_await first;
    co_await second;
}

STREAM_CONTRACT(S197_a_write_that_waits_goes_on_below_the_low_water_mark) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    task<> writing = create_task(write_all(here, big));
    co_await let_others_run();
    EXPECT_FALSE(writing.done());
    EXPECT_GT(here.unsent(), default_write_high_water);
    task<std::string> reading = create_task(there.readexactly(big.size()));
    co_await writing;
    EXPECT_LE(here.unsent(), default_write_low_water);
    EXPECT_TRUE(co_await reading == big);
}

STREAM_CONTRACT(S202_write_nowait_refuses_beyond_the_cap_and_takes_up_to_it) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    task<> filling = create_task(write_all(here, big));
    co_await let_others_run();
    EXPECT_FALSE(filling.done());
    here.write_nowait(std::string(default_write_cap - 1, 'x'));
    EXPECT_THROW(here.write_nowait("12"), buffer_overflow);
    here.write_nowait("1");
    EXPECT_THROW(here.write_nowait("2"), buffer_overflow);
    here.write_nowait("");
    co_await there.readexactly(big.size());
    co_await filling;
    EXPECT_EQ(co_await there.readexactly(default_write_cap), std::string(default_write_cap - 1, 'x') + "1");
    here.write_nowait("on");
    EXPECT_EQ(co_await there.readexactly(2), "on");
}

STREAM_CONTRACT(S198_after_a_reset_writes_throw_and_go_on_doing_so) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    task<> waiting = create_task(write_all(here, big));
    task<> queued = create_task(write_all(here, big));
    co_await let_others_run();
    there.abort();
    co_await expect_throws<connection_closed>(waiting);
    co_await expect_throws<connection_closed>(queued);
    co_await expect_throws<connection_closed>(write_all(here, "more"));
    EXPECT_THROW(here.write_nowait("more"), connection_closed);
    EXPECT_EQ(here.unsent(), 0u);
    co_await here.close();  // everybody has been told
}

STREAM_CONTRACT(S198_an_error_nobody_waited_for_is_thrown_by_the_next_use) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    task<> filling = create_task(write_all(here, big));
    co_await let_others_run();
    filling.cancel();
    co_await expect_throws<cancelled_error>(filling);
    there.abort();
    while (here.unsent() > 0) co_await yield_now();
    co_await expect_throws<connection_closed>(here.close());
    co_await here.close();
}

STREAM_CONTRACT(S199_after_write_eof_the_peer_reads_the_end_and_can_answer) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    task<> asking = create_task(write_all(here, big));
    co_await let_others_run();
    task<> ending = create_task(here.write_eof());
    co_await let_others_run();
    EXPECT_FALSE(ending.done());
    EXPECT_TRUE(co_await there.read() == big);
    co_await asking;
    co_await ending;
    co_await there.write("answer");
    EXPECT_EQ(co_await here.read(100), "answer");
    co_await here.write_eof();  // harmless
    co_await expect_throws<connection_closed>(write_all(here, "too late"));
    EXPECT_THROW(here.write_nowait("too late"), connection_closed);
    EXPECT_FALSE(here.is_closing());
}

STREAM_CONTRACT(flush_returns_when_all_was_sent) {
    auto [here, there] = co_await connected();
    auto flush = [&]() -> async<> { co_await here.flush(); };
    co_await flush();
    here.write_nowait("abc");
    EXPECT_EQ(here.unsent(), 3u);
    co_await flush();
    EXPECT_EQ(here.unsent(), 0u);
    const std::string big = numbered(more_than_fits());
    task<> writing = create_task(write_all(here, big));
    co_await let_others_run();
    task<> flushing = create_task(flush);
    co_await let_others_run();
    EXPECT_FALSE(flushing.done());
    flushing.cancel();
    co_await expect_throws<cancelled_error>(flushing);
    flushing = create_task(flush);
    EXPECT_TRUE(co_await there.readexactly(big.size() + 3) == "abc" + big);
    co_await flushing;
    EXPECT_EQ(here.unsent(), 0u);
    co_await writing;
}

STREAM_CONTRACT(D8_a_cancelled_write_counts_as_written_and_goes_out_whole) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    auto write = [](stream_writer& to, const std::string& all) -> async<> {
        std::string copy = all;
        std::exception_ptr error;
        try {
            co_await to.write(copy);
        } catch (...) {
            error = std::current_exception();
        }
        copy.assign(copy.size(), '!');  // the bytes are the caller's again
        if (error) std::rethrow_exception(error);
    };
    task<> first = create_task(write, std::ref(static_cast<stream_writer&>(here)), big);
    co_await let_others_run();
    here.write_nowait("|");
    first.cancel();
    co_await expect_throws<cancelled_error>(first);
    task<> second = create_task(write, std::ref(static_cast<stream_writer&>(here)), std::string("second"));
    co_await let_others_run();
    EXPECT_TRUE(co_await read_slowly(there, big.size() + 7) == big + "|second");
    co_await second;
}

STREAM_CONTRACT(D8_a_write_cancelled_before_its_turn_counts_as_written_too) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    const std::string next = numbered(default_write_cap);
    task<> first = create_task(write_all(here, big));
    task<> second = create_task(write_all(here, next));
    co_await let_others_run();
    second.cancel();
    co_await expect_throws<cancelled_error>(second);
    EXPECT_TRUE(co_await read_slowly(there, big.size() + next.size()) == big + next);
    co_await first;
}

STREAM_CONTRACT(D8_a_write_cancelled_before_its_turn_and_beyond_the_cap_ends_the_stream) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    task<> first = create_task(write_all(here, big));
    task<> second = create_task(write_all(here, std::string(default_write_cap + 1, 'x')));
    co_await let_others_run();
    second.cancel();
    co_await expect_throws<buffer_overflow>(second);
    co_await expect_throws<buffer_overflow>(first);
    EXPECT_THROW(here.write_nowait("x"), buffer_overflow);
    EXPECT_TRUE(here.is_closing());
    std::size_t received = 0;
    try {
        received = (co_await there.read()).size();
    } catch (const connection_closed&) {  // not over a Unix socket, whose peer reads an early end
    }
    EXPECT_LT(received, big.size());
}

STREAM_CONTRACT(D8_a_write_with_a_pending_cancellation_counts_as_written) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    auto write = [&]() -> async<> {
        current_task().cancel();
        co_await here.write(big);
    };
    co_await expect_throws<cancelled_error>(create_task(write));
    EXPECT_TRUE(co_await read_slowly(there, big.size()) == big);
}

STREAM_CONTRACT(S130_cancelling_at_every_moment_loses_no_byte_and_repeats_none) {
    // A writer of numbered chunks is cancelled again and again, whatever it is doing; the reader sees all, in order.
    auto [here, there] = co_await connected();
    constexpr int chunks = 60;
    std::string expected;
    auto write = [&]() -> async<> {
        for (int i = 0; i < chunks; ++i) {
            const std::string chunk = std::to_string(i) + ":" + numbered(more_than_fits() / 40);
            expected += chunk;
            try {
                co_await here.write(chunk);
            } catch (const cancelled_error&) {
                current_task().uncancel();
            }
        }
        while (current_task().cancelling() > 0) current_task().uncancel();
        co_await here.flush();
        co_await here.write_eof();
    };
    task<> writing = create_task(write);
    co_await yield_now();  // a task that is cancelled before its first step never takes it
    std::string all;
    for (int round = 0; !there.at_eof(); ++round) {
        for (int pass = 0; pass < round % 5; ++pass) co_await yield_now();
        if (!writing.done() && round % 3 == 0 && expected.size() < more_than_fits()) writing.cancel();
        all += co_await there.read(30'000);
    }
    co_await writing;
    EXPECT_TRUE(all == expected);
}

}  // namespace
}  // namespace torus::testing
