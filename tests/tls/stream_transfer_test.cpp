// tests/tls/stream_transfer_test.cpp: bytes through TLS streams, and how these end.
#include "secured.hpp"

namespace torus::tls::testing {
namespace {

using namespace std::chrono_literals;

async<> send_and_end(stream& on, const std::string& what) {
    co_await on.write(what);
    co_await on.write_eof();
}

/// Both sides send and receive at once.
async<> exchange(ends& both, std::size_t size) {
    const std::string there = noise(size);
    const std::string back = there.substr(size / 3) + there.substr(0, size / 3);
    auto [received, answer, one, other] = co_await gather(
        both.server.read(), both.client.read(), send_and_end(both.client, there), send_and_end(both.server, back));
    EXPECT_TRUE(received == there);
    EXPECT_TRUE(answer == back);
}

TORUS_TEST(tls_stream, carries_much_both_ways_at_once) {
    ends both = co_await secured();
    co_await exchange(both, 3'000'000);
}

TORUS_TEST(tls_stream, does_not_care_how_its_bytes_are_split) {
    for (const std::size_t capacity : {1, 2, 5, 1000}) {
        ends both = co_await secured(capacity);
        co_await exchange(both, capacity * 2000);
    }
}

TORUS_TEST(tls_stream, writes_pieces_in_order) {
    ends both = co_await secured();
    const std::string body = noise(100'000);
    auto write = [&]() -> async<> {
        co_await both.client.write("head|", body);
        both.client.write_nowait("|nowait|");
        co_await both.client.write("tail");
        co_await both.client.close();
    };
    async<> writing = write();
    auto [received, wrote] = co_await gather(both.server.read(), std::move(writing));
    EXPECT_TRUE(received == "head|" + body + "|nowait|tail");
}

TORUS_TEST(tls_stream, half_closes) {
    ends both = co_await secured();
    co_await send_and_end(both.client, "question");
    EXPECT_EQ(co_await both.server.read(), "question");
    EXPECT_TRUE(both.server.at_eof());
    co_await send_and_end(both.server, "answer");
    EXPECT_EQ(co_await both.client.read(), "answer");
    co_await expect_throws<connection_closed>([](stream& s) -> async<> { co_await s.write("more"); }(both.client));
}

TORUS_TEST(tls_stream, says_goodbye_when_it_closes_or_goes) {
    ends both = co_await secured();
    co_await both.client.write("last words");
    co_await both.client.close();
    EXPECT_EQ(co_await both.server.read(), "last words");
    ends more = co_await secured();
    { const stream gone = std::move(more.client); }
    EXPECT_EQ(co_await more.server.read(), "");
    co_await both.server.close();
    co_await more.server.close();
    co_await expect_to_be_alone();
}

TORUS_TEST(tls_stream, takes_an_end_without_goodbye_for_an_error) {
    ends both = co_await secured();
    co_await both.client.write("some of it");
    both.client.below().close();
    EXPECT_EQ(co_await both.server.read(10), "some of it");
    for (int i = 0; i < 2; ++i) {  // the error stays
        const error why = co_await expect_throws<error>(both.server.read(10));
        EXPECT_EQ(why.reason(), reason::truncated);
    }
    co_await both.server.close();
}

TORUS_TEST(tls_stream, aborts_without_goodbye) {
    ends both = co_await secured();
    both.client.abort();
    co_await expect_throws<connection_closed>(both.server.read(10));
    co_await expect_throws<connection_closed>(both.client.read(10));
}

TORUS_TEST(tls_stream, works_over_itself) {
    ends outer = co_await secured(3000);
    ends inner = co_await secure(std::move(outer.client), std::move(outer.server), trusting(), serving(), "b.example");
    co_await exchange(inner, 200'000);
    co_await inner.client.close();
    co_await inner.server.close();
    co_await expect_to_be_alone();
}

TORUS_TEST(tls_stream, begins_in_the_middle_of_a_conversation) {
    auto plain = memory_stream_pair();
    auto client = [](stream conn) -> async<> {
        EXPECT_EQ(co_await conn.readline(), "220 ready\n");
        co_await conn.write("STARTTLS\n");
        EXPECT_EQ(co_await conn.readline(), "220 go ahead\n");
        conn = co_await connect(std::move(conn), trusting(), "a.example");
        co_await conn.write("secret\n");
        EXPECT_EQ(co_await conn.readline(), "250 heard\n");
        co_await conn.close();
    };
    auto server = [](stream conn) -> async<> {
        co_await conn.write("220 ready\n");
        EXPECT_EQ(co_await conn.readline(), "STARTTLS\n");
        conn.write_nowait("220 go ahead\n");
        conn = co_await accept(std::move(conn), serving());
        EXPECT_EQ(co_await conn.readline(), "secret\n");
        co_await conn.write("250 heard\n");
        EXPECT_EQ(co_await conn.read(), "");
    };
    async<> one = client(std::move(plain.first));
    async<> other = server(std::move(plain.second));
    co_await gather(std::move(one), std::move(other));
}

TORUS_TEST(tls_stream, has_flushed_only_when_the_transport_has_it) {
    ends both = co_await secured(10'000);
    const std::string text = noise(60'000);
    co_await both.client.write(text);  // below its high-water mark
    auto flush = [&]() -> async<> { co_await both.client.flush(); };
    task<> flushing = create_task(flush);
    co_await let_others_run();
    EXPECT_FALSE(flushing.done());
    EXPECT_EQ(co_await both.server.readexactly(50'000), text.substr(0, 50'000));
    co_await flushing;
    both.client.below().close();
    EXPECT_EQ(co_await both.server.readexactly(10'000), text.substr(50'000));
    co_await expect_throws<error>(both.server.read(1));
}

TORUS_TEST(tls_stream, waits_for_a_peer_that_does_not_read_and_holds_little_meanwhile) {
    ends both = co_await secured(10'000);
    const std::string much = noise(2'000'000);
    auto write = [&]() -> async<> { co_await both.client.write(much); };
    task<> writing = create_task(write);
    co_await let_others_run(100);
    EXPECT_FALSE(writing.done());
    EXPECT_THROW(both.client.write_nowait(much), buffer_overflow);
    EXPECT_TRUE(co_await both.server.readexactly(much.size()) == much);
    co_await writing;
}

TORUS_TEST(tls_stream, reports_what_was_written_and_lost) {
    ends both = co_await secured(1000);
    co_await both.client.write(noise(20'000));  // copied: nobody waits for it any more
    co_await let_others_run();
    both.server.abort();
    co_await let_others_run();
    co_await expect_throws<connection_closed>(both.client.close());
}

TORUS_TEST(tls_stream, gives_up_closing_when_nobody_takes_what_is_unsent) {
    ends both = co_await secured(1000);
    co_await both.client.write(noise(20'000));
    co_await expect_throws<timeout_error>(both.client.close());
    EXPECT_EQ(torus::testing::elapsed(), default_close_limit);
    co_await expect_to_be_alone();
}

TORUS_TEST(tls_stream, lets_others_have_their_turn_while_there_is_more) {
    ends both = co_await secured();
    co_await both.client.write(noise(16'000));
    int turns = 0;
    auto count = [&]() -> async<> {
        for (;;) {
            co_await yield_now();
            ++turns;
        }
    };
    task<> counting = create_task(count);
    std::array<char, 1> room{};
    for (int i = 0; i < 10'000; ++i) co_await both.server.read_into(room);
    EXPECT_GT(turns, 10);
    co_await end(counting);
}

TORUS_TEST(tls_stream, splits_into_two_sides) {
    ends both = co_await secured();
    auto [in, out] = std::move(both.client).split();
    co_await out.write("over");
    { const stream_writer gone = std::move(out); }
    EXPECT_EQ(co_await both.server.read(), "over");
    co_await both.server.write("and back");
    EXPECT_EQ(co_await in.readexactly(8), "and back");
}

}  // namespace
}  // namespace torus::tls::testing
