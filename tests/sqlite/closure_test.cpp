// tests/sqlite/closure_test.cpp: a closure in a transaction.
#include <stdexcept>
#include <string>
#include <vector>

#include <torus/sqlite/connection.hpp>
#include <torus/sync/event.hpp>
#include <torus/testing/test.hpp>

#include "sqlite/scratch.hpp"

namespace torus::sqlite {
namespace {

using sql::error_kind;
using testing::expect_throws;
using testing::let_others_run;

async<std::int64_t> count(connection& db) {
    const auto row = co_await db.query_one("select count(*) from t");
    co_return row->get<std::int64_t>(0);
}

async<connection> with_table() {
    auto db = co_await sqlite::open(":memory:");
    co_await db.execute("create table t (a)");
    co_return db;
}

async<> insert(connection& db, int a) { co_await db.execute("insert into t values (?)", a); }

TORUS_IO_TEST(sqlite_transaction_closure, commits_and_returns_what_the_closure_returns) {
    auto db = co_await with_table();
    const auto rows = co_await db.transaction([](connection& tx) -> async<std::int64_t> {
        co_await insert(tx, 1);
        co_return co_await count(tx);
    });
    EXPECT_EQ(rows, 1);
    co_await db.transaction([](connection& tx) -> async<> { co_await insert(tx, 2); });
    EXPECT_EQ(co_await count(db), 2);
}

TORUS_IO_TEST(sqlite_transaction_closure, rolls_back_when_it_throws) {
    auto db = co_await with_table();
    const auto e = co_await expect_throws<std::runtime_error>(db.transaction([](connection& tx) -> async<> {
        co_await insert(tx, 1);
        throw std::runtime_error("changed my mind");
    }));
    EXPECT_STREQ(e.what(), "changed my mind");
    EXPECT_EQ(co_await count(db), 0);
}

TORUS_IO_TEST(sqlite_transaction_closure, rolls_back_when_it_is_cancelled) {
    auto db = co_await with_table();
    event never;
    auto working = create_task([&]() -> async<> {
        co_await db.transaction([&](connection& tx) -> async<> {
            co_await insert(tx, 1);
            co_await never.wait();
        });
    });
    auto waiting = create_task(count(db));
    while (working.record().waiting_for() == nullptr || working.record().waiting_for()->kind() != wait_kind::event)
        co_await sleep(std::chrono::microseconds(1));
    EXPECT_FALSE(waiting.done());
    working.cancel();
    co_await expect_throws<cancelled_error>(working);
    EXPECT_EQ(co_await waiting, 0);
}

TORUS_IO_TEST(sqlite_transaction_closure, rolls_back_though_a_cancellation_is_pending) {
    auto db = co_await with_table();
    auto failing = create_task([&]() -> async<> {
        co_await db.transaction([&](connection& tx) -> async<> {
            co_await insert(tx, 1);
            current_task().cancel();
            throw std::runtime_error("failed as well");
        });
    });
    co_await expect_throws<std::runtime_error>(failing);
    EXPECT_EQ(co_await count(db), 0);
}

TORUS_IO_TEST(sqlite_transaction_closure, rolls_back_when_it_is_cancelled_before_the_commit) {
    auto db = co_await with_table();
    auto finishing = create_task([&]() -> async<> {
        co_await db.transaction([&](connection& tx) -> async<> {
            co_await insert(tx, 1);
            current_task().cancel();
        });
    });
    co_await expect_throws<cancelled_error>(finishing);
    EXPECT_EQ(co_await count(db), 0);
}

TORUS_IO_TEST(sqlite_transaction_closure, has_parts_that_are_undone_by_themselves) {
    auto db = co_await with_table();
    co_await db.transaction([](connection& tx) -> async<> {
        co_await insert(tx, 1);
        co_await tx.transaction([](connection& part) -> async<> { co_await insert(part, 2); });
        co_await expect_throws<std::runtime_error>(tx.transaction([](connection& part) -> async<> {
            co_await insert(part, 3);
            throw std::runtime_error("not this");
        }));
        EXPECT_EQ(co_await count(tx), 2);
    });
    EXPECT_EQ(co_await count(db), 2);
}

TORUS_IO_TEST(sqlite_transaction_closure, keeps_other_tasks_out) {
    auto db = co_await with_table();
    std::vector<task<>> tasks;
    co_await insert(db, 0);
    for (int i = 0; i < 50; ++i)
        tasks.push_back(create_task([&db]() -> async<> {
            co_await db.transaction([](connection& tx) -> async<> {
                const auto before = co_await tx.query_one("select a from t");
                co_await yield_now();
                co_await tx.execute("update t set a = ?", before->get<int>(0) + 1);
            });
        }));
    for (auto& each : tasks) co_await each;
    const auto after = co_await db.query_one("select a from t");
    EXPECT_EQ(after->get<int>(0), 50);
}

TORUS_IO_TEST(sqlite_transaction_closure, refuses_what_would_wait_for_itself) {
    auto db = co_await with_table();
    co_await db.transaction([&](connection& tx) -> async<> {
        co_await expect_throws<sql::statement_error>(db.execute("select 1"));
        co_await expect_throws<sql::statement_error>(db.transaction([](connection&) -> async<> { co_return; }));
        co_await expect_throws<sql::statement_error>(db.close());
        co_await expect_throws<sql::statement_error>(tx.close());
        co_await insert(tx, 1);
    });
    EXPECT_EQ(co_await count(db), 1);
}

TORUS_IO_TEST(sqlite_transaction_closure, is_over_when_it_is_over) {
    auto db = co_await with_table();
    std::optional<connection> kept;
    co_await db.transaction([&](connection& tx) -> async<> {
        kept.emplace(std::move(tx));
        co_await insert(*kept, 1);
    });
    EXPECT_FALSE(kept->is_open());
    const auto e = co_await expect_throws<sql::statement_error>(insert(*kept, 2));
    EXPECT_EQ(e.kind(), error_kind::rolled_back);
    kept.reset();
    EXPECT_EQ(co_await count(db), 1);
}

TORUS_IO_TEST(sqlite_transaction_closure, throws_what_the_commit_throws) {
    auto db = co_await sqlite::open(":memory:");
    co_await db.execute_script("create table p (id integer primary key);"
                               "create table t (p references p (id) deferrable initially deferred)");
    const auto e = co_await expect_throws<sql::constraint_violation>(
        db.transaction([](connection& tx) -> async<> { co_await insert(tx, 1); }));
    EXPECT_EQ(e.kind(), error_kind::foreign_key);
    EXPECT_EQ(co_await count(db), 0);
}

TORUS_IO_TEST(sqlite_transaction_closure, does_not_begin_while_another_connection_writes) {
    const scratch_folder folder;
    test_database holder(folder / "a.db");
    holder.run("create table t (a)");
    open_options options;
    options.busy_timeout = duration::zero();
    auto db = co_await sqlite::open(folder / "a.db", options);
    holder.begin(transaction_kind::immediate);
    bool ran = false;
    co_await expect_throws<sql::busy_error>(db.transaction([&](connection&) -> async<> {
        ran = true;
        co_return;
    }));
    EXPECT_FALSE(ran);
    EXPECT_EQ(co_await count(db), 0);
    holder.rollback();
    co_await db.transaction([&](connection& tx) -> async<> { co_await insert(tx, 1); });
    EXPECT_EQ(holder.one("select count(*) from t"), 1);
}

TORUS_IO_TEST(sqlite_transaction_closure, may_be_cancelled_while_it_waits_for_its_turn) {
    auto db = co_await with_table();
    event go_on;
    auto first = create_task([&]() -> async<> {
        co_await db.transaction([&](connection& tx) -> async<> {
            co_await insert(tx, 1);
            co_await go_on.wait();
        });
    });
    auto second = create_task(
        [&]() -> async<> { co_await db.transaction([&](connection& tx) -> async<> { co_await insert(tx, 2); }); });
    auto third = create_task(insert(db, 3));
    co_await let_others_run();
    second.cancel();
    co_await expect_throws<cancelled_error>(second);
    EXPECT_FALSE(third.done());
    go_on.set();
    co_await first;
    co_await third;
    EXPECT_EQ(co_await count(db), 2);
}

TORUS_IO_TEST(sqlite_transaction_closure, ends_with_its_connection) {
    const scratch_folder folder;
    auto db = std::make_unique<connection>(co_await sqlite::open(folder / "a.db"));
    co_await db->execute("create table t (a)");
    const auto e = co_await expect_throws<sql::statement_error>(db->transaction([&](connection& tx) -> async<> {
        co_await insert(tx, 1);
        db.reset();
        co_await insert(tx, 2);
    }));
    EXPECT_EQ(e.kind(), error_kind::closed);
    EXPECT_EQ(test_database(folder / "a.db").one("select count(*) from t"), 0);
}

TORUS_IO_TEST(sqlite_transaction_closure, is_waited_for_by_close) {
    const scratch_folder folder;
    auto db = co_await sqlite::open(folder / "a.db");
    co_await db.execute("create table t (a)");
    auto working = create_task([&]() -> async<> {
        co_await db.transaction([&](connection& tx) -> async<> {
            for (int i = 0; i < 10; ++i) co_await insert(tx, i);
        });
    });
    co_await let_others_run(2);
    co_await db.close();
    co_await working;
    EXPECT_EQ(test_database(folder / "a.db").one("select count(*) from t"), 10);
}

}  // namespace
}  // namespace torus::sqlite
