// tests/cli/engine_end_test.cpp: how a run ends before its end: stopped, cancelled, or because something broke.
#include <torus/testing/test.hpp>

#include "cli/world.hpp"

namespace torus::cli {
namespace {

using namespace std::literals;
using testing::elapsed;

async<attempt_result> slow(const request&, body_budget::lease&) {
    co_await sleep(1s);
    co_return ok();
}

engine_options with_concurrency(std::size_t n) {
    engine_options options;
    options.concurrency = n;
    return options;
}

std::string what_of(const std::exception_ptr& error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    }
    return {};
}

TORUS_TEST(stopped_engine, finishes_what_is_under_way_and_begins_nothing) {
    world w(urls(100), slow, with_concurrency(10));
    const task<> running = create_task(w.work.run());
    co_await sleep(1500ms);
    EXPECT_EQ(w.work.running(), 10u);
    w.work.stop();
    co_await running;
    EXPECT_EQ(w.store.rows.size(), 20u);
    EXPECT_EQ(w.web.begun.size(), 20u);
    EXPECT_TRUE(w.work.is_incomplete());
    EXPECT_FALSE(w.work.failure());
    EXPECT_LE(elapsed(), 2200ms);
}

TORUS_TEST(stopped_engine, does_not_wait_for_retries) {
    world w("http://h/\n", [](const request&, body_budget::lease&) -> async<attempt_result> {
        attempt_result busy = ok(503);
        busy.headers.set("Retry-After", "100");
        co_return busy;
    });
    const task<> running = create_task(w.work.run());
    co_await sleep(1s);
    w.work.stop();
    co_await running;
    EXPECT_EQ(elapsed(), 1s);
    EXPECT_EQ(w.store.rows.size(), 0u);
}

TORUS_TEST(stopped_engine, does_not_wait_for_input) {
    class silent final : public byte_source {
        async<std::string> read() override {
            if (std::exchange(read_, true)) co_await sleep(duration::max());
            co_return "http://h/1\n";
        }
        bool read_ = false;
    };
    line_source lines(std::make_unique<silent>());
    fake_fetcher web([](const request&, body_budget::lease&) -> async<attempt_result> { co_return ok(); });
    fake_store store;
    engine work(lines, web, store, {}, {});
    const task<> running = create_task(work.run());
    co_await sleep(1s);
    work.stop();
    co_await running;
    EXPECT_EQ(elapsed(), 1s);
    EXPECT_EQ(store.rows.size(), 1u);
    EXPECT_FALSE(work.failure());
}

TORUS_TEST(cancelled_engine, writes_the_rows_that_are_complete) {
    world w(urls(100), [](const request& what, body_budget::lease&) -> async<attempt_result> {
        co_await sleep(what.id <= 5 ? 1s : 1h);
        co_return ok();
    });
    w.store.takes = 50ms;
    task<> running = create_task(w.work.run());
    co_await sleep(1010ms);
    EXPECT_EQ(w.store.rows.size(), 0u);
    running.cancel();
    co_await testing::expect_throws<cancelled_error>(running);
    EXPECT_EQ(w.store.rows.size(), 5u);
    EXPECT_EQ(w.web.running, 0u);
}

TORUS_TEST(broken_output, ends_the_run_when_what_is_under_way_has_ended) {
    world w(urls(100), slow, with_concurrency(10));
    const task<> running = create_task(w.work.run());
    co_await sleep(1500ms);  // ten rows are there, the next ten requests under way
    w.store.fails = true;
    co_await running;
    EXPECT_EQ(what_of(w.work.failure()), "the disk is full");
    EXPECT_EQ(w.store.rows.size(), 10u);
    EXPECT_EQ(w.web.running, 0u);
    // The failure shows with the batch of the second ten; by then the third ten have begun, but no more.
    EXPECT_LE(w.web.begun.size(), 30u);
    EXPECT_EQ(w.work.counted().done, 10u);
}

TORUS_TEST(broken_output, keeps_unsafe_requests_from_beginning) {
    world w("{\"url\": \"http://h/1\", \"method\": \"POST\"}\n", slow);
    w.store.fails = true;
    co_await w.work.run();
    EXPECT_EQ(what_of(w.work.failure()), "the disk is full");
    EXPECT_EQ(w.web.begun.size(), 0u);
}

TORUS_TEST(broken_input, ends_the_run_with_what_was_read) {
    class breaking final : public byte_source {
        async<std::string> read() override {
            if (std::exchange(read_, true)) throw std::runtime_error("the disk has gone");
            co_return "http://h/1\nhttp://h/2\n";
        }
        bool read_ = false;
    };
    line_source lines(std::make_unique<breaking>());
    fake_fetcher web([](const request&, body_budget::lease&) -> async<attempt_result> { co_return ok(); });
    fake_store store;
    engine work(lines, web, store, {}, {});
    co_await work.run();
    EXPECT_EQ(what_of(work.failure()), "the disk has gone");
    EXPECT_TRUE(work.is_incomplete());
}

async<attempt_result> without_descriptor() {
    attempt_result none(error_class::refused, "too many open files");
    none.out_of_descriptors = true;
    co_return none;
}

TORUS_TEST(descriptors, that_nothing_will_give_back_are_not_waited_for) {
    for (const std::size_t at_once : {1u, 10u}) {
        world w(
            urls(300), [](const request&, body_budget::lease&) { return without_descriptor(); },
            with_concurrency(at_once));
        const time_point start = clock::now();
        co_await w.work.run();
        EXPECT_NE(what_of(w.work.failure()).find("(ulimit -n)"), std::string::npos) << what_of(w.work.failure());
        EXPECT_GE(clock::now() - start, longest_shortage);
        EXPECT_LE(clock::now() - start, longest_shortage + 2 * descriptor_patience);
        EXPECT_EQ(w.store.rows.size(), 0u);
        EXPECT_TRUE(w.work.is_incomplete());
    }
}

TORUS_TEST(descriptors, are_waited_for_as_long_as_a_request_has_one) {
    world w(urls(5), [](const request& what, body_budget::lease&) -> async<attempt_result> {
        if (what.id > 1 && elapsed() < 10 * longest_shortage) co_return co_await without_descriptor();
        if (what.id == 1) co_await sleep(10 * longest_shortage);
        co_return ok();
    });
    co_await w.work.run();
    EXPECT_EQ(what_of(w.work.failure()), "");
    EXPECT_EQ(w.store.rows.size(), 5u);
}

TORUS_TEST(descriptors, are_waited_for_anew_after_each_request_that_had_one) {
    constexpr duration nearly = longest_shortage - 2 * descriptor_patience;
    int answered = 0;
    const auto rarely = [&](const request&, body_budget::lease&) -> async<attempt_result> {
        if (elapsed() < (answered + 1) * nearly) co_return co_await without_descriptor();
        ++answered;
        co_return ok();
    };
    world w(urls(4), rarely, with_concurrency(1));
    co_await w.work.run();
    EXPECT_EQ(what_of(w.work.failure()), "");
    EXPECT_EQ(w.store.rows.size(), 4u);
    EXPECT_GE(elapsed(), 4 * nearly);
}

TORUS_TEST(changed_input, is_noticed_at_its_end) {
    engine_options options;
    options.input_sha256 = sha256_hex("http://h/1\n");
    world same("http://h/1\n", slow, options);
    co_await same.work.run();
    EXPECT_FALSE(same.work.failure());
    world other("http://h/2\n", slow, options);
    co_await other.work.run();
    EXPECT_NE(what_of(other.work.failure()).find("the input changed"), std::string::npos);
}

TORUS_TEST(broken_program, is_a_failure_and_no_row) {
    world w(urls(3), [](const request& what, body_budget::lease&) -> async<attempt_result> {
        if (what.id == 2) throw std::bad_alloc();
        co_await sleep(1s);
        co_return ok();
    });
    co_await w.work.run();
    EXPECT_FALSE(what_of(w.work.failure()).empty());
    EXPECT_EQ(w.store.rows.count(2), 0u);
    EXPECT_EQ(w.store.rows.count(1), 1u);
}

}  // namespace
}  // namespace torus::cli
