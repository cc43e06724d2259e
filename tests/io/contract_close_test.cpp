// tests/io/contract_close_test.cpp: how every kind of stream ends.
#include "io/stream_kinds.hpp"

namespace torus::testing {
namespace {

STREAM_CONTRACT(S200_close_sends_what_is_unsent_then_closes) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    task<> writing = create_task(write_all(here, big));
    co_await let_others_run();
    here.write_nowait("last");
    task<> closing = create_task(here.close());
    task<> watching = create_task(here.wait_closed());
    co_await let_others_run();
    EXPECT_TRUE(here.is_closing());
    EXPECT_FALSE(closing.done());
    EXPECT_FALSE(watching.done());
    EXPECT_THROW(here.write_nowait("too late"), connection_closed);
    EXPECT_TRUE(co_await there.read() == big + "last");
    co_await closing;
    co_await watching;
    co_await writing;
    co_await here.close();
    co_await here.wait_closed();
}

STREAM_CONTRACT(S200_a_cancelled_close_goes_on_in_the_background) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    task<> writing = create_task(write_all(here, big));
    co_await let_others_run();
    task<> closing = create_task(here.close());
    co_await let_others_run();
    closing.cancel();
    co_await expect_throws<cancelled_error>(closing);
    EXPECT_TRUE(co_await there.read() == big);
    co_await writing;
    co_await here.wait_closed();
}

STREAM_CONTRACT(close_gives_up_after_its_limit) {
    auto [here, there] = co_await connected({.close_limit = std::chrono::milliseconds(30)});
    const std::string big = numbered(more_than_fits());
    task<> writing = create_task(write_all(here, big));
    co_await let_others_run();
    writing.cancel();
    co_await expect_throws<cancelled_error>(writing);
    co_await expect_throws<timeout_error>(here.close());
    co_await here.close();
    EXPECT_EQ(here.unsent(), 0u);
}

STREAM_CONTRACT(closing_ends_a_read_that_waits) {
    auto [here, there] = co_await connected();
    task<std::string> reading = create_task(here.read(10));
    co_await let_others_run();
    co_await here.close();
    co_await expect_throws<connection_closed>(reading);
    co_await expect_throws<connection_closed>(here.read(10));
    EXPECT_EQ(co_await there.read(), "");
}

STREAM_CONTRACT(abort_ends_everything_at_once) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    task<> writing = create_task(write_all(here, big));
    task<std::string> reading = create_task(here.read(10));
    co_await let_others_run();
    here.abort();
    here.abort();
    EXPECT_TRUE(here.is_closing());
    co_await here.wait_closed();
    co_await expect_throws<connection_closed>(writing);
    co_await expect_throws<connection_closed>(reading);
    co_await here.close();
}

STREAM_CONTRACT(S201_destroying_a_stream_closes_it) {
    auto [here, there] = co_await connected();
    { const stream gone = std::move(here); }
    EXPECT_EQ(co_await there.read(), "");
}

STREAM_CONTRACT(S201_destroying_a_stream_sends_what_is_unsent) {
    auto [here, there] = co_await connected();
    std::string big = numbered(more_than_fits());
    auto write_and_go = [](stream conn, std::string all) -> async<> {
        conn.write_nowait("first,");
        auto write = [&]() -> async<> { co_await conn.write(all); };
        task<> writing = create_task(write);
        co_await let_others_run();
        writing.cancel();
        co_await expect_throws<cancelled_error>(writing);
    };
    co_await write_and_go(std::move(here), big);
    EXPECT_TRUE(co_await there.read() == "first," + big);
}

STREAM_CONTRACT(S201_what_a_destroyed_stream_cannot_send_is_reported) {
    auto [here, there] = co_await connected({.close_limit = std::chrono::milliseconds(30)});
    const std::string big = numbered(more_than_fits());
    task<> writing = create_task(write_all(here, big));
    co_await let_others_run();
    writing.cancel();
    co_await expect_throws<cancelled_error>(writing);
    { const stream gone = std::move(here); }
    std::vector<std::string> reports;
    while (reports.empty()) {
        co_await sleep(std::chrono::milliseconds(1));
        reports = take_reports();
    }
    EXPECT_EQ(reports.size(), 1u);
    EXPECT_NE(reports.front().find("could not be sent"), std::string::npos) << reports.front();
}

STREAM_CONTRACT(assigning_to_a_stream_closes_the_former_one) {
    auto [here, there] = co_await connected();
    auto [other, beyond] = co_await connected();
    here = std::move(other);
    EXPECT_EQ(co_await there.read(), "");
    co_await here.write("new");
    EXPECT_EQ(co_await beyond.readexactly(3), "new");
}

STREAM_CONTRACT(the_sides_of_a_split_stream_serve_two_tasks) {
    auto [here, there] = co_await connected();
    auto echo = [](stream_reader in, stream_writer out) -> async<> {
        while (auto line = co_await in.next()) co_await out.write(*line);
    };
    auto [in, out] = std::move(there).split();
    task<> echoing = create_task(echo, std::move(in), std::move(out));
    co_await here.write("a\nb\n");
    co_await here.write_eof();
    EXPECT_EQ(co_await here.read(), "a\nb\n");
    co_await echoing;
}

STREAM_CONTRACT(when_the_writing_side_goes_the_peer_reads_the_end) {
    auto [here, there] = co_await connected();
    auto [in, out] = std::move(there).split();
    out.write_nowait("last");
    { const stream_writer gone = std::move(out); }
    EXPECT_EQ(co_await here.read(), "last");
    co_await here.write("still");
    EXPECT_EQ(co_await in.read(10), "still");
    { const stream_reader gone = std::move(in); }
}

STREAM_CONTRACT(when_the_reading_side_goes_the_other_one_still_writes) {
    auto [here, there] = co_await connected();
    auto [in, out] = std::move(there).split();
    { const stream_reader gone = std::move(in); }
    co_await out.write("on");
    EXPECT_EQ(co_await here.read(10), "on");
    co_await out.close();
    EXPECT_EQ(co_await here.read(10), "");
}

STREAM_CONTRACT(a_transport_can_be_taken_out_when_nothing_is_buffered) {
    auto [here, there] = co_await connected();
    here.write_nowait("before,");
    co_await there.write("line\nmore");
    EXPECT_EQ(co_await here.readline(), "line\n");
    auto [spare, beyond] = co_await connected();
    std::swap(here, spare);
    co_await expect_throws<invalid_state_error>(std::move(spare).take_transport());
    std::unique_ptr<transport> below = co_await std::move(here).take_transport();
    stream again(std::move(below));
    co_await again.write("after");
    EXPECT_EQ(co_await beyond.readexactly(5), "after");
    EXPECT_EQ(co_await there.read(), "before,");
}

STREAM_CONTRACT(a_transport_is_taken_out_when_all_was_sent) {
    auto [here, there] = co_await connected();
    const std::string big = numbered(more_than_fits());
    task<> writing = create_task(write_all(here, big));
    co_await let_others_run();
    auto take = [](stream from) -> async<stream> { co_return stream(co_await std::move(from).take_transport()); };
    task<stream> taking = create_task(take, std::move(here));
    co_await let_others_run();
    EXPECT_FALSE(taking.done());
    EXPECT_TRUE(co_await there.readexactly(big.size()) == big);
    stream again = co_await std::move(taking);
    co_await again.write("after");
    EXPECT_EQ(co_await there.readexactly(5), "after");
    co_await writing;
}

}  // namespace
}  // namespace torus::testing
