// tests/cli/engine_test.cpp: every line becomes a row, at the pace that was asked for.
#include "cli/fetch/engine.hpp"

#include <algorithm>

#include <torus/testing/test.hpp>

#include "cli/world.hpp"

namespace torus::cli {
namespace {

using namespace std::literals;
using testing::elapsed;

/// A server that takes 100 ms.
async<attempt_result> slow(const request&, body_budget::lease&) {
    co_await sleep(100ms);
    co_return ok();
}

engine_options with_concurrency(std::size_t n) {
    engine_options options;
    options.concurrency = n;
    return options;
}

TORUS_TEST(engine, gives_every_line_a_row) {
    world w(urls(1000), slow);
    co_await w.work.run();
    EXPECT_EQ(w.store.rows.size(), 1000u);
    EXPECT_EQ(w.work.counted().done, 1000u);
    EXPECT_EQ(w.work.counted().failed, 0u);
    EXPECT_FALSE(w.work.failure());
    const result_row& row = w.store.rows.at(17);
    EXPECT_EQ(row.url, "http://h/17");
    EXPECT_EQ(row.status, 200);
    EXPECT_EQ(row.attempts, 1);
    EXPECT_EQ(row.body, "body");
}

TORUS_TEST(engine, has_as_many_under_way_as_it_may) {
    world w(urls(1000), slow, with_concurrency(100));
    co_await w.work.run();
    EXPECT_EQ(w.web.most, 100u);
    EXPECT_EQ(w.web.begun.back() - w.web.begun.front(), 900ms);
}

TORUS_TEST(engine, does_nothing_for_an_empty_input) {
    world w("", slow);
    co_await w.work.run();
    EXPECT_EQ(w.store.rows.size(), 0u);
    EXPECT_EQ(elapsed(), 0s);
}

TORUS_TEST(engine, passes_lines_over_that_have_a_row) {
    earlier_rows earlier;
    for (std::int64_t id = 1; id <= 900; ++id)
        earlier.done.insert(id), earlier.counted.count(error_class::none, 200, "GET");
    world w(urls(1000), slow, {}, std::move(earlier));
    co_await w.work.run();
    EXPECT_EQ(w.web.begun.size(), 100u);
    EXPECT_EQ(w.store.rows.begin()->first, 901);
    EXPECT_EQ(w.work.counted().done, 1000u);
}

TORUS_TEST(engine, gives_malformed_lines_a_row_at_once) {
    world w("nonsense\nhttp://h/2\n\n{\"url\":\n", slow);
    co_await w.work.run();
    EXPECT_EQ(w.store.rows.size(), 4u);
    for (std::int64_t id : {1, 3, 4}) {
        EXPECT_EQ(w.store.rows.at(id).error, error_class::input);
        EXPECT_EQ(w.store.rows.at(id).attempts, 0);
    }
    EXPECT_EQ(w.store.rows.at(3).message, "the line is empty");
    EXPECT_EQ(w.store.rows.at(2).error, error_class::none);
    EXPECT_EQ(w.work.counted().failed, 3u);
}

TORUS_TEST(engine, keeps_to_the_limit_of_each_host) {
    engine_options options = with_concurrency(100);
    options.per_host = 3;
    world w(urls(30, "a") + urls(30, "b") + urls(30, "c"), slow, options);
    co_await w.work.run();
    EXPECT_EQ(w.web.most, 9u);
    for (const auto& [host, most] : w.web.most_of_host) EXPECT_EQ(most, 3u) << host;
    EXPECT_EQ(w.web.begun.back() - w.web.begun.front(), 900ms);
}

TORUS_TEST(engine, keeps_to_its_rate) {
    engine_options options;
    options.per_second = 10;
    world w(urls(50), slow, options);
    co_await w.work.run();
    for (std::size_t at = 1; at < w.web.begun.size(); ++at) EXPECT_EQ(w.web.begun[at] - w.web.begun[at - 1], 100ms);
}

TORUS_TEST(engine, tries_again_and_counts_attempts) {
    int failures = 2;
    world w("http://h/x\n", [&](const request&, body_budget::lease&) -> async<attempt_result> {
        co_await sleep(1ms);
        attempt_result refused(error_class::refused, "nobody listens");
        refused.may_have_arrived = false;
        co_return failures-- > 0 ? std::move(refused) : ok();
    });
    co_await w.work.run();
    EXPECT_EQ(w.store.rows.at(1).attempts, 3);
    EXPECT_EQ(w.store.rows.at(1).error, error_class::none);
    EXPECT_GE(w.web.begun[1] - w.web.begun[0], first_backoff / 2);
    EXPECT_GE(w.web.begun[2] - w.web.begun[1], first_backoff);
}

TORUS_TEST(engine, takes_the_last_failure_for_the_result) {
    world w("http://h/x\n", [](const request&, body_budget::lease&) -> async<attempt_result> {
        attempt_result refused(error_class::refused, "nobody listens");
        refused.may_have_arrived = false;
        co_return refused;
    });
    co_await w.work.run();
    EXPECT_EQ(w.store.rows.at(1).attempts, 3);
    EXPECT_EQ(w.store.rows.at(1).error, error_class::refused);
    EXPECT_EQ(w.store.rows.at(1).message, "nobody listens");
    EXPECT_EQ(w.work.counted().failed, 1u);
}

TORUS_TEST(engine, leaves_a_host_alone_that_asks_for_it) {
    bool asked = false;
    world w(
        urls(10, "busy") + urls(10, "calm"),
        [&](const request& what, body_budget::lease&) -> async<attempt_result> {
            co_await sleep(10ms);
            if (what.host() != "http://busy:80" || std::exchange(asked, true)) co_return ok();
            attempt_result later = ok(429);
            later.headers.set("Retry-After", "30");
            co_return later;
        },
        with_concurrency(1));
    co_await w.work.run();
    EXPECT_EQ(w.store.rows.size(), 20u);
    EXPECT_EQ(w.work.counted().failed, 0u);
    for (const auto& [id, at] : w.store.committed_at) EXPECT_EQ(at - w.web.begun.front() >= 30s, id <= 10) << id;
}

TORUS_TEST(engine, waits_where_there_is_no_descriptor_left) {
    int without = 5;
    world w(urls(3), [&](const request&, body_budget::lease&) -> async<attempt_result> {
        if (without-- <= 0) co_return ok();
        attempt_result none(error_class::refused, "too many open files");
        none.out_of_descriptors = true;
        co_return none;
    });
    co_await w.work.run();
    EXPECT_EQ(w.work.counted().failed, 0u);
    for (const auto& [id, row] : w.store.rows) EXPECT_EQ(row.attempts, 1) << id;
    EXPECT_EQ(w.web.begun.back() - w.web.begun.front(), 2 * descriptor_patience);
}

TORUS_TEST(engine, fetches_equal_requests_once_if_asked_to) {
    engine_options options;
    options.equal_requests = engine_options::duplicates::skipped;
    const std::string input =
        "http://h/a\nHTTP://H:80/a\nhttp://h/b\n{\"url\": \"http://h/a\", \"method\": \"HEAD\"}\nhttp://h/b#x\n";
    world w(input, slow, options);
    co_await w.work.run();
    EXPECT_EQ(w.web.begun.size(), 3u);
    EXPECT_EQ(w.store.rows.size(), 5u);
    EXPECT_EQ(w.store.rows.at(2).message, "the same as an earlier line");
    EXPECT_EQ(w.store.rows.at(2).error, error_class::none);
    EXPECT_EQ(w.store.rows.at(5).attempts, 0);
    world all(input, slow);
    co_await all.work.run();
    EXPECT_EQ(all.web.begun.size(), 5u);
}

TORUS_TEST(engine, knows_equal_requests_of_an_earlier_start) {
    engine_options options;
    options.equal_requests = engine_options::duplicates::skipped;
    earlier_rows earlier;
    earlier.done.insert(1);
    world w("http://h/a\nhttp://h/a\n", slow, options, std::move(earlier));
    co_await w.work.run();
    EXPECT_EQ(w.web.begun.size(), 0u);
    EXPECT_EQ(w.store.rows.at(2).message, "the same as an earlier line");
}

TORUS_TEST(engine, holds_few_requests_of_a_long_input) {
    std::size_t read_ahead = 0;
    world* whole = nullptr;
    world w(
        urls(50000),
        [&](const request& what, body_budget::lease&) -> async<attempt_result> {
            const std::size_t committed = whole->store.rows.size();
            read_ahead = std::max(read_ahead, static_cast<std::size_t>(what.id) - committed);
            co_await sleep(1ms);
            co_return ok();
        },
        with_concurrency(100));
    whole = &w;
    co_await w.work.run();
    EXPECT_EQ(w.store.rows.size(), 50000u);
    EXPECT_LT(read_ahead, most_waiting_rows + 2 * batch_rows + 2 * least_lookahead);
}

TORUS_TEST(engine, writes_rows_in_batches_without_waiting_for_long) {
    world w(
        urls(1000),
        [](const request& what, body_budget::lease&) -> async<attempt_result> {
            co_await sleep(1ms * what.id);
            co_return ok();
        },
        with_concurrency(1000));
    co_await w.work.run();
    EXPECT_LE(w.store.commits, 12);
    for (const auto& [id, at] : w.store.committed_at)
        EXPECT_LE(at - w.web.begun.front(), 1ms * id + 2 * batch_patience);
}

TORUS_TEST(engine, begins_nothing_while_bodies_fill_the_memory) {
    engine_options options = with_concurrency(1000);
    std::size_t held = 0;
    std::size_t most_held = 0;
    world w(
        urls(200),
        [&](const request&, body_budget::lease& room) -> async<attempt_result> {
            attempt_result came = ok();
            const std::size_t size = 4 * 1024 * 1024;
            co_await sleep(10ms);
            co_await room.grow(size);
            most_held = std::max(most_held, held += size);
            co_await sleep(10ms);
            held -= size;
            came.body.assign(1000, 'x');
            co_return came;
        },
        options);
    co_await w.work.run();
    EXPECT_EQ(w.store.rows.size(), 200u);
    EXPECT_LE(most_held, body_memory);
}

TORUS_TEST(engine, records_unsafe_requests_before_they_begin) {
    world* whole = nullptr;
    world w("{\"url\": \"http://h/1\", \"method\": \"POST\"}\nhttp://h/2\n",
            [&](const request& what, body_budget::lease&) -> async<attempt_result> {
                if (what.is_unsafe()) EXPECT_EQ(whole->store.started, (std::vector<std::int64_t>{what.id}));
                co_return ok();
            });
    whole = &w;
    co_await w.work.run();
    EXPECT_EQ(w.store.started, (std::vector<std::int64_t>{1}));
    EXPECT_EQ(w.store.rows.size(), 2u);
}

TORUS_TEST(engine, does_not_send_again_what_was_lost_and_must_not_be) {
    const std::string input = "{\"url\": \"http://h/1\", \"method\": \"POST\"}\n";
    earlier_rows earlier;
    earlier.lost.insert(1);
    world careful(input, slow, {}, earlier);
    co_await careful.work.run();
    EXPECT_EQ(careful.web.begun.size(), 0u);
    EXPECT_EQ(careful.store.rows.at(1).error, error_class::unknown);
    EXPECT_EQ(careful.store.rows.at(1).method, "POST");
    engine_options options;
    options.unsafe = unsafe_requests::repeated;
    world bold(input, slow, options, earlier);
    co_await bold.work.run();
    EXPECT_EQ(bold.store.rows.at(1).status, 200);
}

}  // namespace
}  // namespace torus::cli
