// tests/sqlite/cancellation_test.cpp: a cancelled statement has done nothing; one that was quicker is delivered.
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <torus/sqlite/connection.hpp>
#include <torus/testing/test.hpp>

#include "sqlite/scratch.hpp"

namespace torus::sqlite {
namespace {

using namespace std::chrono_literals;
using testing::expect_throws;
using testing::let_others_run;

async<std::int64_t> count(connection& db) {
    const auto row = co_await db.query_one("select count(*) from t");
    co_return row->get<std::int64_t>(0);
}

open_options with_busy_timeout(duration timeout) {
    open_options options;
    options.busy_timeout = timeout;
    return options;
}

/// Blocks the loop until `onlooker` sees that somebody has the write lock.
void wait_for_a_writer(database& onlooker) {
    for (;;) {
        try {
            onlooker.begin(transaction_kind::immediate);
            onlooker.rollback();
        } catch (const sql::busy_error&) {
            return;
        }
        std::this_thread::yield();
    }
}

TORUS_IO_TEST(sqlite_cancellation, stops_a_statement_that_runs) {
    const scratch_folder folder;
    auto db = co_await sqlite::open(folder / "a.db");
    co_await db.execute("create table t (a)");
    test_database onlooker(folder / "a.db", with_busy_timeout(duration::zero()));
    auto endless = create_task([&]() -> async<> { co_await db.execute("insert into t " + counting()); });
    co_await let_others_run();
    wait_for_a_writer(onlooker);
    endless.cancel("enough");
    const auto e = co_await expect_throws<cancelled_error>(endless);
    EXPECT_EQ(e.reason(), "enough");
    EXPECT_TRUE(endless.cancelled());
    EXPECT_EQ(co_await count(db), 0);
}

TORUS_IO_TEST(sqlite_cancellation, takes_a_statement_out_of_the_queue) {
    auto db = co_await sqlite::open(":memory:");
    co_await db.execute("create table t (a)");
    auto endless = create_task([&]() -> async<> { co_await db.query("select count(*) from (" + counting() + ")"); });
    auto insert = create_task([&]() -> async<> { co_await db.execute("insert into t values (1)"); });
    co_await let_others_run();
    insert.cancel();
    co_await expect_throws<cancelled_error>(insert);
    EXPECT_FALSE(endless.done());
    endless.cancel();
    endless.cancel();
    co_await expect_throws<cancelled_error>(endless);
    EXPECT_EQ(co_await count(db), 0);
}

TORUS_IO_TEST(sqlite_cancellation, delivers_a_result_that_was_quicker) {
    const scratch_folder folder;
    auto db = co_await sqlite::open(folder / "a.db");
    co_await db.execute("create table t (a)");
    test_database onlooker(folder / "a.db");
    std::int64_t changes = 0;
    auto insert = create_task([&]() -> async<> {
        const auto done = co_await db.execute("insert into t values (1)");
        changes = done.changes;
        co_await yield_now();
        ADD_FAILURE() << "the cancellation was lost";
    });
    co_await let_others_run(2);
    while (onlooker.one("select count(*) from t") == 0) std::this_thread::yield();
    insert.cancel();
    co_await expect_throws<cancelled_error>(insert);
    EXPECT_EQ(changes, 1);
}

TORUS_IO_TEST(sqlite_cancellation, ends_the_wait_for_a_lock) {
    const scratch_folder folder;
    test_database holder(folder / "a.db");
    holder.run("create table t (a)");
    auto db = co_await sqlite::open(folder / "a.db", with_busy_timeout(24h));
    holder.begin(transaction_kind::immediate);
    co_await expect_throws<timeout_error>(timeout(1ms, db.execute("insert into t values (1)")));
    holder.rollback();
    EXPECT_EQ(co_await count(db), 0);
}

TORUS_IO_TEST(sqlite_cancellation, ends_an_open) {
    const scratch_folder folder;
    open_options options = with_busy_timeout(24h);
    options.journal = journal::rollback;
    test_database holder(folder / "a.db");
    holder.run("create table t (a)");
    holder.begin(transaction_kind::immediate);
    co_await expect_throws<timeout_error>(timeout(1ms, sqlite::open(folder / "a.db", options)));
    holder.rollback();
}

TORUS_IO_TEST(sqlite_cancellation, of_a_write_ends_its_transaction) {
    const scratch_folder folder;
    auto db = co_await sqlite::open(folder / "a.db");
    test_database onlooker(folder / "b.db", with_busy_timeout(duration::zero()));
    onlooker.run("create table big (a)");
    co_await db.execute("create table t (a)");
    co_await db.execute("attach ? as other", folder / "b.db");
    const auto closure = [&](connection& tx) -> async<> {
        co_await tx.execute("insert into t values (1)");
        auto endless = create_task([&]() -> async<> { co_await tx.execute("insert into big " + counting()); });
        co_await let_others_run();
        wait_for_a_writer(onlooker);
        endless.cancel();
        co_await expect_throws<cancelled_error>(endless);
        co_await tx.execute("insert into t values (2)");
    };
    const auto e = co_await expect_throws<sql::statement_error>(db.transaction(closure, transaction_kind::deferred));
    EXPECT_EQ(e.kind(), sql::error_kind::rolled_back);
    EXPECT_EQ(co_await count(db), 0);
}

TORUS_IO_TEST(sqlite_cancellation, before_the_statement_keeps_it_from_running) {
    auto db = co_await sqlite::open(":memory:");
    co_await db.execute("create table t (a)");
    auto self = create_task([&]() -> async<> {
        current_task().cancel();
        co_await db.execute("insert into t values (1)");
    });
    co_await expect_throws<cancelled_error>(self);
    EXPECT_EQ(co_await count(db), 0);
}

TORUS_IO_TEST(sqlite_cancellation, of_a_failed_gather_stops_the_siblings) {
    auto db = co_await sqlite::open(":memory:");
    auto other = co_await sqlite::open(":memory:");
    co_await expect_throws<sql::statement_error>(
        gather(db.query("select count(*) from (" + counting() + ")"), other.execute("nonsense")));
    co_await db.query("select 1");
}

TORUS_IO_TEST(sqlite_cancellation, at_any_moment_leaves_all_or_nothing) {
    auto db = co_await sqlite::open(":memory:");
    co_await db.execute("create table t (a)");
    std::int64_t expected = 0;
    for (int round = 0; round < 200; ++round) {
        auto insert = create_task([&]() -> async<> {
            const auto done = co_await db.execute("insert into t select i from (" + counting("300") + ")");
            expected += done.changes;
        });
        co_await let_others_run(round % 20);
        insert.cancel();
        try {
            co_await insert;
        } catch (const cancelled_error&) {}
    }
    EXPECT_EQ(co_await count(db), expected);
}

TORUS_IO_TEST(sqlite_cancellation, of_everything_at_the_end_of_run_needs_no_close) {
    spawn([]() -> async<> {
        auto db = co_await sqlite::open(":memory:");
        co_await db.query("select count(*) from (" + counting() + ")");
    });
    co_await let_others_run(100);
}

}  // namespace
}  // namespace torus::sqlite
