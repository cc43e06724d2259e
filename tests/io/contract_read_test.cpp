// tests/io/contract_read_test.cpp: the reading verbs, over every kind of stream.
#include "io/stream_kinds.hpp"

namespace torus::testing {
namespace {

STREAM_CONTRACT(S186_read_returns_what_is_there_and_nothing_only_at_the_end) {
    auto [here, there] = co_await connected();
    co_await there.write("hello");
    EXPECT_EQ(co_await here.read(3), "hel");
    EXPECT_EQ(co_await here.read(100), "lo");
    co_await there.close();
    EXPECT_EQ(co_await here.read(100), "");
    EXPECT_EQ(co_await here.read(100), "");
}

STREAM_CONTRACT(S186_read_waits_for_the_first_byte) {
    auto [here, there] = co_await connected();
    task<std::string> reading = create_task(here.read(100));
    co_await let_others_run();
    EXPECT_FALSE(reading.done());
    co_await there.write("now");
    EXPECT_EQ(co_await reading, "now");
}

STREAM_CONTRACT(S186_read_of_nothing_is_empty_at_once) {
    auto [here, there] = co_await connected();
    EXPECT_EQ(co_await here.read(0), "");
    EXPECT_EQ(co_await here.read_into(bytes_span()), 0u);
}

STREAM_CONTRACT(S186_read_without_a_count_reads_to_the_end) {
    auto [here, there] = co_await connected();
    const std::string sent = numbered(300'000);
    auto send = [&]() -> async<> {
        co_await there.write(sent);
        co_await there.close();
    };
    task<> sending = create_task(send);
    EXPECT_EQ(co_await here.read(), sent);
    co_await sending;
    EXPECT_EQ(co_await here.read(), "");
}

STREAM_CONTRACT(read_into_takes_what_is_buffered_first) {
    auto [here, there] = co_await connected();
    co_await there.write("line\nrest");
    EXPECT_EQ(co_await here.readline(), "line\n");
    std::array<char, 100> room{};
    std::size_t n = co_await here.read_into(room);
    EXPECT_EQ(std::string_view(room.data(), n), "rest");
    co_await there.write("more");
    n = co_await here.read_into(room);
    EXPECT_EQ(std::string_view(room.data(), n), "more");
    co_await there.close();
    EXPECT_EQ(co_await here.read_into(room), 0u);
}

STREAM_CONTRACT(S187_readline_returns_lines_then_the_rest_then_nothing) {
    auto [here, there] = co_await connected();
    co_await there.write("one\ntwo\n\nlast");
    co_await there.close();
    EXPECT_EQ(co_await here.readline(), "one\n");
    EXPECT_EQ(co_await here.readline(), "two\n");
    EXPECT_EQ(co_await here.readline(), "\n");
    EXPECT_EQ(co_await here.readline(), "last");
    EXPECT_EQ(co_await here.readline(), "");
}

STREAM_CONTRACT(S187_next_is_empty_at_the_end) {
    auto [here, there] = co_await connected();
    co_await there.write("one\ntwo");
    co_await there.close();
    std::string all;
    while (auto line = co_await here.next()) all += "<" + *line + ">";
    EXPECT_EQ(all, "<one\n><two>");
}

STREAM_CONTRACT(S188_readexactly_returns_that_many_bytes) {
    auto [here, there] = co_await connected();
    task<std::string> reading = create_task(here.readexactly(8));
    co_await there.write("1234");
    co_await let_others_run();
    EXPECT_FALSE(reading.done());
    co_await there.write("56789");
    EXPECT_EQ(co_await reading, "12345678");
    EXPECT_EQ(co_await here.readexactly(1), "9");
    EXPECT_EQ(co_await here.readexactly(0), "");
}

STREAM_CONTRACT(S188_readexactly_at_the_end_gives_and_consumes_what_there_was) {
    auto [here, there] = co_await connected();
    co_await there.write("1234");
    co_await there.close();
    const auto e = co_await expect_throws<incomplete_read_error>(here.readexactly(10));
    EXPECT_EQ(e.partial(), "1234");
    EXPECT_EQ(e.expected(), 10u);
    EXPECT_STREQ(e.what(), "the stream has ended after 4 bytes where 10 were expected");
    EXPECT_TRUE(here.at_eof());
    std::array<char, 4> room{};
    const auto none = co_await expect_throws<incomplete_read_error>(here.readexactly_into(room));
    EXPECT_EQ(none.partial(), "");
}

STREAM_CONTRACT(S189_readexactly_may_exceed_the_limit) {
    auto [here, there] = co_await connected({.read_limit = 10});
    const std::string sent = numbered(3'000'000);
    auto send = [&]() -> async<> { co_await there.write(sent); };
    task<> sending = create_task(send);
    EXPECT_EQ(co_await here.readexactly(1'700'000), sent.substr(0, 1'700'000));
    std::string rest(1'300'000, ' ');
    co_await here.readexactly_into(rest);
    EXPECT_EQ(rest, sent.substr(1'700'000));
    co_await sending;
}

STREAM_CONTRACT(S190_readuntil_finds_a_separator_that_comes_in_pieces) {
    auto [here, there] = co_await connected();
    auto send = [&]() -> async<> {
        for (const char c : std::string_view("headA\rB\r\nC\r\n\rD\r\n\r\nrest")) {
            co_await there.write(bytes_view(&c, 1));
            co_await yield_now();
        }
    };
    task<> sending = create_task(send);
    EXPECT_EQ(co_await here.readuntil("\r\n\r\n"), "headA\rB\r\nC\r\n\rD\r\n\r\n");
    EXPECT_EQ(co_await here.readexactly(4), "rest");
    co_await sending;
}

STREAM_CONTRACT(S190_of_several_separators_the_one_that_ends_first_wins) {
    auto [here, there] = co_await connected();
    co_await there.write("a--b++c+-+d");
    EXPECT_EQ(co_await here.readuntil("++", "--"), "a--");
    EXPECT_EQ(co_await here.readuntil("--", "++", "b+"), "b+");
    EXPECT_EQ(co_await here.readuntil("+-+", "-"), "+c+-");
    EXPECT_EQ(co_await here.readuntil("d", "+d"), "+d");
    co_await expect_throws<std::invalid_argument>(here.readuntil(""));
}

STREAM_CONTRACT(S191_readuntil_at_the_end_gives_what_there_was) {
    auto [here, there] = co_await connected();
    co_await there.write("no end");
    co_await there.close();
    const auto e = co_await expect_throws<incomplete_read_error>(here.readuntil(";"));
    EXPECT_EQ(e.partial(), "no end");
    EXPECT_EQ(e.expected(), std::nullopt);
    EXPECT_TRUE(here.at_eof());
}

STREAM_CONTRACT(S192_readuntil_beyond_the_limit_keeps_the_buffer) {
    auto [here, there] = co_await connected({.read_limit = 4});
    co_await there.write("1234;12345;123456");
    EXPECT_EQ(co_await here.readuntil(";"), "1234;");  // the separator itself doesn't count
    const auto found = co_await expect_throws<limit_overrun_error>(here.readuntil(";"));
    EXPECT_EQ(found.consumed(), 5u);
    EXPECT_EQ(co_await here.readexactly(6), "12345;");
    const auto none = co_await expect_throws<limit_overrun_error>(here.readuntil(";"));
    EXPECT_EQ(none.consumed(), 6u);
    EXPECT_EQ(co_await here.readexactly(6), "123456");
}

STREAM_CONTRACT(S192_readline_beyond_the_limit_drops_the_line) {
    auto [here, there] = co_await connected({.read_limit = 7});
    co_await there.write("1234567\n12345678\nnext\n");
    EXPECT_EQ(co_await here.readline(), "1234567\n");
    const auto e = co_await expect_throws<limit_overrun_error>(here.readline());
    EXPECT_EQ(e.consumed(), 9u);
    EXPECT_EQ(co_await here.readline(), "next\n");
}

STREAM_CONTRACT(S192_readline_drops_the_rest_of_a_line_too_when_it_comes) {
    auto [here, there] = co_await connected({.read_limit = 4});
    co_await there.write("123456");
    co_await expect_throws<limit_overrun_error>(here.readline());
    co_await there.write("7890");
    task<std::string> reading = create_task(here.readline());
    co_await let_others_run();
    co_await there.write("smuggled\nnext\n");
    EXPECT_EQ(co_await reading, "next\n");
    co_await there.write("98765");
    co_await expect_throws<limit_overrun_error>(here.readline());
    co_await there.close();
    EXPECT_EQ(co_await here.readline(), "");
}

STREAM_CONTRACT(S193_at_eof_is_true_when_the_end_was_received_and_all_was_read) {
    auto [here, there] = co_await connected();
    EXPECT_FALSE(here.at_eof());
    co_await there.write("a\nb");
    co_await there.close();
    EXPECT_EQ(co_await here.readline(), "a\n");
    EXPECT_FALSE(here.at_eof());
    co_await expect_throws<incomplete_read_error>(here.readexactly(2));
    EXPECT_TRUE(here.at_eof());
}

STREAM_CONTRACT(S194_a_second_reader_is_refused_and_the_first_one_goes_on) {
    auto [here, there] = co_await connected();
    std::array<char, 10> room{};
    auto wait = [&]() -> async<std::size_t> { co_return co_await here.read_into(room); };
    task<std::size_t> reading = create_task(wait);
    co_await yield_now();
    const auto e = co_await expect_throws<std::runtime_error>(here.read(1));
    EXPECT_STREQ(e.what(), "torus: another task is reading from this stream already");
    co_await expect_throws<std::runtime_error>(here.readline());
    co_await expect_throws<std::runtime_error>(here.fill());
    co_await there.write("x");
    EXPECT_EQ(co_await reading, 1u);
}

STREAM_CONTRACT(S195_an_error_is_thrown_by_the_read_that_waits_and_by_every_later_one) {
    auto [here, there] = co_await connected();
    co_await there.write("abc");
    EXPECT_EQ(co_await here.read(1), "a");
    task<std::string> reading = create_task(here.readexactly(100));
    co_await let_others_run();
    here.abort();
    co_await expect_throws<connection_closed>(reading);
    co_await expect_throws<connection_closed>(here.read(1));
    co_await expect_throws<connection_closed>(here.next());
    co_await expect_throws<connection_closed>(here.fill());
}

STREAM_CONTRACT(S196_reading_stops_while_nobody_reads) {
    auto [here, there] = co_await connected();
    const std::string sent = numbered(more_than_fits());
    auto send = [&]() -> async<> { co_await there.write(sent); };
    task<> sending = create_task(send);
    EXPECT_EQ(co_await here.read(1), sent.substr(0, 1));
    co_await let_others_run(300);
    EXPECT_FALSE(sending.done());
    EXPECT_LE(here.buffered().size(), 2 * default_read_limit);
    EXPECT_EQ(co_await here.readexactly(sent.size() - 1), sent.substr(1));
    co_await sending;
}

STREAM_CONTRACT(fill_shows_bytes_to_parsers_without_taking_them) {
    auto [here, there] = co_await connected();
    EXPECT_TRUE(here.buffered().empty());
    co_await there.write("abc");
    EXPECT_TRUE(co_await here.fill());
    EXPECT_EQ(here.buffered().text(), "abc");
    here.consume(1);
    EXPECT_EQ(here.buffered().text(), "bc");
    task<bool> more = create_task(here.fill());
    co_await let_others_run();
    EXPECT_FALSE(more.done());
    co_await there.write("d");
    EXPECT_TRUE(co_await more);
    EXPECT_EQ(here.buffered().text(), "bcd");
    co_await there.close();
    EXPECT_FALSE(co_await here.fill());
    EXPECT_FALSE(here.at_eof());
    EXPECT_EQ(co_await here.read(), "bcd");
    EXPECT_TRUE(here.at_eof());
    EXPECT_FALSE(co_await here.fill());
}

STREAM_CONTRACT(fill_stops_at_the_read_limit) {
    auto [here, there] = co_await connected({.read_limit = 3});
    co_await there.write("ab");
    EXPECT_TRUE(co_await here.fill());
    co_await there.write("c");
    EXPECT_TRUE(co_await here.fill());
    const auto e = co_await expect_throws<limit_overrun_error>(here.fill());
    EXPECT_EQ(e.consumed(), 3u);
    EXPECT_EQ(co_await here.read(9), "abc");
}

STREAM_CONTRACT(a_reader_with_a_full_buffer_gives_others_their_turn) {
    auto [here, there] = co_await connected();
    co_await there.write(std::string(20'000, '\n'));
    co_await here.fill();
    int turns = 0;
    auto count_turns = [&]() -> async<> {
        for (;; ++turns) co_await yield_now();
    };
    task<> counting = create_task(count_turns);
    std::array<char, 1> byte{};
    for (int i = 0; i < 2'000; ++i) co_await here.read_into(byte);
    EXPECT_GE(turns, 5);
    for (int i = 0; i < 1'000; ++i) co_await here.readline();
    counting.cancel();
    co_await expect_throws<cancelled_error>(counting);
}

}  // namespace
}  // namespace torus::testing
