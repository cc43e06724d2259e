// tests/sqlite/row_stream_test.cpp: rows as they come.
#include <string>
#include <utility>

#include <torus/sqlite/connection.hpp>
#include <torus/testing/test.hpp>

#include "sqlite/scratch.hpp"

namespace torus::sqlite {
namespace {

using sql::error_kind;
using testing::expect_throws;
using testing::let_others_run;

TORUS_IO_TEST(sqlite_row_stream, gives_every_row_once) {
    auto db = co_await sqlite::open(":memory:");
    auto numbers = db.select(counting("1000"));
    std::int64_t expected = 0;
    while (auto row = co_await numbers.next()) EXPECT_EQ(row->get<std::int64_t>("i"), ++expected);
    EXPECT_EQ(expected, 1000);
    const auto after = co_await numbers.next();
    EXPECT_FALSE(after);
}

TORUS_IO_TEST(sqlite_row_stream, keeps_its_text_and_arguments) {
    auto db = co_await sqlite::open(":memory:");
    auto texts = [&] {
        const std::string text(100, 'x');
        return db.select(std::string("select ? union all select ?"), text, std::string("y"));
    }();
    const auto first = co_await texts.next();
    EXPECT_EQ(first->get<std::string>(0), std::string(100, 'x'));
    const auto second = co_await texts.next();
    EXPECT_EQ(second->get<std::string>(0), "y");
    EXPECT_EQ(first->get<std::string>(0), std::string(100, 'x'));
    const sql::parameters list(5);
    auto listed = db.select("select ?", list);
    const auto five = co_await listed.next();
    EXPECT_EQ(five->get<int>(0), 5);
}

TORUS_IO_TEST(sqlite_row_stream, leaves_the_connection_to_others_between_batches) {
    auto db = co_await sqlite::open(":memory:");
    co_await db.execute("create table t (a)");
    auto numbers = db.select(counting("1000"));
    std::int64_t sum = 0;
    while (auto row = co_await numbers.next()) {
        const auto done = co_await db.execute("insert into t values (?)", row->get<int>(0));
        sum += done.changes;
    }
    EXPECT_EQ(sum, 1000);
}

TORUS_IO_TEST(sqlite_row_stream, gives_others_their_turn_within_a_batch) {
    auto db = co_await sqlite::open(":memory:");
    auto numbers = db.select(counting("250"));
    co_await numbers.next();
    bool seen = false;
    auto other = create_task([&]() -> async<> {
        seen = true;
        co_return;
    });
    int rows = 1;
    while (auto row = co_await numbers.next())
        if (!seen) ++rows;
    EXPECT_LT(rows, 250);
    co_await other;
}

TORUS_IO_TEST(sqlite_row_stream, lets_go_of_its_snapshot_when_it_is_destroyed) {
    auto db = co_await sqlite::open(":memory:");
    co_await db.execute_script("create table t (a); insert into t " + counting("1000"));
    {
        auto rows = db.select("select a from t");
        co_await rows.next();
        co_await expect_throws<sql::busy_error>(db.execute("drop table t"));
    }
    co_await db.execute("drop table t");
}

TORUS_IO_TEST(sqlite_row_stream, throws_errors_where_they_happen) {
    auto db = co_await sqlite::open(":memory:");
    auto nowhere = db.select("select * from nowhere");
    co_await expect_throws<sql::statement_error>(nowhere.next());
    auto fails = db.select("select abs(-9223372036854775807 - column1) from (values (0), (1))");
    co_await expect_throws<sql::statement_error>(fails.next());
    const auto after = co_await expect_throws<sql::statement_error>(fails.next());
    EXPECT_EQ(after.kind(), error_kind::rolled_back);
}

TORUS_IO_TEST(sqlite_row_stream, ends_when_it_is_interrupted) {
    auto db = co_await sqlite::open(":memory:");
    auto nothing = db.select("select i from (" + counting() + ") where i < 0");
    auto reading = create_task([&]() -> async<> { co_await nothing.next(); });
    co_await let_others_run(50);
    reading.cancel();
    co_await expect_throws<cancelled_error>(reading);
    auto numbers = db.select("select 1");
    const auto row = co_await numbers.next();
    EXPECT_EQ(row->get<int>(0), 1);
}

TORUS_IO_TEST(sqlite_row_stream, loses_nothing_when_it_is_cancelled_before_its_turn) {
    auto db = co_await sqlite::open(":memory:");
    auto numbers = db.select(counting("300"));
    std::int64_t last = 0;
    for (int i = 0; i < 256; ++i) {
        const auto row = co_await numbers.next();
        last = row->get<std::int64_t>(0);
    }
    auto busy = create_task([&]() -> async<> { co_await db.query("select count(*) from (" + counting() + ")"); });
    co_await let_others_run();
    auto reading = create_task([&]() -> async<> { co_await numbers.next(); });
    co_await let_others_run();
    reading.cancel();
    co_await expect_throws<cancelled_error>(reading);
    busy.cancel();
    co_await expect_throws<cancelled_error>(busy);
    const auto row = co_await numbers.next();
    EXPECT_EQ(row->get<std::int64_t>(0), last + 1);
}

TORUS_IO_TEST(sqlite_row_stream, says_that_its_connection_is_closed) {
    auto db = co_await sqlite::open(":memory:");
    auto numbers = db.select(counting());
    co_await numbers.next();
    co_await db.close();
    for (int i = 1; i < 256; ++i) co_await numbers.next();
    const auto e = co_await expect_throws<sql::statement_error>(numbers.next());
    EXPECT_EQ(e.kind(), error_kind::closed);
}

TORUS_IO_TEST(sqlite_row_stream, belongs_to_its_transaction) {
    auto db = co_await sqlite::open(":memory:");
    std::optional<row_stream> kept;
    co_await db.transaction([&](connection& tx) -> async<> {
        co_await tx.execute_script("create table t (a); insert into t " + counting("1000"));
        kept.emplace(tx.select("select a from t"));
        co_await kept->next();
    });
    for (int i = 1; i < 256; ++i) co_await kept->next();
    const auto e = co_await expect_throws<sql::statement_error>(kept->next());
    EXPECT_EQ(e.kind(), error_kind::rolled_back);
    kept.reset();
    co_await db.execute("drop table t");
}

TORUS_IO_TEST(sqlite_row_stream, may_be_moved_and_outlive_its_connection) {
    std::optional<row_stream> kept;
    {
        auto db = co_await sqlite::open(":memory:");
        auto numbers = db.select(counting());
        co_await numbers.next();
        kept.emplace(std::move(numbers));
        const auto second = co_await kept->next();
        EXPECT_EQ(second->get<int>(0), 2);
    }
    kept.reset();
}

}  // namespace
}  // namespace torus::sqlite
